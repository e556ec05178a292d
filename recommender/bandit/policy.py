"""Policies: choose which candidates fill the positions of a slate.

A policy sees one row of features per candidate, most informative column first, and nothing else. It returns
each row's probability for the next position; every position is drawn afresh, and the drawn row's probability
is logged as the *propensity* that off-policy estimators divide by. Policies learn through the first column
only: the fused score, or, if the policy `learns`, the reward expected by
`recommender.user_model.reward_model`.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Floats, Rows

Propensities = NDArray[np.float64]


class Would(NamedTuple):
    """A policy's counterfactual at a position another policy filled."""

    odds: float  # probability of choosing the same row
    value: float  # its expected reward there


class Policy(ABC):
    """Chooses among candidates."""

    name: ClassVar[str]
    learns: ClassVar[bool] = False  # whether the first feature is the expected reward

    @abstractmethod
    def odds(self, features: Floats, groups: Rows | None = None, *, careful: bool = False) -> Propensities:
        """Return each row's probability for the next position; `features` has at least one row.

        `groups`: rows with the same number are one track with several explanations; None: one row per
        track. `careful`: do not experiment here.
        """

    def choose(
        self,
        features: Floats,
        n: int,
        rng: np.random.Generator,
        *,
        groups: Rows | None = None,
        careful: bool = False,
    ) -> tuple[Rows, Propensities]:
        """Return at most `n` different rows of `features` (candidates x features) and their propensities.

        `propensities[k]` is the probability of `rows[k]` at position k given the rows before it.
        `groups`: at most one row per number is chosen (a track with several explanations). `careful`:
        do not experiment at the first position.
        """
        groups = np.arange(len(features)) if groups is None else groups
        left = np.arange(len(features))
        rows: list[int] = []
        propensities: list[float] = []
        while len(left) and len(rows) < n:
            odds = self.odds(features[left], groups[left], careful=careful and not rows)
            drawn = int(np.searchsorted(np.cumsum(odds), rng.random() * odds.sum(), side="right"))
            rows.append(int(left[drawn]))
            propensities.append(float(odds[drawn]))
            left = left[groups[left] != groups[rows[-1]]]
        return np.array(rows, dtype=np.intp), np.array(propensities, dtype=np.float64)

    def tuned(self, adventurous: float) -> "Policy":
        """Return the policy with its exploration scaled by `adventurous`."""
        del adventurous
        return self

    def would(
        self, features: Floats, values: Floats, rows: Rows, *, groups: Rows, careful: bool = False
    ) -> list[Would]:
        """Return the counterfactuals at each position that another policy filled with `rows`.

        `values`: each row's expected reward, whatever this policy's own criterion is.
        """
        left, found = np.arange(len(features)), []
        for place, row in enumerate(rows.tolist()):
            odds = self.odds(features, groups, careful=careful and not place)
            at = int(left.searchsorted(row))
            found.append(Would(float(odds[at]), float(odds @ values)))
            if len(found) < len(rows):
                kept = (groups != groups[at]).nonzero()[0]
                left, features, groups, values = left[kept], features[kept], groups[kept], values[kept]
        return found


@dataclass(frozen=True)
class Greedy(Policy):
    """Always the highest fused score; random only between ties. The baseline to beat."""

    name: ClassVar[str] = "greedy"

    def odds(self, features: Floats, groups: Rows | None = None, *, careful: bool = False) -> Propensities:
        """Return 1 for the best row, divided among ties."""
        del groups, careful
        best = features[:, 0] == features[:, 0].max()
        return np.asarray(best / best.sum(), dtype=np.float64)


@dataclass(frozen=True)
class Uniform(Policy):
    """Uniform over candidates: collects an unbiased log."""

    name: ClassVar[str] = "uniform"

    def odds(self, features: Floats, groups: Rows | None = None, *, careful: bool = False) -> Propensities:
        """Return the same probability for every row."""
        del groups, careful
        return np.full(len(features), 1 / len(features))


@dataclass(frozen=True)
class Bandit(Policy):
    """Highest expected reward, with occasional experiments among the best tracks.

    Every position draws afresh: with probability `explore` uniformly one of the `among` best remaining
    tracks, then uniformly one of its explanations; otherwise the best row. So a row of one of the m best
    tracks, with r explanations, has propensity explore / (m r), plus 1 - explore if it is the best,
    exactly. Larger experiments (upper confidence bounds, Thompson sampling) cost likes on listening data
    and gained none; these serve off-policy evaluation.
    """

    name: ClassVar[str] = "bandit"
    learns: ClassVar[bool] = True

    explore: float = 0.1
    among: int = 5

    def tuned(self, adventurous: float) -> Policy:
        """Return the bandit with `adventurous` times as many experiments."""
        return replace(self, explore=self.explore * adventurous)

    def odds(self, features: Floats, groups: Rows | None = None, *, careful: bool = False) -> Propensities:
        """Return the propensities; the first row wins ties."""
        explore, odds = 0.0 if careful else self.explore, np.zeros(len(features))
        if not explore:
            odds[features[:, 0].argmax()] = 1.0
            return odds
        groups = np.arange(len(features)) if groups is None else groups
        reasons = np.bincount(groups)
        best = _best(features[:, 0], self.among * int(reasons.max()))
        songs = list(dict.fromkeys(groups[best].tolist()))[: self.among]
        share = np.zeros(len(reasons))
        share[songs] = explore / len(songs) / reasons[songs]
        odds = share[groups]
        odds[best[0]] += 1 - explore
        return odds


def _best(values: Floats, n: int) -> Rows:
    """Return the `n` largest rows and ties of the last, best first; the first row wins ties."""
    if len(values) <= n:
        return np.argsort(-values, kind="stable")
    large = np.flatnonzero(values >= np.partition(values, len(values) - n)[len(values) - n])
    return large[np.argsort(-values[large], kind="stable")]


@dataclass(frozen=True)
class Certain(Bandit):
    """Highest expected reward without experiments: the bandit in the limit of enough data."""

    name: ClassVar[str] = "certain"

    explore: float = 0.0


POLICIES: dict[str, Policy] = {policy.name: policy for policy in (Greedy(), Uniform(), Bandit(), Certain())}
