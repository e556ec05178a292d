"""Outcomes: metrics per user, with means, standard errors and paired differences."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

import numpy as np

from recommender.errors import EvaluationError, UnsuitedError
from recommender.metrics import Values

M = TypeVar("M")
S = TypeVar("S")


class Estimate(NamedTuple):
    """A mean and its standard error; both NaN without values."""

    mean: float
    error: float


@dataclass(frozen=True)
class Outcome:
    """One model's results on one split. The users are in the same order for every model of a run."""

    people: Mapping[str, Values]  # metric -> one value per user, NaN where it does not apply
    lists: Mapping[str, float] = field(default_factory=dict)  # metrics of all lists together
    costs: Mapping[str, float | None] = field(default_factory=dict)
    tuned: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class EvaluationRun:
    """All models' results on the same splits."""

    seeds: tuple[int, ...]
    outcomes: Mapping[str, Sequence[Outcome]]  # model -> one per split
    left_out: Mapping[str, str] = field(default_factory=dict)  # model -> why it was left out

    def estimate(self, model: str, metric: str) -> Estimate:
        """Return the mean over users and splits, and its standard error."""
        return estimate([outcome.people[metric] for outcome in self.outcomes[model]])

    def difference(self, model: str, other: str, metric: str) -> Estimate:
        """Return the mean paired difference of `model` to `other`, with its standard error.

        Paired by user, which cancels the differences between users, so that the error is far below
        those of the means.
        """
        pairs = zip(self.outcomes[model], self.outcomes[other], strict=True)
        return estimate([one.people[metric] - another.people[metric] for one, another in pairs])

    def cost(self, model: str, name: str) -> float | None:
        """Return a cost's mean over splits, None if unknown."""
        return _mean([outcome.costs.get(name) for outcome in self.outcomes[model]])

    def figure(self, model: str, name: str) -> float | None:
        """Return the mean over splits of a metric of all lists together."""
        return _mean([outcome.lists.get(name) for outcome in self.outcomes[model]])


def run(
    models: Mapping[str, M],
    splits: Iterable[tuple[int, S]],
    test: Callable[[M, S, int], Outcome],
    watch: Callable[[str], None],
) -> EvaluationRun:
    """Test each model on each (seed, split), one after the other; `watch` receives each start.

    A model unsuited to the data is left out; EvaluationError if all are.
    """
    found: dict[str, list[Outcome]] = {name: [] for name in models}
    left_out: dict[str, str] = {}
    seeds = []
    for seed, split in splits:
        seeds.append(seed)
        for name, model in models.items():
            watch(f"{name}, seed {seed}")
            try:
                found[name].append(test(model, split, seed))
            except UnsuitedError as error:
                left_out[name] = str(error)
    if left_out and left_out.keys() == models.keys():
        raise EvaluationError(f"No model is suited to these data. {next(iter(left_out.values()))}")
    return EvaluationRun(
        tuple(seeds), {name: o for name, o in found.items() if name not in left_out}, left_out
    )


def estimate(of_splits: Sequence[Values]) -> Estimate:
    """Return the mean over splits of the mean over users, and its standard error.

    The error of a split's mean is sd / sqrt(n) over its n users; the mean of S splits has the error
    sqrt(sum of squares) / S. (The spread of three splits alone would be a poor estimate.)
    """
    kept = [values[~np.isnan(values)] for values in of_splits]
    kept = [values for values in kept if len(values)]
    if not kept:
        return Estimate(np.nan, np.nan)
    squares = [values.var(ddof=1) / len(values) if len(values) > 1 else np.nan for values in kept]
    return Estimate(float(np.mean([v.mean() for v in kept])), float(np.sqrt(sum(squares))) / len(kept))


def _mean(figures: Sequence[float | None]) -> float | None:
    known = [figure for figure in figures if figure is not None]
    return float(np.mean(known)) if len(known) == len(figures) and known else None
