"""Recency: how much each past reaction still counts for the next list.

Three factors: a half-life in reactions (people drift), a boost for the last few reactions of this session (a
taste is that of years, a mood that of the hour), and the probability that the taste has not changed since
(`recommender.user_model.change_point`).  All go by when the latest word on each item was said, so that
arrival order, duplicates and words taken back cannot matter.
"""

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Doubles

HALF_LIFE = 60.0
"""Reactions after which one counts half."""

SESSION_SECONDS = 45 * 60.0
"""Reactions of so many seconds back belong to this session."""

BOOSTED = 5
"""Reactions of a session, the last ones, that are boosted."""

BOOST = 1.5
"""What each of those counts for, where an ordinary reaction counts 1.

On listening data this costs those who stay the same nothing; whether it helps those whose taste has changed
lies within chance there.  Twice as much, or fewer reactions that count double, did cost.
"""

LEAST_HISTORY = 20
"""In a user's first session there is no boost before so many reactions: there is no taste to differ from."""


def newer_reactions(latest: Doubles) -> NDArray[np.intp]:
    """Return for each item how many others have a later latest reaction; `latest` as in `session_boost`."""
    return len(latest) - np.searchsorted(np.sort(latest), latest, side="right")


def faded(newer: NDArray[np.integer]) -> Doubles:
    """Return the half-life's factor per item, 0 to 1, by how many reactions are newer."""
    return np.asarray(0.5 ** (newer / HALF_LIFE), dtype=np.float64)


def session_boost(latest: Doubles, newer: NDArray[np.integer], now: float) -> Doubles:
    """Return a factor per item: `BOOST` for the last few reactions of this session, else 1.

    `latest`: seconds since 1970 of the last reaction to each, -inf for none.  `newer`: how many others have a
    later one.
    """
    said, today = np.isfinite(latest), latest >= now - SESSION_SECONDS
    if np.count_nonzero(said) <= LEAST_HISTORY and today[said].all():
        return np.ones(len(latest))
    return np.where(today & (newer < BOOSTED), BOOST, 1.0)
