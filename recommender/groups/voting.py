"""Strategies of social choice: each candidate is valued by itself, whatever was played before.

Masthoff, "Group Recommender Systems: Aggregation, Satisfaction and Group Attributes" (in Recommender Systems
Handbook, 2015) collects and compares them; the names are hers.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.stats import rankdata

from recommender.arrays import Doubles


@dataclass(frozen=True)
class Average:
    """The mean of all: Masthoff's "additive utilitarian"."""

    name: ClassVar[str] = "average"

    def values(self, expected: Doubles, enjoyed: Doubles) -> Doubles:
        """Return the mean over the people."""
        del enjoyed
        return np.asarray(expected.mean(axis=0))


@dataclass(frozen=True)
class LeastMisery:
    """As good as it is for whom it is worst."""

    name: ClassVar[str] = "least misery"

    def values(self, expected: Doubles, enjoyed: Doubles) -> Doubles:
        """Return the minimum over the people."""
        del enjoyed
        return np.asarray(expected.min(axis=0))


@dataclass(frozen=True)
class MostPleasure:
    """As good as it is for whom it is best."""

    name: ClassVar[str] = "most pleasure"

    def values(self, expected: Doubles, enjoyed: Doubles) -> Doubles:
        """Return the maximum over the people."""
        del enjoyed
        return np.asarray(expected.max(axis=0))


@dataclass(frozen=True)
class AverageWithoutMisery:
    """The mean, behind everything else where it is misery for somebody.

    Misery is relative: to expect of a song less than `share` of what the person expects on average of all.
    """

    share: float = 0.5

    name: ClassVar[str] = "average without misery"

    def values(self, expected: Doubles, enjoyed: Doubles) -> Doubles:
        """Return the mean, less one where somebody would suffer."""
        del enjoyed
        suffers = expected < self.share * expected.mean(axis=1, keepdims=True)
        return np.asarray(expected.mean(axis=0) - suffers.any(axis=0))


@dataclass(frozen=True)
class Borda:
    """The sum of places from below: de Borda, "Mémoire sur les élections au scrutin" (1781)."""

    name: ClassVar[str] = "Borda"

    def values(self, expected: Doubles, enjoyed: Doubles) -> Doubles:
        """Return the sum of ranks; equals share the lower one."""
        del enjoyed
        return np.asarray(rankdata(expected, method="min", axis=1).sum(axis=0), dtype=np.float64)


@dataclass(frozen=True)
class Copeland:
    """Duels won less duels lost, by majority: Copeland, "A reasonable social welfare function" (1951)."""

    name: ClassVar[str] = "Copeland"

    def values(self, expected: Doubles, enjoyed: Doubles) -> Doubles:
        """Return wins less losses; between equals the mean decides."""
        del enjoyed
        preferred = np.zeros((expected.shape[1], expected.shape[1]), dtype=np.int32)
        for person in expected:
            preferred += person[:, None] > person[None, :]
        duels = np.sign(preferred - preferred.T).sum(axis=1)
        return np.asarray(duels + 0.5 * expected.mean(axis=0))


@dataclass(frozen=True)
class Approval:
    """How many approve: Brams and Fishburn, "Approval voting" (1978).

    Everybody approves of the best tenth of the candidates, in their own eyes.
    """

    share: float = 0.1

    name: ClassVar[str] = "approval"

    def values(self, expected: Doubles, enjoyed: Doubles) -> Doubles:
        """Return the number of people who approve; between equals the mean decides."""
        del enjoyed
        n = expected.shape[1]
        kth = max(1, round(self.share * n))
        line = np.partition(expected, n - kth, axis=1)[:, n - kth, None]
        return np.asarray((expected >= line).sum(axis=0) + 0.5 * expected.mean(axis=0))
