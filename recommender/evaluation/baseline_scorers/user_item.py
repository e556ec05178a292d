"""User-item scorer: items of similar users that also fit the user's known items."""

from dataclasses import dataclass
from typing import ClassVar, Self

from scipy.sparse import csr_matrix

from recommender.arrays import Floats
from recommender.evaluation.baseline_scorers.item_neighbours import ItemNeighbours
from recommender.evaluation.baseline_scorers.user_neighbours import UserNeighbours
from recommender.linalg import located
from recommender.scorers import Opinion, Profile, Reason, Scorer, TrainingData, most_blamed


@dataclass(frozen=True, eq=False)
class UserItem(Scorer):
    """The item-item score, times the weight that the most similar users give the item.

    With N the users nearest to the profile p, s the similarity of items and x the likes:

        score(i) = (sum over known j of p[j] s(j, i)) * (sum over u in N of cosine(p, u) x[u, i])

    The second factor restricts to items of similar users; the first ranks these, where a single similar
    user would leave them all equal.
    """

    name: ClassVar[str] = "user_item"

    similarity: csr_matrix  # as in ItemNeighbours
    user_items: csr_matrix  # this and the following as in UserNeighbours
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
        """Fit both halves; deterministic.

        `neighbours`: of the user, as in `UserNeighbours`. `similar_items`, `damping`: as in
        `ItemNeighbours`.
        """
        items = ItemNeighbours.fit(
            data, seed=seed, neighbours=similar_items, damping=damping, threads=threads
        )
        users = UserNeighbours.fit(data, seed=seed, neighbours=neighbours)
        return cls(items.similarity, **vars(users))

    @property
    def items(self) -> ItemNeighbours:
        """The item-item half."""
        return ItemNeighbours(self.similarity)

    @property
    def users(self) -> UserNeighbours:
        """The user-user half."""
        return UserNeighbours(
            self.user_items, self.item_users, self.inverse_lengths, self.neighbours, self.by_similarity
        )

    def opinion(self, profile: Profile) -> Opinion:
        """Return the product of both scores, for items with both."""
        n_items, items, by_items = self.items.opinion(profile)
        _, theirs, by_users = self.users.opinion(profile)
        rows, both = located(items, theirs, n_items)
        return Opinion(n_items, theirs[both], by_items[rows] * by_users[both])

    def because(self, profile: Profile, item: int) -> Reason:
        """Return the liked item whose removal lowers the product most."""
        by_items = self.items.strength(profile, item)
        by_users = self.users.strength(profile, item)
        rest = (by_items - self.items.drops(profile, item)) * (by_users - self.users.drops(profile, item))
        return most_blamed(profile.liked.items, by_items * by_users - rest)
