"""Policies: which candidates get the places of a slate.

A policy sees one row of features per candidate, best-informed first column, and nothing else.  It gives the
probability of each row to get the next place; every place draws afresh from that, and the probability of
what was drawn is logged: the *propensity* that off-policy estimators divide by.  What a policy learns, it
learns through the first column: the fused score, or, if it `learns`, the reward that
`recommender.user_model.reward_model` expects.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Floats, Rows

Propensities = NDArray[np.float64]


class Would(NamedTuple):
    """What a policy would have done in the place that another has filled."""

    odds: float  # the probability that it chooses the same row
    value: float  # what it is expected to earn there


class Policy(ABC):
    """Chooses among candidates."""

    name: ClassVar[str]
    learns: ClassVar[bool] = False  # whether the first feature is to be the expected reward

    @abstractmethod
    def odds(self, features: Floats, groups: Rows | None = None, *, careful: bool = False) -> Propensities:
        """Return for each row of `features` (at least one) the probability that it gets the next place.

        `groups`: rows with the same number are one song with several reasons; None: each row is a song.
        `careful`: this is no place for an experiment.
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
        """Return at most `n` different rows of `features` (candidates x features), and a propensity for each.

        `propensities[k]` is the probability of `rows[k]` in place k given the rows before it.
        `groups`: of rows with the same number only one may be chosen (one song with several reasons).
        `careful`: the first place is no place for an experiment.
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
        """Return the policy for somebody who wants it so many times as adventurous."""
        del adventurous
        return self

    def would(
        self, features: Floats, values: Floats, rows: Rows, *, groups: Rows, careful: bool = False
    ) -> list[Would]:
        """Return what it would have done in each place in which another policy has chosen `rows`.

        `values`: what each row is expected to earn, whatever it goes by itself.
        """
        left = np.arange(len(features))
        found = []
        for place, row in enumerate(rows.tolist()):
            odds = self.odds(features[left], groups[left], careful=careful and not place)
            same = float(odds[np.flatnonzero(left == row)[0]])
            found.append(Would(same, float(odds @ values[left])))
            left = left[groups[left] != groups[row]]
        return found


@dataclass(frozen=True)
class Greedy(Policy):
    """The highest fused score, always; only equals are drawn.  The baseline to beat."""

    name: ClassVar[str] = "greedy"

    def odds(self, features: Floats, groups: Rows | None = None, *, careful: bool = False) -> Propensities:
        """Return 1 for the best row, shared by equals."""
        del groups, careful
        best = features[:, 0] == features[:, 0].max()
        return np.asarray(best / best.sum(), dtype=np.float64)


@dataclass(frozen=True)
class Uniform(Policy):
    """Any candidate, all alike: what an unbiased log is collected with."""

    name: ClassVar[str] = "uniform"

    def odds(self, features: Floats, groups: Rows | None = None, *, careful: bool = False) -> Propensities:
        """Return the same for every row."""
        del groups, careful
        return np.full(len(features), 1 / len(features))


@dataclass(frozen=True)
class Bandit(Policy):
    """The highest expected reward, and now and then an experiment among the best.

    Every place draws afresh: with probability `explore` one of the `among` best songs that are left, all
    alike, with one of its reasons, all alike; else the best row.  So a row of one of the m best songs, which
    has r reasons, has propensity explore / (m r), and 1 - explore more if it is the best, exactly.  Larger
    experiments (upper confidence bounds, Thompson sampling) cost likes on listening data and won none; these
    are for knowing what other policies would have earned.
    """

    name: ClassVar[str] = "bandit"
    learns: ClassVar[bool] = True

    explore: float = 0.1
    among: int = 5

    def tuned(self, adventurous: float) -> Policy:
        """Return the bandit with so many times as many experiments."""
        return replace(self, explore=self.explore * adventurous)

    def odds(self, features: Floats, groups: Rows | None = None, *, careful: bool = False) -> Propensities:
        """Return the probabilities said above; of equals the first row is the best."""
        explore = 0.0 if careful else self.explore
        groups = np.arange(len(features)) if groups is None else groups
        best = _best(features[:, 0], self.among * int(np.bincount(groups).max()))
        songs = list(dict.fromkeys(groups[best].tolist()))[: self.among]
        odds = np.zeros(len(features))
        for song in songs:
            reasons = np.flatnonzero(groups == song)
            odds[reasons] = explore / len(songs) / len(reasons)
        odds[best[0]] += 1 - explore
        return odds


def _best(values: Floats, n: int) -> Rows:
    """Return the `n` largest, and equals of the last, best first; of equals the first comes first."""
    if len(values) <= n:
        return np.argsort(-values, kind="stable")
    large = np.flatnonzero(values >= np.partition(values, len(values) - n)[len(values) - n])
    return large[np.argsort(-values[large], kind="stable")]


@dataclass(frozen=True)
class Certain(Bandit):
    """The highest expected reward without experiments: what the bandit would do if it knew enough."""

    name: ClassVar[str] = "certain"

    explore: float = 0.0


POLICIES: dict[str, Policy] = {policy.name: policy for policy in (Greedy(), Uniform(), Bandit(), Certain())}
