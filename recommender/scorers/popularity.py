"""Popularity: how many people like an item, anywhere or in one community."""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Self

import numpy as np
from scipy.sparse import csr_matrix

from recommender.arrays import Floats, Ints, Mask
from recommender.linalg import binary
from recommender.models.population import Counts
from recommender.models.rates import AS_GOOD_AS_ASKED, LEAST_ANSWERING, UNANSWERED, shrunk_rates
from recommender.scorers import HALF_TRUSTED, Opinion, Profile, Reason, Scorer, TrainingData, VoteWeights

_FIRST = 1_000
LEAST_ANYWHERE, LEAST_HERE = 3, 2
"""Users that an item needs before it counts as liked at all, anywhere and in a community: the prior is that
nobody likes it.  Fewer tell about themselves, not about the item."""


@dataclass(frozen=True, eq=False)
class Popularity(Scorer):
    """The number of people who like an item, on a log scale. It has an opinion on every item.

    It starts from what is generally known: as if 100 people had been asked before the first user came.
    Silence of users who answer is no dislike: they count as if all of them had been asked, by the rate of
    likes among those who were.
    """

    name: ClassVar[str] = "popularity"
    votes: ClassVar[VoteWeights] = VoteWeights(few=0.4, many=0.0, seeded=0.0)
    learns_from_others: ClassVar[bool] = True
    personal: ClassVar[bool] = False
    scores_unplayed: ClassVar[bool] = True

    people: Ints  # per item, how many have a positive weight on it
    wanted: Floats  # per item, how many would like it if everybody who answers had been asked
    elsewhere: Floats  # per item, what is known without users: popularity, below one user, and fame
    item_users: csr_matrix  # I x U float32: 1 where the user likes the item
    first: Ints  # ascending: the most popular, as many as are looked at where few are wanted

    @classmethod
    def fit(cls, data: TrainingData, *, seed: int) -> Self:
        """Count the people; nothing is drawn, so the seed changes nothing."""
        del seed
        likes, people = binary(data.user_items), data.counts.likers
        known = np.zeros(len(people)) if data.item_popularity is None else data.item_popularity / 101.0
        elsewhere = np.nan_to_num(known).astype(np.float32)
        if data.item_fame is not None:
            elsewhere += data.item_fame
        wanted = np.where(people >= LEAST_ANYWHERE, _wanted(data.counts), 0).astype(np.float32)
        if data.unanswered is not None:  # as if so many more had been asked, who say no
            asked = AS_GOOD_AS_ASKED + data.counts.n_users
            in_vain = UNANSWERED * np.asarray(data.unanswered.sum(axis=0)).ravel()
            lower = (asked / (asked + in_vain)).astype(np.float32)
            wanted, elsewhere = wanted * lower, elsewhere * lower
        return cls(people, wanted, elsewhere, csr_matrix(likes.T), _first(wanted + elsewhere))

    def trust(self, people: int) -> float:
        """Return 1 or more where it is generally known what people like, else what few users leave of it.

        While few users teach the blend, which knows what is popular, fame speaks twice: about as loud as
        tags, so that both together come near the product of likeness and fame.
        """
        if not self.knows_fame:
            return super().trust(people)
        return 1 + HALF_TRUSTED / (people + HALF_TRUSTED)

    @property
    def knows_fame(self) -> bool:
        """Whether `elsewhere` tells how many people like an item, not only which of two is more popular."""
        return bool(self.elsewhere.max(initial=0) >= 1)

    def listeners(self, item: int) -> int:
        """Return how many people like `item`."""
        return int(self.people[item])

    def opinion(self, profile: Profile) -> Opinion:
        """Return log(1 + people) per item from a few people on; other sources break ties."""
        del profile
        scores: Floats = np.log1p(self.wanted + self.elsewhere, dtype=np.float32)
        return Opinion(len(scores), np.arange(len(scores), dtype=np.int32), scores)

    def shortlist(self, profile: Profile, allowed: Mask, k: int) -> Opinion:
        """Return the opinion on the most popular alone, where enough of them are allowed."""
        if np.count_nonzero(allowed[self.first]) < k:
            return self.opinion(profile)
        return self._of_first

    @cached_property
    def _of_first(self) -> Opinion:
        wanted = self.wanted[self.first] + self.elsewhere[self.first]
        return Opinion(len(self.people), self.first, np.log1p(wanted, dtype=np.float32))

    def because(self, profile: Profile, item: int) -> Reason:
        """Return no item: nothing that one user knows makes it popular."""
        del profile, item
        return Reason(None, 0.0)


def _wanted(counts: Counts) -> Floats:
    """Return likes of users who never dislike, and the rate among the others as if all had been asked."""
    if counts.answering < LEAST_ANSWERING:
        return counts.likers.astype(np.float32)
    rates = shrunk_rates(counts.asked_and_liked, counts.asked)
    return np.asarray(counts.people - counts.asked_and_liked + counts.answering * rates, dtype=np.float32)


def _first(popularity: Floats) -> Ints:
    """Return the most popular `_FIRST` items, and all that are as popular as the last of them."""
    if len(popularity) <= _FIRST:
        return np.arange(len(popularity), dtype=np.int32)
    least = np.partition(popularity, len(popularity) - _FIRST)[len(popularity) - _FIRST]
    return np.flatnonzero(popularity >= least).astype(np.int32)


@dataclass(frozen=True, eq=False)
class CommunityPopularity(Scorer):
    """The number of members of the user's community who like an item, on a log scale."""

    name: ClassVar[str] = "community"
    votes: ClassVar[VoteWeights] = VoteWeights(few=0.6, many=0.2, seeded=0.0)
    personal: ClassVar[bool] = False

    people: csr_matrix  # C x I float32: how many members like the item
    members: Ints  # C: how many members like anything

    @classmethod
    def fit(cls, data: TrainingData, *, seed: int) -> Self:
        """Count the members; nothing is drawn, so the seed changes nothing."""
        del seed
        people = csr_matrix(data.counts.here)
        people.sort_indices()
        return cls(people, data.counts.members.astype(np.int32))

    def listeners(self, community: int, item: int) -> int:
        """Return how many members of `community` like `item`; 0 for a community newer than the training."""
        return int(self.counts(community, np.array([item], dtype=np.int32))[0])

    def opinion(self, profile: Profile) -> Opinion:
        """Return log(1 + members) for each item that enough there like; none without a community."""
        columns, counts = self.row(profile.community)
        enough = counts >= LEAST_HERE
        return Opinion(self.people.shape[1], columns[enough], np.log1p(counts[enough]))

    def because(self, profile: Profile, item: int) -> Reason:
        """Return no item: nothing that one user knows makes it popular."""
        del profile, item
        return Reason(None, 0.0)

    def around(self, community: int | None) -> int:
        """Return of how many members of `community` some taste is known."""
        known = community is not None and 0 <= community < len(self.members)
        return int(self.members[community]) if known else 0

    def counts(self, community: int | None, items: Ints) -> Ints:
        """Return how many members of `community` like each of some items."""
        columns, counts = self.row(community)
        if not len(columns):
            return np.zeros(len(items), dtype=np.int32)
        at = np.minimum(np.searchsorted(columns, items), len(columns) - 1)
        return np.where(columns[at] == items, counts[at], 0).astype(np.int32)

    def row(self, community: int | None) -> tuple[Ints, Floats]:
        """Return the items that members of `community` like, ascending, and how many do."""
        if community is None or not 0 <= community < self.people.shape[0]:
            return np.empty(0, dtype=np.int32), np.empty(0, dtype=np.float32)
        row = slice(self.people.indptr[community], self.people.indptr[community + 1])
        return self.people.indices[row], self.people.data[row]
