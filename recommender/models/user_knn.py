"""User-based nearest neighbours: items of the most similar users.

Source: Herlocker, Konstan, Borchers and Riedl, "An algorithmic framework for performing collaborative
filtering", SIGIR 1999; items damped by popularity ("inverse user frequency", Breese, Heckerman and Kadie, UAI
1998).
"""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from scipy.sparse import csr_matrix

from recommender.arrays import Floats
from recommender.models.base import Model, listeners
from recommender.models.tags import scaled_columns, unit_rows
from recommender.models.tuning import Grid, Settings
from recommender.models.weights import Kind, Weighting


@dataclass(frozen=True, eq=False)
class UserKNN(Model):
    """Cosine-weighted sum of the `k` most similar users' weights."""

    name: ClassVar[str] = "user-knn"
    grid: ClassVar[Grid] = {"k": (10, 20, 40, 80, 160, 320), "damping": (0.0, 0.25, 0.5, 0.75, 1.0)}
    start: ClassVar[Settings] = {"k": 40, "damping": 0.75}

    people: csr_matrix  # n x I
    places: csr_matrix  # n x I: damped, rows of length 1
    damping: Floats  # I: factor per item
    k: int

    @classmethod
    def train(
        cls,
        user_items: csr_matrix,
        item_tags: csr_matrix | None = None,
        *,
        seed: int = 0,
        kind: Kind = "relative",
        power: float = 1.0,
        k: int = 40,
        damping: float = 0.75,
    ) -> Self:
        """Store all users; deterministic."""
        del item_tags, seed
        weighting, people = Weighting.learned(user_items, kind, power)
        popularity = listeners(people)
        damped = ((popularity + 10) ** (-damping / 2)).astype(np.float32)
        return cls(popularity, weighting, people, unit_rows(scaled_columns(people, damped)), damped, k)

    def weighted_scores(self, known: csr_matrix) -> Floats:
        """Return the weighted sums over the nearest users."""
        cosines = np.asarray((unit_rows(scaled_columns(known, self.damping)) @ self.places.T).todense())
        k = min(self.k, cosines.shape[1])
        least = np.partition(cosines, cosines.shape[1] - k, axis=1)[:, -k, None]
        near = csr_matrix(np.where(cosines >= least, cosines, 0))
        return np.asarray((near @ self.people).todense(), dtype=np.float32)
