"""Rates: the share of those asked about an item who like it, shrunk towards the mean of all items.

With l likes of n answers the rate is (l + k m) / (n + k): the posterior mean under a beta prior of mean m and
strength k. Both are estimated from all items, by the moments of their shares: two answers about an item count
little where items are alike and much where they differ.

Source: Kleinman, "Proportions with extraneous variance: single and independent samples", JASA 68, 1973.
"""

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Doubles

_STRENGTHS = 1.0, 1_000.0  # of the prior, in answers


def shrunk_rates(likes: NDArray[np.number], answers: NDArray[np.number]) -> Doubles:
    """Return I rates, 0 to 1, from the numbers of likes and of `answers`; 0 without any answer."""
    total = float(answers.sum())
    if total <= 0:
        return np.zeros(len(answers))
    mean = float(likes.sum()) / total
    strength = _strength(likes, answers, mean)
    return np.asarray((likes + strength * mean) / (answers + strength), dtype=np.float64)


def _strength(likes: NDArray[np.number], answers: NDArray[np.number], mean: float) -> float:
    """Return how many answers the mean of all items is worth."""
    asked = answers > 0
    n = answers[asked].astype(np.float64)
    chance = mean * (1 - mean)
    spread = float(n @ (likes[asked] / n - mean) ** 2) - (len(n) - 1) * chance
    between = spread / max(float(n.sum() - n @ n / n.sum()), 1e-9)
    if between <= 0:
        return _STRENGTHS[1]
    return float(np.clip(chance / between - 1, *_STRENGTHS))
