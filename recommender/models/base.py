"""Base class of the models: matrices in, ranked lists out, in three lines.

model = Ease.fit(user_items, seed=0)
items, scores = model.recommend(known, n=100)
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Self, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommender.arrays import Floats, Ints
from recommender.linalg import positive
from recommender.linalg.dense import one_thread
from recommender.metrics.ranked_lists import recommended
from recommender.models.tuning import Grid, Settings, fitted
from recommender.models.weights import KINDS, Weighting

T = TypeVar("T", bound=np.generic)

_SCORES_AT_ONCE = 1 << 23  # 32 MB of float32
_PERSONS_AT_ONCE = 256


class Listing(ABC):
    """A ranking of items for users."""

    @property
    @abstractmethod
    def n_items(self) -> int:
        """The number of items I."""

    @abstractmethod
    def scores(self, known: csr_matrix) -> Floats:
        """Return users x I float32, higher is better, NaN for items that must not be listed."""

    def recommend(self, known: csr_matrix, n: int = 100) -> tuple[Ints, Floats]:
        """Return items int32 and scores float32, users x n, best first, without known items.

        `known` is users x I: each user's items. A list that ends early is filled with item -1 and
        score NaN.
        """
        return recommended(self, csr_matrix(known), n)

    def history(self, known: csr_matrix) -> csr_matrix:
        """Return the positive entries of `known`; ValueError if its columns are not the model's items."""
        if known.shape[1] != self.n_items:
            raise ValueError(f"The people have {known.shape[1]} columns, the model has {self.n_items} items.")
        return positive(csr_matrix(known))


@dataclass(frozen=True, eq=False)
class Model(Listing):
    """A trained model; an instance is always trained.

    Subclasses are frozen dataclasses, which inherit these fields and implement `train`.
    """

    name: ClassVar[str]
    grid: ClassVar[Grid]
    start: ClassVar[Settings]  # where the search starts; settings outside the grid stay fixed
    most_exams: ClassVar[int] = 5  # maximum number of exams in `fit`, each with one training

    # Play weights are searched before the other settings.
    weighing: ClassVar[Grid] = {"kind": KINDS, "power": (0.5, 1.0, 1.5)}

    popularity: Floats  # I: number of training users per item
    weighting: Weighting
    tuned: Settings = field(default_factory=dict, kw_only=True)  # the settings `fit` chose

    @classmethod
    @abstractmethod
    def train(cls, user_items: csr_matrix, item_tags: csr_matrix | None = None, *, seed: int) -> Self:
        """Train with given settings, passed as further keywords. Use `fit` to tune them."""

    @abstractmethod
    def weighted_scores(self, known: csr_matrix) -> Floats:
        """Return users x I float32 from weights after `weighting`; no row is empty."""

    @classmethod
    def fit(cls, user_items: csr_matrix, item_tags: csr_matrix | None = None, *, seed: int) -> Self:
        """Tune the settings on a share of the users, then train on all of them.

        `user_items`: users x I, play counts or weights; only positive entries count. `item_tags`: I x
        T counts or weights. The same seed gives the same numbers with any number of threads.
        """
        return fitted(cls, user_items, item_tags, seed=seed)

    @property
    def n_items(self) -> int:
        """The number of items I."""
        return len(self.popularity)

    def scores(self, known: csr_matrix) -> Floats:
        """Return users x I float32, higher is better, NaN for items the model has no data on.

        `known` is users x I: each user's items; the users need not be in the training data. Users
        without any item of the model get the items' popularity. Known items are scored like all
        others.
        """
        history = self.history(known)
        history.data[~self.has_opinion[history.indices]] = 0
        history.eliminate_zeros()
        answer = np.tile(self.popularity, (known.shape[0], 1))
        told = np.flatnonzero(np.diff(history.indptr))
        with one_thread():
            for some in blocks(len(told), self.n_items):
                rows = told[some]
                answer[rows] = self.weighted_scores(self.weighting.of(history[rows]))
        answer[:, ~self.has_opinion] = np.nan
        return answer

    @property
    def has_opinion(self) -> NDArray[np.bool_]:
        """I: whether the model has data on the item."""
        return self.popularity > 0


def blocks(n_persons: int, n_items: int) -> Iterator[slice]:
    """Yield slices of users whose scores fit in memory."""
    step = max(1, min(_PERSONS_AT_ONCE, _SCORES_AT_ONCE // max(n_items, 1)))
    return (slice(start, min(start + step, n_persons)) for start in range(0, n_persons, step))


def listeners(user_items: csr_matrix) -> Floats:
    """Return the number of rows per column, float32; `user_items` has positive entries only."""
    return np.bincount(user_items.indices, minlength=user_items.shape[1]).astype(np.float32)


def spread(values: NDArray[T], columns: Ints, n_items: int, *, fill: float) -> NDArray[T]:
    """Return `values` with the last axis scattered to `columns` out of `n_items`, `fill` elsewhere."""
    if len(columns) == n_items:
        return values
    answer = np.full((*values.shape[:-1], n_items), fill, dtype=values.dtype)
    answer[..., columns] = values
    return answer
