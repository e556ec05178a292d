"""What a combination learns from: lists of candidates of which some were wanted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Doubles, Floats, Ints
from recommender.models.ensemble.features import Candidates


class Lesson(NamedTuple):
    """What one person teaches."""

    features: Floats  # n x F: of candidates
    wanted: NDArray[np.bool_]  # n: at least one, at least one not
    n_known: int

    @classmethod
    def of(
        cls, each: Candidates, wanted: Ints, *, n_others: int, rng: np.random.Generator
    ) -> "Lesson | None":
        """Return the lesson with some of the candidates that were not wanted; None where there is none."""
        found = np.isin(each.items, wanted)
        others = np.flatnonzero(~found)
        if not found.any() or not len(others):
            return None
        kept = np.concatenate([np.flatnonzero(found), rng.permutation(others)[:n_others]])
        return cls(each.features[kept], found[kept], each.n_known)


@dataclass(frozen=True, eq=False)
class Lists:
    """Lessons one below the other: n rows in all."""

    features: Floats  # n x F
    share: Floats  # n: 1 / how many are wanted in the list, where wanted, else 0
    n_known: NDArray[np.int64]  # n
    starts: NDArray[np.int64]  # of each list
    lengths: NDArray[np.int64]  # of each list

    @classmethod
    def of(cls, lessons: Sequence[Lesson]) -> "Lists":
        """Stack lessons; ValueError where there is none."""
        lengths = np.array([len(lesson.wanted) for lesson in lessons], dtype=np.int64)
        known = np.array([lesson.n_known for lesson in lessons], dtype=np.int64)
        return cls(
            np.concatenate([lesson.features for lesson in lessons]),
            np.concatenate([lesson.wanted / np.float32(lesson.wanted.sum()) for lesson in lessons]),
            np.repeat(known, lengths),
            np.concatenate([[0], np.cumsum(lengths)[:-1]]),
            lengths,
        )

    def some(self, which: NDArray[np.int64]) -> tuple[NDArray[np.int64], "Lists"]:
        """Return some of the lists, and the rows in which they stand here."""
        lengths = self.lengths[which]
        starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        rows = np.repeat(self.starts[which] - starts, lengths) + np.arange(lengths.sum())
        return rows, Lists(self.features[rows], self.share[rows], self.n_known[rows], starts, lengths)

    def loss(self, values: Doubles) -> tuple[float, Floats]:
        """Return the mean negative log-likelihood over lists, and its slope by the values, n."""
        highest = np.maximum.reduceat(values, self.starts)
        powers = np.exp(values - np.repeat(highest, self.lengths))
        totals = np.add.reduceat(powers, self.starts)
        n = len(self.lengths)
        likelihood = float(self.share @ values - np.sum(highest + np.log(totals)))
        return -likelihood / n, ((powers / np.repeat(totals, self.lengths) - self.share) / n).astype(
            np.float32
        )
