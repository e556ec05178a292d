"""The combined user-item score: what similar people have, as far as it fits what the listener knows."""

from dataclasses import dataclass
from typing import ClassVar, Self

from scipy.sparse import csr_matrix

from recommender.arrays import Floats
from recommender.linalg import located
from recommender.scorers import Opinion, Profile, Reason, Scorer, TrainingData, most_blamed
from recommender.scorers.item_knn import ItemKNN
from recommender.scorers.user_knn import UserKNN


@dataclass(frozen=True, eq=False)
class UserItem(Scorer):
    """The item-item score, times the weight that the most similar people give to the item.

    With N the users nearest to the profile p, s the similarity of items and x the likes:

        score(i) = (sum over known j of p[j] s(j, i)) * (sum over u in N of cosine(p, u) x[u, i])

    The second factor leaves only what somebody of similar taste has; the first tells these apart, where one
    similar user alone would leave them all equal.
    """

    name: ClassVar[str] = "user_item"

    similarity: csr_matrix  # as in ItemKNN
    user_items: csr_matrix  # this and the following as in UserKNN
    item_users: csr_matrix
    inverse_lengths: Floats
    neighbours: int
    by_similarity: bool

    @classmethod
    def fit(
        cls,
        data: TrainingData,
        *,
        seed: int,
        neighbours: int = 50,
        similar_items: int = 100,
        damping: float = 5.0,
        threads: int = 2,
    ) -> Self:
        """Fit both halves; nothing is drawn, so the seed changes nothing.

        `neighbours`: of the listener, as in `UserKNN`.  `similar_items`, `damping`: as in `ItemKNN`.
        """
        items = ItemKNN.fit(data, seed=seed, neighbours=similar_items, damping=damping, threads=threads)
        users = UserKNN.fit(data, seed=seed, neighbours=neighbours)
        return cls(items.similarity, **vars(users))

    @property
    def items(self) -> ItemKNN:
        """The item-item half."""
        return ItemKNN(self.similarity)

    @property
    def users(self) -> UserKNN:
        """The user-user half."""
        return UserKNN(
            self.user_items, self.item_users, self.inverse_lengths, self.neighbours, self.by_similarity
        )

    def opinion(self, profile: Profile) -> Opinion:
        """Return the product of both scores where both have an opinion."""
        n_items, items, by_items = self.items.opinion(profile)
        _, theirs, by_users = self.users.opinion(profile)
        rows, both = located(items, theirs, n_items)
        return Opinion(n_items, theirs[both], by_items[rows] * by_users[both])

    def because(self, profile: Profile, item: int) -> Reason:
        """Return the liked item without which the product falls most."""
        by_items = self.items.strength(profile, item)
        by_users = self.users.strength(profile, item)
        rest = (by_items - self.items.drops(profile, item)) * (by_users - self.users.drops(profile, item))
        return most_blamed(profile.liked.items, by_items * by_users - rest)
