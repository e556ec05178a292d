"""Item-item nearest neighbours: more of what the same people also like.

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
    """The weights of the known items, carried over to the items most similar to them."""

    name: ClassVar[str] = "item_knn"

    similarity: csr_matrix  # I x I float32: row i holds the neighbours of i, itself left out

    @classmethod
    def fit(
        cls, data: TrainingData, *, seed: int, neighbours: int = 100, damping: float = 5.0, threads: int = 2
    ) -> Self:
        """Compare all items by the cosine of their columns; nothing is drawn, so the seed changes nothing.

        `neighbours`: how many similar items are kept per item.  More is a little better on Last.fm's artists,
        and takes as much more memory.
        `damping`: as if each item had so many listeners more who know nothing else; 0 is the plain cosine,
        which is 1 between any two items whose only listener is the same.  On Last.fm's artists some damping
        is better than none, by far so for people with few likes, and how much matters little.
        """
        del seed
        item_users = positive(csr_matrix(data.user_items.T))
        lengths = np.sqrt(row_norms(item_users) ** 2 + strength(item_users, damping))
        return cls(_nearest(scaled_rows(item_users, inverse(lengths)), neighbours, threads))

    def opinion(self, profile: Profile) -> Opinion:
        """Return the sum of weight times similarity for each neighbour of a known item.

        A disliked item takes its share away; where nothing is liked there is no opinion.
        """
        if not np.any(profile.weights > 0):
            return no_opinion(self.similarity.shape[0])
        return combined_opinion(self.similarity, profile.items, profile.weights)

    def because(self, profile: Profile, item: int) -> Reason:
        """Return the liked item with the largest share in the score of `item`."""
        return most_blamed(profile.liked.items, self.drops(profile, item))

    def strength(self, profile: Profile, item: int) -> float:
        """Return the score of one item in double precision, 0 where there is none."""
        liked = bool(np.any(profile.weights > 0))
        return float(column(self.similarity, profile.items, item) @ profile.weights) if liked else 0.0

    def drops(self, profile: Profile, item: int) -> Doubles:
        """Return by how much the score of `item` falls without each liked item."""
        shares = column(self.similarity, profile.items, item) * profile.weights
        liked = shares[profile.weights > 0]
        # Without the only liked item there is no score at all, whatever the disliked ones take away.
        return shares.sum(keepdims=True) if len(liked) == 1 else liked


def _nearest(unit_items: csr_matrix, neighbours: int, threads: int) -> csr_matrix:
    """Return, for each row, the `neighbours` rows of largest inner product with it, itself left out."""
    n = unit_items.shape[0]
    # implicit reserves room for every neighbour of every item: items that nobody likes are left out.
    known = np.flatnonzero(np.diff(unit_items.indptr))
    model = ItemItemRecommender(K=neighbours + 1, num_threads=threads)
    model.fit(csr_matrix(unit_items[known].T, dtype=np.float64), show_progress=False)
    found = model.similarity.tocoo()
    kept = (found.row != found.col) & (found.data > 0)
    places = (known[found.row[kept]], known[found.col[kept]])
    return csr_matrix((found.data[kept].astype(np.float32), places), shape=(n, n))
