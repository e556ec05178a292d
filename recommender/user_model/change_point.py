"""Change point: the probability that a user's taste has not changed since each reaction.

After every few reactions the user's taste may have been drawn anew from the population (a change point). Each
such moment k is compared with no change by the evidence of the reactions,

    P(k) / P(none)  =  hazard * P(reactions before k) * P(reactions from k on) / P(all reactions)

where P(...) is the evidence under known users as hypotheses (`similar_users`). A reaction counts by the
probability that no change came after it. A run of unexpected dislikes thus lowers the weight of earlier
likes; users with a constant taste lose next to nothing.

Source: Adams and MacKay, "Bayesian online changepoint detection", arXiv:0710.3742, 2007, with at most one
change among the last reactions.
"""

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Doubles, Floats
from recommender.scorers import Profile
from recommender.user_model.similar_users import SimilarUsers

HAZARD = 0.005
"""Prior probability of a change between two reactions."""

WINDOW = 100
"""Number of latest reactions examined; older changes are covered by the half-life."""

_EVERY = 4  # reactions between two candidate change points


def unchanged_since(
    similar: SimilarUsers, profile: Profile, sure: Floats, newer: NDArray[np.integer]
) -> Doubles:
    """Return for each item of `profile` the probability of no change since its reaction, 0 to 1.

    `sure`: weight of each reaction. `newer`: number of later reactions, below 0 for items without a
    reaction, which keep 1.
    """
    answer = np.ones(len(profile.items))
    said = np.flatnonzero(newer >= 0)
    order = said[np.argsort(-newer[said], kind="stable")]
    recent = order[-WINDOW:]
    ages = newer[recent]
    moments = np.arange(_EVERY, len(recent) - 1, _EVERY)
    moments = moments[ages[moments - 1] != ages[moments]]  # reactions at the same time come from one taste
    if not len(moments) or not len(similar.listeners):
        return answer
    before = similar.before(profile.community, profile.own)
    evidence = similar.evidence(profile.items[recent], profile.weights[recent] > 0, sure[recent])
    ends = np.append(moments, len(recent))
    # As a matrix product: a cumulative sum over as many rows takes six times as long.
    until = (np.arange(len(recent)) < ends[:, None]).astype(np.float32) @ evidence
    one = _evidence(before + until[-1])
    two = _evidence(before + until[:-1]) + _evidence(before + until[-1] - until[:-1])
    odds = _EVERY * HAZARD * np.exp(np.minimum(two - one, _SURELY))
    later = np.cumsum(odds[::-1])[::-1] / (1 + odds.sum())
    steps = np.searchsorted(moments, np.arange(len(recent)), side="right")  # the candidate after each
    lost = np.append(later, 0.0)[steps]
    answer[order[: -len(recent)]] -= lost[0]
    answer[recent] -= lost
    return answer


_SURELY = 50.0  # log odds that leave no doubt


def _evidence(logs: Floats) -> Doubles:
    """Return the log-sum-exp over the last axis."""
    most = logs.max(axis=-1, keepdims=True)
    return np.asarray(np.log(np.exp(logs - most).sum(axis=-1)) + most[..., 0], dtype=np.float64)
