"""What many people like: in the whole world, or in one place."""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from scipy.sparse import csr_matrix

from recommender.arrays import Floats, Ints, Mask
from recommender.linalg import binary
from recommender.scorers import Opinion, Profile, Reason, Scorer, TrainingData

_FIRST = 1_000
_PRIOR, _PRIOR_HERE = 2, 1
"""Users that an item needs before it counts as popular at all, anywhere and in a community: so few tell about
themselves, not about the item."""


@dataclass(frozen=True, eq=False)
class Popularity(Scorer):
    """The number of people who like an item, on a log scale.  It has an opinion on every item."""

    name: ClassVar[str] = "popularity"

    people: Ints  # per item, how many have a positive weight on it
    elsewhere: Floats  # per item, what other sources say, from 0 to just below one listener
    item_users: csr_matrix  # I x U float32: 1 where the user likes the item
    first: Ints  # ascending: the most popular, as many as are looked at where few are wanted

    @classmethod
    def fit(cls, data: TrainingData, *, seed: int) -> Self:
        """Count the people; nothing is drawn, so the seed changes nothing."""
        del seed
        likes = binary(data.user_items)
        people = np.bincount(likes.indices, minlength=likes.shape[1]).astype(np.int32)
        known = np.zeros(len(people)) if data.item_popularity is None else data.item_popularity / 101.0
        elsewhere = np.nan_to_num(known).astype(np.float32)
        return cls(people, elsewhere, csr_matrix(likes.T), _first(_shrunk(people, _PRIOR) + elsewhere))

    def listeners(self, item: int) -> int:
        """Return how many people like `item`."""
        return int(self.people[item])

    def opinion(self, profile: Profile) -> Opinion:
        """Return log(1 + people beyond the prior) per item; other sources break ties."""
        del profile
        scores: Floats = np.log1p(_shrunk(self.people, _PRIOR) + self.elsewhere, dtype=np.float32)
        return Opinion(len(scores), np.arange(len(scores), dtype=np.int32), scores)

    def shortlist(self, profile: Profile, allowed: Mask, k: int) -> Opinion:
        """Return the opinion on the most popular alone, where enough of them are allowed."""
        if np.count_nonzero(allowed[self.first]) < k:
            return self.opinion(profile)
        people = _shrunk(self.people[self.first], _PRIOR)
        scores: Floats = np.log1p(people + self.elsewhere[self.first], dtype=np.float32)
        return Opinion(len(self.people), self.first, scores)

    def because(self, profile: Profile, item: int) -> Reason:
        """Return no item: nothing that one listener knows makes it popular."""
        del profile, item
        return Reason(None, 0.0)


def _shrunk(people: Ints | Floats, prior: int) -> Floats:
    return np.maximum(people - prior, 0).astype(np.float32)


def _first(popularity: Floats) -> Ints:
    """Return the most popular `_FIRST` items, and all that are as popular as the last of them."""
    if len(popularity) <= _FIRST:
        return np.arange(len(popularity), dtype=np.int32)
    least = np.partition(popularity, len(popularity) - _FIRST)[len(popularity) - _FIRST]
    return np.flatnonzero(popularity >= least).astype(np.int32)


@dataclass(frozen=True, eq=False)
class CommunityPopularity(Scorer):
    """The number of members of the listener's community who like an item, on a log scale."""

    name: ClassVar[str] = "community"

    people: csr_matrix  # C x I float32: how many members like the item
    members: Ints  # C: how many members like anything

    @classmethod
    def fit(cls, data: TrainingData, *, seed: int) -> Self:
        """Count the members; nothing is drawn, so the seed changes nothing."""
        del seed
        likes = binary(data.user_items)
        belongs = binary(data.communities)
        people = csr_matrix(belongs @ likes)
        people.sort_indices()
        return cls(people, (belongs @ (np.diff(likes.indptr) > 0)).astype(np.int32))

    def listeners(self, community: int, item: int) -> int:
        """Return how many members of `community` like `item`; 0 for a community newer than the training."""
        columns, counts = self.row(community)
        return int(counts[columns == item].sum())

    def opinion(self, profile: Profile) -> Opinion:
        """Return log(1 + members beyond the prior) for each item that enough there like."""
        columns, counts = self.row(profile.community)
        enough = counts > _PRIOR_HERE
        scores: Floats = np.log1p(_shrunk(counts[enough], _PRIOR_HERE))
        return Opinion(self.people.shape[1], columns[enough], scores)

    def because(self, profile: Profile, item: int) -> Reason:
        """Return no item: nothing that one listener knows makes it popular."""
        del profile, item
        return Reason(None, 0.0)

    def around(self, community: int | None) -> int:
        """Return of how many members of `community` some taste is known."""
        known = community is not None and 0 <= community < len(self.members)
        return int(self.members[community]) if known else 0

    def row(self, community: int | None) -> tuple[Ints, Floats]:
        """Return the items that members of `community` like, ascending, and how many do."""
        if community is None or not 0 <= community < self.people.shape[0]:
            return np.empty(0, dtype=np.int32), np.empty(0, dtype=np.float32)
        row = slice(self.people.indptr[community], self.people.indptr[community + 1])
        return self.people.indices[row], self.people.data[row]
