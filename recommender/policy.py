"""Who gets the places of a slate.

A policy sees one row of features per candidate, best-informed first column, and nothing else.  It logs with
which probability it would have filled each place as it did, given the places before: the *propensity* that
off-policy estimators divide by.  What it learns, it learns through that first column: the fused score, or the
reward expected by `recommender.rewards` if it `learns`.
"""

from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from recommender.scorers import Floats

Rows = NDArray[np.intp]
Propensities = NDArray[np.float64]


class Policy(Protocol):
    """Chooses among candidates."""

    name: ClassVar[str]
    learns: ClassVar[bool]  # whether the first feature is to be the expected reward

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
        ...


def _left(groups: Rows, chosen: int) -> NDArray[np.bool_]:
    return np.asarray(groups != groups[chosen])


def _shuffled_best_first(features: Floats, rng: np.random.Generator) -> Rows:
    """Return all rows by their first feature, equals in random order."""
    shuffled = rng.permutation(len(features))
    return shuffled[np.argsort(-features[shuffled, 0], kind="stable")]


@dataclass(frozen=True)
class Greedy:
    """The highest first feature, always: no exploration, so every propensity is 1.  The baseline to beat."""

    name: ClassVar[str] = "greedy"
    learns: ClassVar[bool] = False

    def choose(
        self,
        features: Floats,
        n: int,
        rng: np.random.Generator,
        *,
        groups: Rows | None = None,
        careful: bool = False,
    ) -> tuple[Rows, Propensities]:
        """Return the `n` best rows; equals in random order."""
        del careful
        rows = _shuffled_best_first(features, rng)
        if groups is not None:
            rows = rows[np.sort(np.unique(groups[rows], return_index=True)[1])]
        return rows[:n], np.ones(len(rows[:n]))


@dataclass(frozen=True)
class Uniform:
    """Any candidate, all alike: what an unbiased log is collected with."""

    name: ClassVar[str] = "uniform"
    learns: ClassVar[bool] = False

    def choose(
        self,
        features: Floats,
        n: int,
        rng: np.random.Generator,
        *,
        groups: Rows | None = None,
        careful: bool = False,
    ) -> tuple[Rows, Propensities]:
        """Return `n` rows drawn without replacement from those that are left."""
        del careful
        groups = np.arange(len(features)) if groups is None else groups
        left = np.arange(len(features))
        rows: list[int] = []
        propensities: list[float] = []
        while len(left) and len(rows) < n:
            row = int(left[rng.integers(len(left))])
            rows.append(row)
            propensities.append(1.0 / len(left))
            left = left[_left(groups[left], int(np.flatnonzero(left == row)[0]))]
        return np.array(rows, dtype=np.intp), np.array(propensities, dtype=np.float64)


@dataclass(frozen=True)
class Bandit:
    """The highest expected reward, and now and then an experiment among the best.

    Every place draws afresh: with probability `explore` one of the `among` best rows that are left, all
    alike, else the best.  So the best of m has propensity 1 - explore + explore / m, each other of them
    explore / m, exactly.  Larger experiments (upper confidence bounds, Thompson sampling) cost likes on
    listening data and won none; these are for knowing what other policies would have earned.
    """

    name: ClassVar[str] = "bandit"
    learns: ClassVar[bool] = True

    explore: float = 0.1
    among: int = 10

    def choose(
        self,
        features: Floats,
        n: int,
        rng: np.random.Generator,
        *,
        groups: Rows | None = None,
        careful: bool = False,
    ) -> tuple[Rows, Propensities]:
        """Return the `n` best rows but for experiments."""
        left = _best_first(features)
        groups = np.arange(len(features)) if groups is None else groups
        rows: list[int] = []
        propensities: list[float] = []
        while len(left) and len(rows) < n:
            m = min(self.among, len(left))
            explore = 0.0 if careful and not rows else self.explore
            place = int(rng.integers(m)) if rng.random() < explore else 0
            rows.append(int(left[place]))
            propensities.append(explore / m + (1 - explore) * (place == 0))
            left = left[_left(groups[left], place)]
        return np.array(rows, dtype=np.intp), np.array(propensities, dtype=np.float64)


def _best_first(features: Floats) -> Rows:
    """Return all rows by their first feature; equals in their order, for a draw would change propensities."""
    return np.argsort(-features[:, 0], kind="stable")


@dataclass(frozen=True)
class Certain(Bandit):
    """The highest expected reward without experiments: what the bandit would do if it knew enough."""

    name: ClassVar[str] = "certain"

    explore: float = 0.0


POLICIES: dict[str, Policy] = {policy.name: policy for policy in (Greedy(), Uniform(), Bandit(), Certain())}
