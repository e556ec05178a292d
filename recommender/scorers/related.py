"""Related artists: what is generally known of whose listeners overlap, for servers with few listeners.

Each artist names others, best first.  A walk goes along these names, and half as readily against them, and
returns to what is liked with probability `_RESTART` per step (personalised PageRank, cut after `_HOPS` steps:
Page et al. 1999; Haveliwala 2002).  All walks are worked out at training, so that a score is a sum over the
liked items and what each adds to it is known exactly.

What is found is multiplied by a power of its fame: of two artists who are equally near, more people like the
famous one.  The constants were chosen on the relations alone, by hiding a fifth of the names: with this walk
they are found again best, and this is the largest power of fame with which no fewer are.
"""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from scipy.sparse import csr_matrix, diags_array

from recommender.arrays import Ints
from recommender.linalg import column, contained, inverse, positive
from recommender.scorers import (
    AxisName,
    Opinion,
    Profile,
    Reason,
    Scorer,
    TrainingData,
    VoteWeights,
    combined_opinion,
    most_blamed,
    no_opinion,
)

AS_GOOD_AS = 300
"""So many users of a server teach as much as the relations do: their votes then weigh half."""

_BACKWARD = 0.5  # who is named by an artist names that artist less surely
_RESTART, _HOPS = 0.5, 3
_FAME = 0.5
_LEAST_FAME = 0.1  # of 100 people: an artist of whose fame nothing is said is known to fans
_KEPT = 200  # artists that one walk reaches, at most


@dataclass(frozen=True, eq=False)
class Related(Scorer):
    """How surely walks from what is liked are found at an item, and how famous that is."""

    name: ClassVar[str] = "related"
    scores_unplayed: ClassVar[bool | None] = None
    votes: ClassVar[VoteWeights] = VoteWeights(few=5.0, many=5.0, seeded=2.5)
    axes: ClassVar[tuple[AxisName, ...]] = ("artists",)

    walks: csr_matrix  # I x I float32: row i holds where walks from i lead, itself left out
    named: csr_matrix  # I x I float32: the relations themselves, in both directions

    @classmethod
    def fit(cls, data: TrainingData, *, seed: int) -> Self:
        """Walk from every item; nothing is drawn, so the seed changes nothing."""
        del seed
        n = data.user_items.shape[1]
        names = data.item_related
        if names is None:
            nowhere = np.zeros(0, dtype=np.int32)
            names = csr_matrix((np.zeros(0, dtype=np.float32), (nowhere, nowhere)), shape=(n, n))
        both = csr_matrix(names + _BACKWARD * names.T)
        fame = np.zeros(n) if data.item_fame is None else data.item_fame.astype(np.float64)
        known = csr_matrix(_walks(both) @ diags_array(np.maximum(fame, _LEAST_FAME) ** _FAME))
        return cls(_strongest(known, _KEPT), both.astype(np.float32))

    def trust(self, people: int) -> float:
        """Return the share that is left of the votes where users of this server teach the same, better."""
        return AS_GOOD_AS / (people + AS_GOOD_AS)

    def opinion(self, profile: Profile) -> Opinion:
        """Return the sum of weight times chance for each item that a walk reaches from what is liked.

        Where walks from what is disliked lead, the score falls; where nothing is liked there is no opinion.
        """
        likes = profile.liked
        if not len(likes.items):
            return no_opinion(self.walks.shape[0])
        n, items, scores = combined_opinion(self.walks, profile.items, profile.weights)
        if len(likes.items) == len(profile.items):
            return Opinion(n, items, scores)
        reached = combined_opinion(self.walks, likes.items, likes.weights).items
        kept = contained(items, reached)
        return Opinion(n, items[kept], scores[kept])

    def because(self, profile: Profile, item: int) -> Reason:
        """Return the liked item without which the score of `item` is lowest."""
        likes = profile.liked
        drops = column(self.walks, likes.items, item) * likes.weights
        if np.count_nonzero(drops) == 1:  # without it there is no opinion
            drops *= column(self.walks, profile.items, item) @ profile.weights / drops.sum()
        return most_blamed(likes.items, drops)

    def around(self, item: int) -> Ints:
        """Return the items that an item names, or that name it: `named` holds both directions."""
        found: Ints = self.named.indices[self.named.indptr[item] : self.named.indptr[item + 1]]
        return found

    def relates(self, one: int, other: int) -> bool:
        """Tell whether one of two items names the other."""
        return bool((self.around(one) == other).any())


def _walks(names: csr_matrix) -> csr_matrix:
    """Return the chance to be at each item after one step to `_HOPS`, the later steps counting less."""
    step = csr_matrix(diags_array(inverse(np.asarray(names.sum(axis=1), dtype=np.float64).ravel())) @ names)
    reached, found = step, step
    for _ in range(_HOPS - 1):
        reached = (1 - _RESTART) * (reached @ step)
        found = found + reached
    found = csr_matrix(found)
    found.setdiag(0)
    return positive(found)


def _strongest(matrix: csr_matrix, k: int) -> csr_matrix:
    """Return the largest `k` entries of each row as float32, columns ascending."""
    lengths = np.diff(matrix.indptr)
    row = np.repeat(np.arange(len(lengths)), lengths)
    order = np.lexsort((matrix.indices, -matrix.data, row))
    place = np.arange(len(order)) - matrix.indptr[row]
    at = order[place < k]
    at = at[np.lexsort((matrix.indices[at], row[at]))]
    indptr = np.concatenate([[0], np.cumsum(np.minimum(lengths, k))])
    return csr_matrix((matrix.data[at].astype(np.float32), matrix.indices[at], indptr), shape=matrix.shape)
