"""Recency: the weight of each past reaction for the next slate.

Three factors: a half-life in reactions (tastes drift), a boost for the last few reactions of this session
(the current mood), and the probability that the taste has not changed since
(`recommender.user_model.change_point`). All depend on the time of the latest reaction to each item, so that
arrival order, duplicates and undone reactions have no effect.
"""

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Doubles

HALF_LIFE = 60.0
"""Number of reactions after which the weight halves."""

SESSION_SECONDS = 45 * 60.0
"""Length of a session in seconds."""

BOOSTED = 5
"""Number of boosted reactions, the last of a session."""

BOOST = 1.5
"""Weight of a boosted reaction, relative to an ordinary one.

On listening data this costs users with a constant taste nothing; the gain for users whose taste changed is
within chance there. A larger boost, or fewer reactions at double weight, did cost.
"""

LEAST_HISTORY = 20
"""Minimum number of reactions for a boost in a user's first session, which has no past to stand out from."""


def newer_reactions(latest: Doubles) -> NDArray[np.intp]:
    """Return for each item the number of later latest reactions; `latest` as in `session_boost`."""
    return len(latest) - np.searchsorted(np.sort(latest), latest, side="right")


def faded(newer: NDArray[np.integer]) -> Doubles:
    """Return the half-life's factor per item, 0 to 1, by the number of newer reactions."""
    return np.asarray(0.5 ** (newer / HALF_LIFE), dtype=np.float64)


def session_boost(latest: Doubles, newer: NDArray[np.integer], now: float) -> Doubles:
    """Return a factor per item: `BOOST` for the last few reactions of this session, else 1.

    `latest`: seconds since 1970 of the last reaction to each item, -inf for none. `newer`: the number of
    items with a later one.
    """
    said, today = np.isfinite(latest), latest >= now - SESSION_SECONDS
    if np.count_nonzero(said) <= LEAST_HISTORY and today[said].all():
        return np.ones(len(latest))
    return np.where(today & (newer < BOOSTED), BOOST, 1.0)
