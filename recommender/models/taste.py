"""Recommendation model on the Gaussian model of taste (`recommender.models.gaussian`)."""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from scipy.sparse import csr_matrix

from recommender.arrays import Floats
from recommender.models.base import Model, listeners
from recommender.models.gaussian import Prior, expected, learned
from recommender.models.tuning import Grid, Settings
from recommender.models.weights import Kind, Weighting


@dataclass(frozen=True, eq=False)
class GaussianTaste(Model):
    """Posterior mean of a user's taste; sources in `recommender.models.gaussian`.

    A missing item says little about a user with few known items and more about one with many: with k
    known items all others count as values of 0 with weight `absences` * k, at most 1.
    """

    name: ClassVar[str] = "gaussian"
    grid: ClassVar[Grid] = {
        "factors": (5, 10, 20, 40, 70, 110, 160, 220),
        "damping": (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8),
        "absences": (0.0, 0.001, 0.002, 0.005, 0.01, 0.03, 0.1),
    }
    start: ClassVar[Settings] = {"factors": 110, "damping": 0.4, "absences": 0.005}

    prior: Prior
    absences: float

    @classmethod
    def train(
        cls,
        user_items: csr_matrix,
        item_tags: csr_matrix | None = None,
        *,
        seed: int = 0,
        kind: Kind = "relative",
        power: float = 1.0,
        factors: int = 110,
        damping: float = 0.4,
        absences: float = 0.005,
    ) -> Self:
        """Learn the users' mean and covariance; `seed` starts Lanczos for large matrices."""
        del item_tags
        weighting, rows = Weighting.learned(user_items, kind, power)
        prior = learned(rows, factors=factors, damping=damping, seed=seed)
        return cls(listeners(rows), weighting, prior, absences)

    def weighted_scores(self, known: csr_matrix) -> Floats:
        """Return the expected values."""
        absences = np.minimum(1, self.absences * np.diff(known.indptr))
        tastes = expected(self.prior, known, absences=absences)
        return np.asarray(self.prior.mean + tastes @ self.prior.loadings.T)
