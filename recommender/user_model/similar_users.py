"""Similar users: a mixture over known users, reweighted by each reaction (personality diagnosis).

    P(user u | reactions)  ~  P(u) * product over items i of  p_ui ^ v  (liked)  or  (1 - p_ui) ^ v  (not)

where p_ui is the chance that somebody like u likes i, and v how much a reaction counts.  The expectation for
a new user is the average of p_u by these weights.  One covariance for everybody cannot say that the meaning
of two likes depends on a third; here reactions that do not fit lower a known user's weight, and with it all
that this user would have spoken for.  It is best after the first few reactions, where a linear model is still
near its mean.

Sources: Nakamura and Abe, "Collaborative filtering using weighted majority prediction algorithms", ICML 1998
(each known listener as an expert); Pennock, Horvitz, Lawrence and Giles, "Collaborative filtering by
personality diagnosis", UAI 2000 (as a hypothesis).
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommender.arrays import Doubles, Floats, Ints

MOST_LISTENERS, MOST_ITEMS = 2_000, 5_000
"""Of more listeners so many are drawn; of more items the most popular are spoken of: 40 MB at most."""

MOST_REACTIONS = 200
"""Of more reactions those that weigh most are listened to."""

_SAID = 0.1  # how much a listener's own likes count in her chances, the rest is what is expected of her
_SUREST = 0.01  # no chance is nearer to 0 or 1: reactions are also mistaken
_NEVER = -1e4  # the logarithm of no chance at all
_MEMBERS = 0.75  # of a place that is trusted wholly: how likely a newcomer is like one of its people


@dataclass(frozen=True, eq=False)
class SimilarUsers:
    """H listeners over J of I items, and where they are."""

    listeners: Ints  # H: the row of each in what was learned from, ascending
    columns: Ints  # I: the row of `chances` of each item, -1 without
    chances: Floats  # J x H: how likely each listener likes each item
    places: csr_matrix  # C x H: how likely one of its people is like each; rows sum to what a place counts

    @classmethod
    def of(
        cls,
        likes: csr_matrix,
        expected: Floats,
        items: Ints,
        members: csr_matrix,
        trusted: Doubles,
        listeners: Ints,
    ) -> Self:
        """Return the hypotheses.

        `listeners`: H rows of `likes` (U x I, 0 or 1) and columns of `members` (C x U).  `expected`: H x J,
        what is expected of each by what all have in common, of J `items`.  `trusted`: C, how much a place
        says of its people, 0 to 1.
        """
        likes, members = likes[listeners], csr_matrix(members[:, listeners])
        columns = np.full(likes.shape[1], -1, dtype=np.int32)
        columns[items] = np.arange(len(items))
        chances = (1 - _SAID) * np.clip(expected, 0, 1)
        rows = np.repeat(np.arange(likes.shape[0]), np.diff(likes.indptr))
        at = columns[likes.indices]
        chances[rows[at >= 0], at[at >= 0]] += _SAID
        counts = np.asarray(members.sum(axis=1), dtype=np.float64).ravel()
        shares = members.multiply((_MEMBERS * trusted / np.maximum(counts, 1))[:, None])
        chances = np.ascontiguousarray(np.clip(chances, _SUREST, 1 - _SUREST).T, dtype=np.float32)
        return cls(listeners, columns, chances, csr_matrix(shares, dtype=np.float32))

    def before(self, community: int | None, own: int | None) -> Floats:
        """Return the logarithm of how likely each listener is before any reaction, H.

        `own`: the asking person's row in what was learned from; nobody is explained by herself.
        """
        listeners = self.chances.shape[1]
        likely = np.full(listeners, 1 / max(listeners, 1), dtype=np.float32)
        if community is not None and 0 <= community < self.places.shape[0]:
            row = slice(self.places.indptr[community], self.places.indptr[community + 1])
            likely *= 1 - self.places.data[row].sum()
            likely[self.places.indices[row]] += self.places.data[row]
        logs = np.log(likely)
        logs[self.listeners == (-1 if own is None else own)] = _NEVER
        return np.asarray(logs)

    def evidence(self, items: Ints, liked: NDArray[np.bool_], sure: Floats) -> Floats:
        """Return n x H: by how much each reaction changes the logarithm of each listener's weight."""
        at = self.columns[items]
        chances = self.chances[at]
        said = np.where(liked[:, None], chances, 1 - chances)
        return np.asarray(np.log(said) * (sure * (at >= 0))[:, None], dtype=np.float32)

    def means(self, weights: Floats, items: Ints | None, otherwise: NDArray[np.floating]) -> Floats:
        """Return what listeners so weighed expect of `items` (None: of all).

        `weights`: H, or n x H for n rows of answers.  `otherwise` stands where they cannot say.
        """
        at = self.columns if items is None else self.columns[items]
        if items is None and len(self.chances) == len(at):
            return np.asarray(weights @ self.chances.T)
        answer = np.array(np.broadcast_to(otherwise, (*weights.shape[:-1], len(at))), dtype=np.float32)
        there = at >= 0
        answer[..., there] = weights @ self.chances[at[there]].T
        return answer


def popular(likes: csr_matrix, n: int = MOST_ITEMS) -> Ints:
    """Return the columns of the `n` items that most like, ascending."""
    counts = np.bincount(likes.indices, minlength=likes.shape[1])
    return np.sort(np.argsort(-counts, kind="stable")[:n]).astype(np.int32)


def normalised(logs: Floats) -> Floats:
    """Return weights that sum to 1 along the last axis, of their logarithms up to a constant."""
    weights = np.exp(logs - logs.max(axis=-1, keepdims=True, initial=-np.inf))
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))
