"""What a combination learns from: lists of candidates of which some were wanted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Doubles, Floats, Ints
from recommender.models.ensemble.features import CandidateFeatures


class TrainingList(NamedTuple):
    """What one person teaches."""

    features: Floats  # n x F: of candidates
    wanted: NDArray[np.bool_]  # n: at least one, at least one not
    n_known: int

    @classmethod
    def of(
        cls, each: CandidateFeatures, wanted: Ints, *, n_others: int, rng: np.random.Generator
    ) -> "TrainingList | None":
        """Return the one with some of the candidates that were not wanted; None where there is none."""
        found = np.isin(each.items, wanted)
        others = np.flatnonzero(~found)
        if not found.any() or not len(others):
            return None
        kept = np.concatenate([np.flatnonzero(found), rng.permutation(others)[:n_others]])
        return cls(each.features[kept], found[kept], each.n_known)


@dataclass(frozen=True, eq=False)
class TrainingLists:
    """Lessons one below the other: n rows in all."""

    features: Floats  # n x F
    share: Floats  # n: 1 / how many are wanted in the list, where wanted, else 0
    n_known: NDArray[np.int64]  # n
    starts: NDArray[np.int64]  # of each list
    lengths: NDArray[np.int64]  # of each list

    @classmethod
    def of(cls, lists: Sequence[TrainingList]) -> "TrainingLists":
        """Stack lists; ValueError where there is none."""
        lengths = np.array([len(one.wanted) for one in lists], dtype=np.int64)
        known = np.array([one.n_known for one in lists], dtype=np.int64)
        return cls(
            np.concatenate([one.features for one in lists]),
            np.concatenate([one.wanted / np.float32(one.wanted.sum()) for one in lists]),
            np.repeat(known, lengths),
            np.concatenate([[0], np.cumsum(lengths)[:-1]]),
            lengths,
        )

    def some(self, which: NDArray[np.int64]) -> tuple[NDArray[np.int64], "TrainingLists"]:
        """Return some of the lists, and the rows in which they stand here."""
        lengths = self.lengths[which]
        starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        rows = np.repeat(self.starts[which] - starts, lengths) + np.arange(lengths.sum())
        return rows, TrainingLists(self.features[rows], self.share[rows], self.n_known[rows], starts, lengths)

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
