"""Off-the-shelf baselines for the product's models to beat."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from scipy.sparse import csr_matrix

from recommender.arrays import Floats
from recommender.linalg import one_thread
from recommender.metrics.ranked_lists import ScoreRanker

Settings = Mapping[str, Any]

_THREADS = 2
# Weights of play counts, which are heavy-tailed.
_WEIGHTS: dict[str, Callable[[Floats], Floats]] = {"raw": lambda weights: weights, "log": np.log1p}


@dataclass(frozen=True, eq=False)
class MostPopular(ScoreRanker):
    """Popularity: the number of training users per item, the same for every user."""

    listeners: Floats

    @classmethod
    def fit(cls, user_items: csr_matrix, item_tags: csr_matrix | None = None, *, seed: int) -> Self:
        """Count users; deterministic."""
        del item_tags, seed
        return cls(np.bincount(user_items.indices, minlength=user_items.shape[1]).astype(np.float32))

    def scores(self, known: csr_matrix) -> Floats:
        """Return the counts for each user."""
        return np.tile(self.listeners, (known.shape[0], 1))


@dataclass(frozen=True, eq=False)
class Factors(ScoreRanker):
    """Item factors; each user's factors are solved for from the known items."""

    model: AlternatingLeastSquares
    weight: str

    def scores(self, known: csr_matrix) -> Floats:
        """Return the predicted preferences."""
        with one_thread():
            users = self.model.recalculate_user(np.arange(known.shape[0]), _weighted(known, self.weight))
            return np.asarray(users @ self.model.item_factors.T, dtype=np.float32)


@dataclass(frozen=True)
class ImplicitALS:
    """Weighted matrix factorisation by `implicit` (Hu, Koren and Volinsky, ICDM 2008).

    `settings`: implicit's parameters, and `weight`, "raw" or "log"; empty for implicit's defaults.
    """

    settings: Settings = field(default_factory=dict)

    def fit(self, user_items: csr_matrix, item_tags: csr_matrix | None = None, *, seed: int) -> Factors:
        """Train with the settings."""
        del item_tags
        chosen = dict(self.settings)
        weight = chosen.pop("weight", "raw")
        with one_thread():
            model = AlternatingLeastSquares(random_state=seed, num_threads=_THREADS, **chosen)
            model.fit(_weighted(user_items, weight), show_progress=False)
        return Factors(model, weight)


def _weighted(user_items: csr_matrix, weight: str) -> csr_matrix:
    place = (_WEIGHTS[weight](user_items.data), user_items.indices, user_items.indptr)
    return csr_matrix(place, shape=user_items.shape, dtype=np.float32)
