"""Who gets the places of a slate.

A policy sees one row of features per candidate, best-informed first column (the fused score), and nothing
else.  It logs with which probability it would have filled each place as it did, given the places before:
the *propensity* that off-policy estimators divide by.
"""

from dataclasses import dataclass
from typing import ClassVar, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from recommender.scorers import Floats

Rows = NDArray[np.intp]
Propensities = NDArray[np.float64]


class Policy(Protocol):
    """Chooses among candidates and learns from what came back, by becoming another policy."""

    name: ClassVar[str]

    def choose(self, features: Floats, n: int, rng: np.random.Generator) -> tuple[Rows, Propensities]:
        """Return at most `n` different rows of `features` (candidates x features), and a propensity for each.

        `propensities[k]` is the probability of `rows[k]` in place k given the rows before it.
        """
        ...

    def updated(self, features: Floats, reward: Floats) -> Self:
        """Return the policy that has also seen these rows earn these rewards."""
        ...


@dataclass(frozen=True)
class Greedy:
    """The best fused scores, always: no exploration, so every propensity is 1.  The baseline to beat."""

    name: ClassVar[str] = "greedy"

    def choose(self, features: Floats, n: int, rng: np.random.Generator) -> tuple[Rows, Propensities]:
        """Return the `n` rows with the highest first feature; equals in random order."""
        shuffled = rng.permutation(len(features))
        rows = shuffled[np.argsort(-features[shuffled, 0], kind="stable")][:n]
        return rows, np.ones(len(rows))

    def updated(self, features: Floats, reward: Floats) -> Self:  # noqa: ARG002 - the protocol's words
        """Return itself: there is nothing to learn."""
        return self


@dataclass(frozen=True)
class Uniform:
    """Any candidate, all alike: what an unbiased log is collected with."""

    name: ClassVar[str] = "uniform"

    def choose(self, features: Floats, n: int, rng: np.random.Generator) -> tuple[Rows, Propensities]:
        """Return `n` rows drawn without replacement; place k has len(features) - k rows left to draw from."""
        rows = rng.permutation(len(features))[:n]
        return rows, 1.0 / (len(features) - np.arange(len(rows)))

    def updated(self, features: Floats, reward: Floats) -> Self:  # noqa: ARG002 - the protocol's words
        """Return itself: there is nothing to learn."""
        return self


POLICIES: dict[str, Policy] = {policy.name: policy for policy in (Greedy(), Uniform())}
