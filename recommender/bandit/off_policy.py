"""Off-policy evaluation: estimates a candidate policy's value from the running policy's log.

Each decision i has a reward r_i, the logging policy's propensity p_i of its choice, and the candidate
policy's probability q_i of the same choice. With w_i = q_i / p_i:

    IPS          mean of w r: unbiased, with a high variance for small p
    clipped IPS  the same with w limited: lower variance, biased low
    SNIPS        sum of w r / sum of w: low variance, consistent
    DR           mean of (v + w (r - m)): m predicts the reward of the shown track, v that of the candidate's
                 choice; consistent if either w or m is right

Sources: Horvitz and Thompson, JASA 47, 1952; Bottou et al., "Counterfactual reasoning and learning systems",
JMLR 14, 2013 (clipping); Swaminathan and Joachims, "The self-normalized estimator for counterfactual
learning", NeurIPS 2015; Dudik, Langford and Li, "Doubly robust policy evaluation and learning", ICML 2011;
Kish, "Survey sampling", 1965 (effective sample size).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Doubles
from recommender.errors import EvaluationError

LEAST_DECISIONS = 1000
"""Minimum number of reacted decisions for a verdict: below it SNIPS errs by more than 4 % too often."""

_CLIP = 20.0
_NORMAL = 1.96  # 95 % interval


class Logged(NamedTuple):
    """n decisions with a reaction, as columns."""

    rewards: Doubles
    propensities: Doubles  # of the running policy; above 0
    candidate: Doubles  # probability that the candidate policy makes the same choice
    people: NDArray[np.int64]  # n user ids: one user's decisions are not independent


class ValueEstimate(NamedTuple):
    """An estimated value with its 95 % interval."""

    value: float
    low: float
    high: float


class Verdict(NamedTuple):
    """Whether a policy may replace the running one, with the reason if not."""

    promote: bool
    reason: str


def check(logged: Logged) -> Logged:
    """Return `logged`; raise EvaluationError for inconsistent columns."""
    if len({len(column) for column in logged}) != 1 or not len(logged.rewards):
        raise EvaluationError("There are no decisions to judge a policy by.")
    if not (logged.propensities > 0).all():
        raise EvaluationError("A propensity in the log is 0: what was shown cannot have been impossible.")
    return logged


def weights(logged: Logged) -> Doubles:
    """Return the importance weights q / p."""
    return np.asarray(logged.candidate / logged.propensities, dtype=np.float64)


def effective(logged: Logged) -> float:
    """Return the effective sample size (sum of w)^2 / sum of w^2."""
    w = weights(check(logged))
    square = float((w**2).sum())
    return float(w.sum()) ** 2 / square if square else 0.0


def on_policy(logged: Logged) -> ValueEstimate:
    """Return the running policy's value."""
    return _mean(check(logged).rewards, logged.people)


def ips(logged: Logged) -> ValueEstimate:
    """Return the inverse propensity score estimate."""
    return _mean(weights(check(logged)) * logged.rewards, logged.people)


def clipped_ips(logged: Logged, limit: float = _CLIP) -> ValueEstimate:
    """Return the inverse propensity score estimate with weights up to `limit`."""
    return _mean(np.minimum(weights(check(logged)), limit) * logged.rewards, logged.people)


def snips(logged: Logged) -> ValueEstimate:
    """Return the self-normalised estimate, with the linearised interval of a ratio."""
    w = weights(check(logged))
    total = float(w.sum())
    if not total:
        return ValueEstimate(float("nan"), 0.0, 1.0)  # the candidate would never have made these choices
    value = float((w * logged.rewards).sum()) / total
    return _interval(value, w * (logged.rewards - value) / (total / len(w)), logged.people)


def doubly_robust(logged: Logged, predicted: Doubles, candidate_value: Doubles) -> ValueEstimate:
    """Return the doubly robust estimate.

    `predicted`: the expected reward of the shown track. `candidate_value`: the expected reward of the
    candidate's choice at the same position.
    """
    w = weights(check(logged))
    return _mean(candidate_value + w * (logged.rewards - predicted), logged.people)


def verdict(logged: Logged) -> Verdict:
    """Promote by rule: the lower bound of SNIPS must exceed the running policy's value."""
    n = len(logged.rewards)
    if n < LEAST_DECISIONS:
        return Verdict(False, f"{n} decisions with a reaction; a verdict needs {LEAST_DECISIONS}")
    found, earned = snips(logged), on_policy(logged)
    if not found.low > earned.value:
        return Verdict(False, f"its lower bound {found.low:.3f} does not beat the {earned.value:.3f} earned")
    return Verdict(True, f"its lower bound {found.low:.3f} beats the {earned.value:.3f} earned")


def _mean(values: Doubles, people: NDArray[np.int64]) -> ValueEstimate:
    mean = float(values.mean())
    return _interval(mean, values - mean, people)


def _interval(value: float, deviations: Doubles, people: NDArray[np.int64]) -> ValueEstimate:
    """Return the 95 % interval around a mean of values with these deviations, clustered by user."""
    _, whose = np.unique(people, return_inverse=True)
    sums = np.bincount(whose, weights=deviations)
    groups = max(len(sums), 2)
    error = float(np.sqrt((sums**2).sum() * groups / (groups - 1))) / len(deviations)
    return ValueEstimate(value, value - _NORMAL * error, value + _NORMAL * error)
