"""Similar users: a mixture over known users, reweighted by each reaction (personality diagnosis).

    P(user u | reactions)  ~  P(u) * product over items i of  p_ui ^ v  (liked)  or  (1 - p_ui) ^ v  (not)

where p_ui is the probability that a user like u likes i, and v a reaction's weight. A new user's expected
reaction is the average of p_u by these weights. A single covariance for all users cannot express that the
meaning of two likes depends on a third; here a reaction that does not fit lowers a known user's weight, and
with it that user's whole influence. The gain is largest after the first few reactions, while a linear model
is still near its mean.

Sources: Nakamura and Abe, "Collaborative filtering using weighted majority prediction algorithms", ICML 1998
(known users as experts); Pennock, Horvitz, Lawrence and Giles, "Collaborative filtering by personality
diagnosis", UAI 2000 (as hypotheses).
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommender.arrays import Doubles, Floats, Ints
from recommender.models.three_states import Observed

MOST_LISTENERS, MOST_ITEMS = 2_000, 5_000
"""Maximum users, drawn at random, and items, by popularity: 40 MB at most."""

MOST_REACTIONS = 200
"""Maximum number of reactions used, by weight."""

_SAID = 0.1  # weight of a known user's own reactions in p_ui, the rest is the model's expectation
_SUREST = 0.01  # p_ui stays this far from 0 and 1: reactions can be mistaken
_NEGLIGIBLE = 1e-9  # of all weight, what the users below it have together
_FEW = 3  # in so many users one that counts: then only they are looked at
_NEVER = -1e4  # the logarithm of zero probability
_MOST_TRUSTED = 0.99
_MEMBERS = 0.75  # prior weight of a fully trusted community's members


class Fresh(NamedTuple):
    """What members whom the training has not seen add to a community."""

    odds: float  # of the community's taste, per what one user differs
    weights: Floats  # H: mean weight of each known user, sums to 1


@dataclass(frozen=True, eq=False)
class SimilarUsers:
    """H known users over J of I items, and their communities."""

    listeners: Ints  # H: each user's row in the training data, ascending
    columns: Ints  # I: each item's row in `chances`, -1 without
    chances: Floats  # J x H: probability that each user likes each item
    places: csr_matrix  # C x H: prior of each user given a community; rows sum to the community's weight

    @classmethod
    def of(
        cls,
        said: Observed,
        expected: Floats,
        items: Ints,
        members: csr_matrix,
        trusted: Doubles,
        listeners: Ints,
    ) -> Self:
        """Return the mixture.

        `listeners`: H rows of `said` (U users, I items) and columns of `members` (C x U). `expected`: H
        x J, the linear model's expectations of J `items`. `trusted`: C, the weight of each community,
        0 to 1.
        """
        said, members = said.some(listeners.astype(np.intp)), csr_matrix(members[:, listeners])
        columns = np.full(said.told.shape[1], -1, dtype=np.int32)
        columns[items] = np.arange(len(items))
        expected = np.clip(expected, 0, 1)
        # Towards what they said, and from silence towards dislike as far as it counts.
        chances = expected * (1 - _SAID * said.silence.astype(np.float32))[:, None]
        rows = np.repeat(np.arange(len(expected)), np.diff(said.told.indptr))
        at = columns[said.told.indices]
        there = at >= 0
        cells = rows[there], at[there]
        chances[cells] += _SAID * (said.liked.data[there] - said.beyond.data[there] * expected[cells])
        counts = np.asarray(members.sum(axis=1), dtype=np.float64).ravel()
        shares = members.multiply((_MEMBERS * trusted / np.maximum(counts, 1))[:, None])
        chances = np.ascontiguousarray(np.clip(chances, _SUREST, 1 - _SUREST).T, dtype=np.float32)
        return cls(listeners, columns, chances, csr_matrix(shares, dtype=np.float32))

    def only(self, items: Ints) -> "SimilarUsers":
        """Return the mixture over some items (ascending) alone; their chances lie in the items' order."""
        at = self.columns[items]
        there = at >= 0
        columns = np.where(there, np.cumsum(there) - 1, -1).astype(np.int32)
        # User by user, so that those who count can be picked out.
        return replace(self, columns=columns, chances=np.asfortranarray(self.chances[at[there]]))

    @cached_property
    def _everywhere(self) -> bool:
        """Whether the rows of `chances` are those of the items that have any, in their order."""
        at = self.columns[self.columns >= 0]
        return len(at) == len(self.chances) and bool((at == np.arange(len(at))).all())

    def before(self, community: int | None, own: int | None, fresh: "Fresh | None" = None) -> Floats:
        """Return each known user's log prior, H.

        `own`: the asking user's row in the training data, which gets no weight. `fresh`: the similar users
        of members whom the training has not seen.
        """
        listeners = self.chances.shape[1]
        place: Floats = np.zeros(listeners, dtype=np.float32)
        if community is not None and 0 <= community < self.places.shape[0]:
            row = slice(self.places.indptr[community], self.places.indptr[community + 1])
            place[self.places.indices[row]] = self.places.data[row]
        if fresh is not None:
            odds = 1 / (1 - self.trusted(community))
            place = ((odds * place + _MEMBERS * fresh.odds * fresh.weights) / (odds + fresh.odds)).astype(
                np.float32
            )
        likely = (1 - place.sum()) / max(listeners, 1) + place
        logs = np.log(likely)
        logs[self.listeners == (-1 if own is None else own)] = _NEVER
        return np.asarray(logs)

    def trusted(self, community: int | None) -> float:
        """Return the weight of a community's members that the training has seen, 0 to below 1."""
        if community is None or not 0 <= community < self.places.shape[0]:
            return 0.0
        row = slice(self.places.indptr[community], self.places.indptr[community + 1])
        return min(float(self.places.data[row].sum()) / _MEMBERS, _MOST_TRUSTED)

    def evidence(self, items: Ints, liked: NDArray[np.bool_], sure: Floats) -> Floats:
        """Return n x H: the log-weight each reaction adds to each known user."""
        at = self.columns[items]
        said = self.chances[at]
        # In place: new arrays of this size take longer than the logarithms.
        np.subtract(1, said, out=said, where=~liked[:, None])
        np.log(said, out=said)
        said *= (sure * (at >= 0))[:, None]
        return said

    def means(
        self,
        weights: Floats,
        items: Ints | None,
        otherwise: NDArray[np.floating],
        users: NDArray[np.intp] | None = None,
    ) -> Floats:
        """Return the weighted users' expected reaction to `items` (None: all).

        `weights`: H, or n x H for n rows of results; of `users` alone where these are given. `otherwise` is
        the value for items outside `chances`.
        """
        at = self.columns if items is None else self.columns[items]
        there = at >= 0
        chances = self._of(at[there], users, everything=items is None and self._everywhere)
        if len(chances) == len(at):
            return np.asarray(weights @ chances.T)
        answer = np.array(np.broadcast_to(otherwise, (*weights.shape[:-1], len(at))), dtype=np.float32)
        answer[..., there] = weights @ chances.T
        return answer

    def _of(self, rows: Ints, users: NDArray[np.intp] | None, *, everything: bool) -> Floats:
        """Return some rows of `chances`, of some users; `everything`: these are all rows, uncopied."""
        if users is None:
            return self.chances if everything else self.chances[rows]
        if everything:
            return self.chances[:, users]
        return np.asarray(self.chances[rows[:, None], users])

    @property
    def is_by_user(self) -> bool:
        """Whether some users' chances lie together, so that picking them costs less than all."""
        return bool(self.chances.flags.f_contiguous)


def telling(weights: Floats) -> NDArray[np.intp] | None:
    """Return the users whose weight is not negligible, None if these are not few."""
    users = np.flatnonzero(weights > _NEGLIGIBLE / max(len(weights), 1))
    return users if len(users) * _FEW < len(weights) else None


def popular(told: csr_matrix, n: int = MOST_ITEMS) -> Ints:
    """Return the columns of the `n` items with the most entries, ascending."""
    counts = np.bincount(told.indices, minlength=told.shape[1])
    return np.sort(np.argsort(-counts, kind="stable")[:n]).astype(np.int32)


def normalised(logs: Floats) -> Floats:
    """Return weights that sum to 1 along the last axis, from logarithms up to a constant."""
    weights = logs - logs.max(axis=-1, keepdims=True, initial=-np.inf)
    np.exp(weights, out=weights)
    weights /= weights.sum(axis=-1, keepdims=True)
    return np.asarray(weights)
