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
    """Ranks items for people."""

    @property
    @abstractmethod
    def n_items(self) -> int: ...

    @abstractmethod
    def scores(self, known: csr_matrix) -> Floats:
        """Return persons x I float32, higher is better, NaN for what is not to be listed."""

    def recommend(self, known: csr_matrix, n: int = 100) -> tuple[Ints, Floats]:
        """Return items int32 and scores float32, persons x n, best first, without what is known.

        `known` is persons x I: what each of them has.  A list that ends early is filled with the item -1 and
        the score NaN.
        """
        return recommended(self, csr_matrix(known), n)

    def history(self, known: csr_matrix) -> csr_matrix:
        """Return what is above zero of `known`; ValueError where its columns are not the model's items."""
        if known.shape[1] != self.n_items:
            raise ValueError(f"The people have {known.shape[1]} columns, the model has {self.n_items} items.")
        return positive(csr_matrix(known))


@dataclass(frozen=True, eq=False)
class Model(Listing):
    """A trained model of which people take which items.  Being an instance is being trained.

    Subclasses are frozen dataclasses, which have these fields too, and say in `train` what they learn.
    """

    name: ClassVar[str]
    grid: ClassVar[Grid]
    start: ClassVar[Settings]  # where the search begins; settings that are not in the grid stay
    most_exams: ClassVar[int] = 5  # the parts of the people that `fit` asks about, training once for each

    # How plays are weighed is searched before the rest.
    weighing: ClassVar[Grid] = {"kind": KINDS, "power": (0.5, 1.0, 1.5)}

    popularity: Floats  # I: how many people of the training data have the item
    weighting: Weighting
    tuned: Settings = field(default_factory=dict, kw_only=True)  # what `fit` chose

    @classmethod
    @abstractmethod
    def train(cls, user_items: csr_matrix, item_tags: csr_matrix | None = None, *, seed: int) -> Self:
        """Learn with given settings, which are further keywords.  Use `fit` to have them chosen."""

    @abstractmethod
    def weighted_scores(self, known: csr_matrix) -> Floats:
        """Return persons x I float32 from weights that have been through `weighting`; no row is empty."""

    @classmethod
    def fit(cls, user_items: csr_matrix, item_tags: csr_matrix | None = None, *, seed: int) -> Self:
        """Return the model for these data, its settings chosen on a share of the people.

        `user_items`: users x I, how often or how strongly; only what is above zero counts.
        `item_tags`: I x T counts or weights.  The same seed gives the same numbers on any number of threads.
        """
        return fitted(cls, user_items, item_tags, seed=seed)

    @property
    def n_items(self) -> int:
        return len(self.popularity)

    def scores(self, known: csr_matrix) -> Floats:
        """Return persons x I float32, higher is better, NaN where nothing is known of the item.

        `known` is persons x I: what each of them has.  They need not be in the training data.  Who has
        nothing that the model knows gets the popularity of each item.  What is known is scored like all else.
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
        """I: whether the model has met the item."""
        return self.popularity > 0


def blocks(n_persons: int, n_items: int) -> Iterator[slice]:
    """Yield slices of persons whose scores fit in memory."""
    step = max(1, min(_PERSONS_AT_ONCE, _SCORES_AT_ONCE // max(n_items, 1)))
    return (slice(start, min(start + step, n_persons)) for start in range(0, n_persons, step))


def listeners(user_items: csr_matrix) -> Floats:
    """Return how many rows have each column, float32; `user_items` holds nothing but what is above zero."""
    return np.bincount(user_items.indices, minlength=user_items.shape[1]).astype(np.float32)


def spread(values: NDArray[T], columns: Ints, n_items: int, *, fill: float) -> NDArray[T]:
    """Return the last axis of `values` put in its `columns` of `n_items`, `fill` elsewhere."""
    if len(columns) == n_items:
        return values
    answer = np.full((*values.shape[:-1], n_items), fill, dtype=values.dtype)
    answer[..., columns] = values
    return answer
