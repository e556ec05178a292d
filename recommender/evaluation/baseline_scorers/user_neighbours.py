"""User-user nearest neighbours: what people of similar taste like.

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
    """The weights that the most similar people give, summed.

    A listener who is in the training data is one of her own neighbours, and the most similar one.  Dislikes
    are left out on both sides: to dislike the same things is no sign of liking the same things.
    """

    name: ClassVar[str] = "user_knn"

    user_items: csr_matrix  # U x I float32, likes only
    item_users: csr_matrix  # the same, I x U
    inverse_lengths: Floats  # U; 1 / length of the user's row, 0 where she likes nothing
    neighbours: int
    by_similarity: bool

    @classmethod
    def fit(cls, data: TrainingData, *, seed: int, neighbours: int = 50, by_similarity: bool = True) -> Self:
        """Keep the likes; nothing is drawn, so the seed changes nothing.

        `neighbours`: how many people are asked.  On Last.fm's artists 20 to 50 are best for somebody with a
        history, and more than that for somebody with one like.
        `by_similarity`: weigh them by their cosine with the listener; otherwise all count the same.
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
        """Return the most similar users, best first, with their cosine; of equal ones the earlier row."""
        likes = profile.liked
        closeness = self._closeness(likes)
        close = np.flatnonzero(closeness > 0).astype(np.int32)
        users = close[top(closeness[close], self.neighbours)]
        return users, closeness[users] / np.linalg.norm(likes.weights.astype(np.float64))

    def because(self, profile: Profile, item: int) -> Reason:
        """Return the liked item without which the neighbours would speak for `item` least."""
        return most_blamed(profile.liked.items, self.drops(profile, item))

    def strength(self, profile: Profile, item: int) -> float:
        """Return the score of one item in double precision, 0 where there is none."""
        users, similarities = self.nearest(profile)
        return float(self._votes(similarities) @ column(self.user_items, users, item))

    def drops(self, profile: Profile, item: int) -> Doubles:
        """Return by how much the score of `item` falls without each liked item."""
        likes = profile.liked
        without = self._sums_without_each(likes, item)
        if self.by_similarity:  # closeness is cosine times the length of the profile, which changes as well
            squares = likes.weights.astype(np.float64) ** 2
            without *= inverse(np.sqrt(np.maximum(squares.sum() - squares, 0)))
        return self.strength(profile, item) - without

    def _sums_without_each(self, likes: Profile, item: int) -> Doubles:
        """Return what the neighbours give to `item`, by closeness, without each liked item.

        Leaving an item out brings down the closeness of those who have it, and leaves all others in their
        order.  So the new neighbours are among the first of the others, and those who have it.
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
            # Rounded as in `_closeness`: nothing is left over where this item was all that they shared.
            left = closeness[users] - weight * owners.data[row] * self.inverse_lengths[users]
            users, left = np.concatenate([others, users]), np.concatenate([closeness[others], left])
            near = _nearest(users, left, k)
            sums[at] = self._votes(left[near]) @ given[users[near]]
        return sums

    def _closeness(self, likes: Profile) -> Doubles:
        """Return per user the inner product of her unit row with the listener's weights."""
        return combined(self.item_users, likes.items, likes.weights) * self.inverse_lengths

    def _votes(self, similarities: Doubles) -> Doubles:
        return similarities if self.by_similarity else np.ones_like(similarities)


def _nearest(users: Ints, closeness: Doubles, k: int) -> NDArray[np.intp]:
    """Return the places of the `k` closest, if close at all, in any order; of equal ones the earlier user."""
    least = np.partition(closeness, len(users) - k)[len(users) - k] if len(users) > k else 0.0
    above = np.flatnonzero(closeness > max(least, 0.0))
    equal = np.flatnonzero((closeness == least) & (least > 0))
    return np.concatenate([above, equal[np.argsort(users[equal])][: k - len(above)]])
