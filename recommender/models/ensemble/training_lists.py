"""Training lists of the stacker: one user's candidates, some of them relevant."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Doubles, Floats, Ints
from recommender.models.ensemble.features import CandidateFeatures


class TrainingList(NamedTuple):
    """One user's candidates with their relevance."""

    features: Floats  # n x F: of candidates
    wanted: NDArray[np.bool_]  # n: at least one, and at least one not
    n_known: int

    @classmethod
    def of(
        cls, each: CandidateFeatures, wanted: Ints, *, n_others: int, rng: np.random.Generator
    ) -> "TrainingList | None":
        """Return a list with a sample of `n_others` negatives; None without positives or negatives."""
        found = np.isin(each.items, wanted)
        others = np.flatnonzero(~found)
        if not found.any() or not len(others):
            return None
        kept = np.concatenate([np.flatnonzero(found), rng.permutation(others)[:n_others]])
        return cls(each.features[kept], found[kept], each.n_known)


@dataclass(frozen=True, eq=False)
class TrainingLists:
    """Training lists stacked: n rows in all."""

    features: Floats  # n x F
    share: Floats  # n: 1 / number of relevant items in the list at relevant items, else 0
    n_known: NDArray[np.int64]  # n
    starts: NDArray[np.int64]  # first row of each list
    lengths: NDArray[np.int64]  # rows of each list

    @classmethod
    def of(cls, lists: Sequence[TrainingList]) -> "TrainingLists":
        """Stack lists; ValueError without any."""
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
        """Return some of the lists, and their rows here."""
        lengths = self.lengths[which]
        starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        rows = np.repeat(self.starts[which] - starts, lengths) + np.arange(lengths.sum())
        return rows, TrainingLists(self.features[rows], self.share[rows], self.n_known[rows], starts, lengths)

    def loss(self, values: Doubles) -> tuple[float, Floats]:
        """Return the mean negative log-likelihood over lists, and its gradient by the values, n."""
        highest = np.maximum.reduceat(values, self.starts)
        powers = np.exp(values - np.repeat(highest, self.lengths))
        totals = np.add.reduceat(powers, self.starts)
        n = len(self.lengths)
        likelihood = float(self.share @ values - np.sum(highest + np.log(totals)))
        return -likelihood / n, ((powers / np.repeat(totals, self.lengths) - self.share) / n).astype(
            np.float32
        )
