"""User-user nearest neighbours: items that similar users like.

Source: Herlocker, Konstan, Borchers and Riedl, "An algorithmic framework for performing collaborative
filtering", SIGIR 1999; without ratings: Aiolli, "Efficient top-N recommendation for very large scale binary
rated datasets", RecSys 2013.
"""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommender.arrays import Doubles, Floats, Ints
from recommender.linalg import column, combined, inverse, positive, row_norms, top
from recommender.scorers import Opinion, Profile, Reason, Scorer, TrainingData, combined_opinion, most_blamed


@dataclass(frozen=True, eq=False)
class UserNeighbours(Scorer):
    """The summed weights of the most similar users.

    A user in the training data is among their own neighbours, and the most similar one. Dislikes are left
    out on both sides: shared dislikes are no sign of shared likes.
    """

    name: ClassVar[str] = "user_knn"

    user_items: csr_matrix  # U x I float32, likes only
    item_users: csr_matrix  # the same, I x U
    inverse_lengths: Floats  # U; 1 / length of the user's row, 0 without likes
    neighbours: int
    by_similarity: bool

    @classmethod
    def fit(cls, data: TrainingData, *, seed: int, neighbours: int = 50, by_similarity: bool = True) -> Self:
        """Store the likes; deterministic.

        `neighbours`: number of similar users; on Last.fm's artists 20 to 50 are best for users with a
        history, more for users with one like. `by_similarity`: weight them by their cosine with the
        user; otherwise all count the same.
        """
        del seed
        likes = positive(data.user_items)
        lengths = inverse(row_norms(likes)).astype(np.float32)
        return cls(likes, csr_matrix(likes.T), lengths, neighbours, by_similarity)

    def opinion(self, profile: Profile) -> Opinion:
        """Return the sum of similarity times weight for each item that a neighbour likes."""
        users, similarities = self.nearest(profile)
        return combined_opinion(self.user_items, users, self._votes(similarities))

    def nearest(self, profile: Profile) -> tuple[Ints, Doubles]:
        """Return the most similar users, best first, with their cosines; the earlier row wins ties."""
        likes = profile.liked
        closeness = self._closeness(likes)
        close = np.flatnonzero(closeness > 0).astype(np.int32)
        users = close[top(closeness[close], self.neighbours)]
        return users, closeness[users] / np.linalg.norm(likes.weights.astype(np.float64))

    def because(self, profile: Profile, item: int) -> Reason:
        """Return the liked item whose removal lowers the neighbours' score for `item` most."""
        return most_blamed(profile.liked.items, self.drops(profile, item))

    def strength(self, profile: Profile, item: int) -> float:
        """Return an item's score in double precision, 0 without one."""
        users, similarities = self.nearest(profile)
        return float(self._votes(similarities) @ column(self.user_items, users, item))

    def drops(self, profile: Profile, item: int) -> Doubles:
        """Return the drop in the score of `item` without each liked item."""
        likes = profile.liked
        without = self._sums_without_each(likes, item)
        if self.by_similarity:  # closeness is cosine times the profile's length, which also changes
            squares = likes.weights.astype(np.float64) ** 2
            without *= inverse(np.sqrt(np.maximum(squares.sum() - squares, 0)))
        return self.strength(profile, item) - without

    def _sums_without_each(self, likes: Profile, item: int) -> Doubles:
        """Return the neighbours' summed closeness for `item`, without each liked item.

        Removing an item lowers the closeness of its users and leaves all others in order. So the new
        neighbours are among the first of the others, and the item's users.
        """
        k, closeness = self.neighbours, self._closeness(likes)
        owners = self.item_users[likes.items]
        nearest = top(closeness, k + int(np.max(np.diff(owners.indptr), initial=0)))
        given = self.item_users[[item]].toarray().ravel().astype(np.float64)
        is_owner = np.zeros(len(closeness), dtype=np.bool_)
        sums = np.zeros(len(likes.items))
        for at, weight in enumerate(likes.weights.astype(np.float64).tolist()):
            row = slice(owners.indptr[at], owners.indptr[at + 1])
            users = owners.indices[row]
            is_owner[users] = True
            others = nearest[: k + len(users)]
            others = others[~is_owner[others]][:k]
            is_owner[users] = False
            # Rounded as in `_closeness`: 0 if this item was all they shared.
            left = closeness[users] - weight * owners.data[row] * self.inverse_lengths[users]
            users, left = np.concatenate([others, users]), np.concatenate([closeness[others], left])
            near = _nearest(users, left, k)
            sums[at] = self._votes(left[near]) @ given[users[near]]
        return sums

    def _closeness(self, likes: Profile) -> Doubles:
        """Return per user the inner product of the unit row with the asking user's weights."""
        return combined(self.item_users, likes.items, likes.weights) * self.inverse_lengths

    def _votes(self, similarities: Doubles) -> Doubles:
        return similarities if self.by_similarity else np.ones_like(similarities)


def _nearest(users: Ints, closeness: Doubles, k: int) -> NDArray[np.intp]:
    """Return the indices of the `k` closest users with any closeness, unordered.

    The earlier user wins ties.
    """
    least = np.partition(closeness, len(users) - k)[len(users) - k] if len(users) > k else 0.0
    above = np.flatnonzero(closeness > max(least, 0.0))
    equal = np.flatnonzero((closeness == least) & (least > 0))
    return np.concatenate([above, equal[np.argsort(users[equal])][: k - len(above)]])
