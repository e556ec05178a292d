"""Item-item nearest neighbours: items that the same users like.

Source: Deshpande and Karypis, "Item-based top-N recommendation algorithms", TOIS 22(1), 2004.
"""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from implicit.nearest_neighbours import ItemItemRecommender
from scipy.sparse import csr_matrix

from recommender.arrays import Doubles
from recommender.linalg import column, inverse, positive, row_norms, scaled_rows, strength
from recommender.scorers import (
    Opinion,
    Profile,
    Reason,
    Scorer,
    TrainingData,
    combined_opinion,
    most_blamed,
    no_opinion,
)


@dataclass(frozen=True, eq=False)
class ItemNeighbours(Scorer):
    """The known items' weights, propagated to the most similar items."""

    name: ClassVar[str] = "item_knn"

    similarity: csr_matrix  # I x I float32: row i holds the neighbours of i, without i

    @classmethod
    def fit(
        cls, data: TrainingData, *, seed: int, neighbours: int = 100, damping: float = 5.0, threads: int = 2
    ) -> Self:
        """Compare all items by the cosine of their columns; deterministic.

        `neighbours`: similar items kept per item; more are slightly better on Last.fm's artists at
        proportional memory. `damping`: pseudo-count of users per item with no other item; 0 is the
        plain cosine, which is 1 between any two items with the same single user. On Last.fm's artists
        some damping beats none, by far for users with few likes, and the amount matters little.
        """
        del seed
        item_users = positive(csr_matrix(data.user_items.T))
        lengths = np.sqrt(row_norms(item_users) ** 2 + strength(item_users, damping))
        return cls(_nearest(scaled_rows(item_users, inverse(lengths)), neighbours, threads))

    def opinion(self, profile: Profile) -> Opinion:
        """Return the sum of weight times similarity for each neighbour of a known item.

        A disliked item subtracts its share; without any like there is no score.
        """
        if not np.any(profile.weights > 0):
            return no_opinion(self.similarity.shape[0])
        return combined_opinion(self.similarity, profile.items, profile.weights)

    def because(self, profile: Profile, item: int) -> Reason:
        """Return the liked item with the largest share in the score of `item`."""
        return most_blamed(profile.liked.items, self.drops(profile, item))

    def strength(self, profile: Profile, item: int) -> float:
        """Return an item's score in double precision, 0 without one."""
        liked = bool(np.any(profile.weights > 0))
        return float(column(self.similarity, profile.items, item) @ profile.weights) if liked else 0.0

    def drops(self, profile: Profile, item: int) -> Doubles:
        """Return the drop in the score of `item` without each liked item."""
        shares = column(self.similarity, profile.items, item) * profile.weights
        liked = shares[profile.weights > 0]
        # Without the only liked item there is no score, whatever the dislikes subtract.
        return shares.sum(keepdims=True) if len(liked) == 1 else liked


def _nearest(unit_items: csr_matrix, neighbours: int, threads: int) -> csr_matrix:
    """Return each row's `neighbours` rows with the largest inner product, without itself."""
    n = unit_items.shape[0]
    # implicit allocates all neighbours of every item: leave out items without likes.
    known = np.flatnonzero(np.diff(unit_items.indptr))
    model = ItemItemRecommender(K=neighbours + 1, num_threads=threads)
    model.fit(csr_matrix(unit_items[known].T, dtype=np.float64), show_progress=False)
    found = model.similarity.tocoo()
    kept = (found.row != found.col) & (found.data > 0)
    places = (known[found.row[kept]], known[found.col[kept]])
    return csr_matrix((found.data[kept].astype(np.float32), places), shape=(n, n))
