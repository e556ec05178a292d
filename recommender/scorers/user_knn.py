"""User-user nearest neighbours: what people of similar taste like.

Source: Herlocker, Konstan, Borchers and Riedl, "An algorithmic framework for performing collaborative
filtering", SIGIR 1999; without ratings: Aiolli, "Efficient top-N recommendation for very large scale binary
rated datasets", RecSys 2013.
"""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from scipy.sparse import csr_matrix

from recommender.linalg import Doubles, Mask, column, combined, inverse, positive, row_norms, top, where_known
from recommender.scorers import Floats, Ints, Profile, Reason, TrainingData, most_blamed


@dataclass(frozen=True, eq=False)
class UserKNN:
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

    def score(self, profile: Profile) -> Floats:
        """Return the sum of similarity times weight over the neighbours, NaN where none of them likes it."""
        users, similarities = self.nearest(profile)
        total, touched = combined(self.user_items, users, self._votes(similarities))
        return where_known(touched, total)

    def nearest(self, profile: Profile) -> tuple[Ints, Doubles]:
        """Return the most similar users, best first, with their cosine; of equal ones the earlier row."""
        likes = profile.liked
        closeness = self._closeness(likes)
        users = top(closeness, self.neighbours)
        users = users[closeness[users] > 0]
        return users, closeness[users] / np.linalg.norm(likes.weights.astype(np.float64))

    def because(self, profile: Profile, item: int) -> Reason:
        """Return the liked item without which the neighbours would speak for `item` least."""
        return most_blamed(profile.liked.items, self.drops(profile, item))

    def strength(self, profile: Profile, item: int) -> float:
        """Return the score of one item in double precision, 0 where there is none."""
        users, similarities = self.nearest(profile)
        return float(self._votes(similarities) @ column(self.user_items, users, item))

    def drops(self, profile: Profile, item: int) -> Doubles:
        """Return by how much the score of `item` falls without each liked item.

        Leaving an item out lowers the closeness of the users who have it, and of no other.  So the new
        neighbours are sought among the users who are close now; only where so many of these fall so far that
        somebody further off could come in, the circle is widened.
        """
        likes = profile.liked
        users, left = self._circle(likes)
        chosen = _largest(left, self.neighbours) & (left > 0)
        votes = np.where(chosen, left if self.by_similarity else 1.0, 0.0)
        without = votes @ column(self.user_items, users, item)
        if self.by_similarity:  # closeness is cosine times the length of the profile, which changes as well
            squares = likes.weights.astype(np.float64) ** 2
            without *= inverse(np.sqrt(np.maximum(squares.sum() - squares, 0)))
        return self.strength(profile, item) - without

    def _closeness(self, likes: Profile) -> Doubles:
        """Return per user the inner product of her unit row with the listener's weights."""
        total, _ = combined(self.item_users, likes.items, likes.weights)
        return total * self.inverse_lengths

    def _circle(self, likes: Profile) -> tuple[Ints, Doubles]:
        """Return users, ascending, and their closeness without each liked item (L x users).

        Among them are, for each item left out, all the neighbours that the listener then has.
        """
        closeness = self._closeness(likes)
        k = self.neighbours
        reach = 4 * k
        while True:
            users = top(closeness, reach + 1)
            beyond = closeness[users[reach:]].sum()  # the closest one outside, 0 where nobody is
            users = np.sort(users[:reach])
            left = closeness[users] - self._shares(likes, users)
            if beyond <= 0 or np.all(np.partition(left, -k, axis=1)[:, -k] > beyond):
                return users, left
            reach *= 4

    def _shares(self, likes: Profile, users: Ints) -> Doubles:
        """Return what each liked item adds to the closeness of each of `users`: L x users."""
        chosen = self.item_users[likes.items]
        place = np.full(self.item_users.shape[1], -1, dtype=np.int32)
        place[users] = np.arange(len(users), dtype=np.int32)
        near = place[chosen.indices] >= 0
        row = np.repeat(np.arange(len(likes.items)), np.diff(chosen.indptr))[near]
        user = chosen.indices[near]
        shares = np.zeros((len(likes.items), len(users)))
        # Rounded as in `_closeness`: nothing is left over where this item was all that they shared.
        product = likes.weights.astype(np.float64)[row] * chosen.data[near]
        shares[row, place[user]] = product * self.inverse_lengths[user]
        return shares

    def _votes(self, similarities: Doubles) -> Doubles:
        return similarities if self.by_similarity else np.ones_like(similarities)


def _largest(values: Doubles, k: int) -> Mask:
    """Return a mask of the `k` largest values in each row, the first ones of equal values."""
    if k >= values.shape[1]:
        return np.ones(values.shape, dtype=np.bool_)
    least = np.partition(values, -k, axis=1)[:, [-k]]
    above: Mask = values > least
    equal: Mask = values == least
    early: Mask = np.cumsum(equal, axis=1) <= k - above.sum(axis=1, keepdims=True)
    return above | (equal & early)
