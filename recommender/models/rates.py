"""Rates: the share of those asked about an item who like it, shrunk towards the mean of all items.

With l likes of n answers the rate is (l + k m) / (n + k): the posterior mean under a beta prior of mean m and
strength k. Both are estimated from all items, by the moments of their shares: two answers about an item count
little where items are alike and much where they differ.

Source: Kleinman, "Proportions with extraneous variance: single and independent samples", JASA 68, 1973.
"""

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommender.arrays import Doubles, Mask

LEAST_ANSWERING = 10
"""Users who are asked and answer: fewer tell no rate."""
UNANSWERED = 0.1
"""Weight of an item shown and not answered, as a dislike, where too little is known to learn it.

Small, since most of those who say nothing did not look.
"""
AS_GOOD_AS_ASKED = 100
"""So many people are as good as asked, by what is generally known, before the first user comes."""
_LEAST_DISLIKED = 0.1  # of a user's reactions
_STRENGTHS = 1.0, 1_000.0  # of the prior, in answers


class Beta(NamedTuple):
    """The prior of an item's rate."""

    mean: float
    strength: float  # how many answers it is worth

    @classmethod
    def of(cls, likes: NDArray[np.number], answers: NDArray[np.number]) -> Self:
        """Estimate it from the likes and the answers of I items; both may be weighted."""
        asked = answers > 0
        n = answers[asked].astype(np.float64)
        if not len(n):
            return cls(0.0, _STRENGTHS[1])
        mean = float(likes.sum()) / float(n.sum())
        chance = mean * (1 - mean)
        spread = float(n @ (likes[asked] / n - mean) ** 2) - (len(n) - 1) * chance
        between = spread / max(float(n.sum() - n @ n / n.sum()), 1e-9)
        return cls(mean, float(np.clip(chance / max(between, 1e-9) - 1, *_STRENGTHS)))

    def rates(self, likes: NDArray[np.number], answers: NDArray[np.number]) -> Doubles:
        """Return the posterior means, 0 to 1."""
        return np.asarray((likes + self.strength * self.mean) / (answers + self.strength), dtype=np.float64)


def answering(user_items: csr_matrix) -> Mask:
    """Return which users are asked and answer; nobody, where so few do that their rates would be chance."""
    found = often_disliking(user_items)
    return np.asarray(found & (np.count_nonzero(found) >= LEAST_ANSWERING))


def often_disliking(user_items: csr_matrix) -> Mask:
    """Return the users of whose signed weights more than a tenth are below 0.

    Whoever imports a history and dislikes a song now and then has chosen all the rest alone.
    """
    rows = np.repeat(np.arange(user_items.shape[0]), np.diff(user_items.indptr))
    dislikes = np.bincount(rows, user_items.data < 0, user_items.shape[0])
    return np.asarray(dislikes > _LEAST_DISLIKED * np.maximum(np.diff(user_items.indptr), 1))


def shrunk_rates(likes: NDArray[np.number], answers: NDArray[np.number]) -> Doubles:
    """Return I rates, 0 to 1, from the numbers of likes and of `answers`."""
    return Beta.of(likes, answers).rates(likes, answers)
