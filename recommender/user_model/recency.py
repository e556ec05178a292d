"""The mood of a sitting: what was said last in it counts more for the next list.

A taste is that of years, a mood that of the hour.  The factor goes by when the latest word on each item was
said, so that the order in which reactions arrive, twins and words taken back cannot matter.
"""

import numpy as np
from numpy.typing import NDArray

SITTING = 45 * 60.0
"""Seconds back from now that belong to the sitting."""

LAST = 5
"""Of the reactions of a sitting, how many make its mood."""

WEIGHT = 1.5
"""What each of those counts for, where an ordinary reaction counts 1.

On listening data this costs those who stay the same nothing; whether it helps those whose taste has changed
lies within chance there.  Twice as much, or fewer reactions that count double, did cost.
"""

LEAST = 20
"""Of somebody who has never sat here before, so many reactions make the taste that a mood differs from."""


def mood(latest: NDArray[np.float64], newer: NDArray[np.integer], now: float) -> NDArray[np.float64]:
    """Return a factor per item: `WEIGHT` for the last few of this sitting, else 1.

    `latest`: when the last word on each was said, in seconds since 1970, -inf for none.  `newer`: on how many
    others the last word was said later.
    """
    said, today = np.isfinite(latest), latest >= now - SITTING
    if np.count_nonzero(said) <= LEAST and today[said].all():
        return np.ones(len(latest))
    return np.where(today & (newer < LAST), WEIGHT, 1.0)
