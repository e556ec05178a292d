"""Social choice strategies: each candidate's value is independent of earlier tracks.

Names and comparison: Masthoff, "Group Recommender Systems: Aggregation, Satisfaction and Group Attributes",
in Recommender Systems Handbook, 2015.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from recommender.arrays import Doubles
from recommender.groups import ranks


@dataclass(frozen=True)
class Average:
    """Mean over all users (Masthoff: "additive utilitarian")."""

    name: ClassVar[str] = "average"

    def values(self, expected: Doubles, enjoyed: Doubles) -> Doubles:
        """Return the mean over users."""
        del enjoyed
        return np.asarray(expected.mean(axis=0))


@dataclass(frozen=True)
class LeastMisery:
    """Minimum over all users."""

    name: ClassVar[str] = "least misery"

    def values(self, expected: Doubles, enjoyed: Doubles) -> Doubles:
        """Return the minimum over users."""
        del enjoyed
        return np.asarray(expected.min(axis=0))


@dataclass(frozen=True)
class MostPleasure:
    """Maximum over all users."""

    name: ClassVar[str] = "most pleasure"

    def values(self, expected: Doubles, enjoyed: Doubles) -> Doubles:
        """Return the maximum over users."""
        del enjoyed
        return np.asarray(expected.max(axis=0))


@dataclass(frozen=True)
class AverageWithoutMisery:
    """Mean over all users, with candidates that any user would dislike last.

    Misery is relative: an expectation below `share` of the user's mean over all candidates.
    """

    share: float = 0.5

    name: ClassVar[str] = "average without misery"

    def values(self, expected: Doubles, enjoyed: Doubles) -> Doubles:
        """Return the mean over users, minus one where any user is miserable."""
        del enjoyed
        suffers = expected < self.share * expected.mean(axis=1, keepdims=True)
        return np.asarray(expected.mean(axis=0) - suffers.any(axis=0))


@dataclass(frozen=True)
class Borda:
    """Sum of ranks from the bottom: de Borda, "Mémoire sur les élections au scrutin" (1781)."""

    name: ClassVar[str] = "Borda"

    def values(self, expected: Doubles, enjoyed: Doubles) -> Doubles:
        """Return the sum of ranks; ties share the lower rank."""
        del enjoyed
        return np.asarray((ranks(expected, "left") + 1.0).sum(axis=0))


@dataclass(frozen=True)
class Copeland:
    """Pairwise majority wins minus losses: Copeland, "A reasonable social welfare function" (1951)."""

    name: ClassVar[str] = "Copeland"

    def values(self, expected: Doubles, enjoyed: Doubles) -> Doubles:
        """Return wins minus losses; the mean breaks ties."""
        del enjoyed
        preferred = np.zeros((expected.shape[1], expected.shape[1]), dtype=np.int32)
        for person in expected:
            preferred += person[:, None] > person[None, :]
        duels = np.sign(preferred - preferred.T).sum(axis=1)
        return np.asarray(duels + 0.5 * expected.mean(axis=0))


@dataclass(frozen=True)
class Approval:
    """Number of approvals: Brams and Fishburn, "Approval voting" (1978).

    Each user approves of their own best tenth of the candidates.
    """

    share: float = 0.1

    name: ClassVar[str] = "approval"

    def values(self, expected: Doubles, enjoyed: Doubles) -> Doubles:
        """Return the number of users who approve; the mean breaks ties."""
        del enjoyed
        n = expected.shape[1]
        kth = max(1, round(self.share * n))
        line = np.partition(expected, n - kth, axis=1)[:, n - kth, None]
        return np.asarray((expected >= line).sum(axis=0) + 0.5 * expected.mean(axis=0))
