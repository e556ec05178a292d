"""Change point: how likely a user's taste has not changed since each reaction.

After every few reactions a user may have become another one, drawn anew from all (a change point).  Each such
moment k is held against no change at all by what both make of the reactions,

    P(k) / P(none)  =  hazard * P(reactions before k) * P(reactions from k on) / P(all reactions)

where P(...) is the evidence of known listeners as hypotheses (`similar_users`).  A reaction counts by
the probability that no change came after it.  A run of unexpected dislikes so makes what was liked before it
count less; somebody who stays the same loses next to nothing.

Source: Adams and MacKay, "Bayesian online changepoint detection", arXiv:0710.3742, 2007, with at most one
change among the last reactions.
"""

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Doubles, Floats
from recommender.scorers import Profile
from recommender.user_model.similar_users import SimilarUsers

HAZARD = 0.005
"""How likely a taste changes from one reaction to the next, before they are looked at."""

WINDOW = 100
"""The last so many reactions are looked at; of a change long ago the half-life has taken care."""

_EVERY = 4  # reactions between two moments at which a change is looked for


def unchanged_since(
    similar: SimilarUsers, profile: Profile, sure: Floats, newer: NDArray[np.integer]
) -> Doubles:
    """Return for each item of `profile` how likely no change came after its reaction, 0 to 1.

    `sure`: how much each reaction counts.  `newer`: how many others were said later, below 0 for what is no
    reaction, which keeps 1.
    """
    answer = np.ones(len(profile.items))
    said = np.flatnonzero(newer >= 0)
    order = said[np.argsort(-newer[said], kind="stable")]
    recent = order[-WINDOW:]
    ages = newer[recent]
    moments = np.arange(_EVERY, len(recent) - 1, _EVERY)
    moments = moments[ages[moments - 1] != ages[moments]]  # what was said at once is of one person
    if not len(moments) or not len(similar.listeners):
        return answer
    before = similar.before(profile.community, profile.own)
    told = similar.evidence(profile.items[recent], profile.weights[recent] > 0, sure[recent])
    ends = np.append(moments, len(recent))
    # As a product of matrices: a cumulative sum over so many rows takes six times as long.
    until = (np.arange(len(recent)) < ends[:, None]).astype(np.float32) @ told
    one = _evidence(before + until[-1])
    two = _evidence(before + until[:-1]) + _evidence(before + until[-1] - until[:-1])
    odds = _EVERY * HAZARD * np.exp(np.minimum(two - one, _SURELY))
    later = np.cumsum(odds[::-1])[::-1] / (1 + odds.sum())
    steps = np.searchsorted(moments, np.arange(len(recent)), side="right")  # the first moment after each
    lost = np.append(later, 0.0)[steps]
    answer[order[: -len(recent)]] -= lost[0]
    answer[recent] -= lost
    return answer


_SURELY = 50.0  # the logarithm of odds that leave no doubt


def _evidence(logs: Floats) -> Doubles:
    """Return the logarithm of the sum over the last axis of what these are the logarithms of."""
    most = logs.max(axis=-1, keepdims=True)
    return np.asarray(np.log(np.exp(logs - most).sum(axis=-1)) + most[..., 0], dtype=np.float64)
