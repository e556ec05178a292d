"""Scorers: the models that are served.  One file each, all behind one small protocol.

A scorer works on one *axis*: its items are the columns of one matrix, of tracks or of artists, and it does
not know which.  All are pure: arrays in, arrays out.  To add one, write a file with a class and name the
class in `recommender.scorers.registry`: training, snapshots, fusion and the contract suite find it there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar, Literal, NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommender.arrays import Doubles, Floats, Ints, Mask
from recommender.linalg import entries, summed
from recommender.models.population import Counts, Population, UserBlock
from recommender.types import Facet

AxisName = Literal["artists", "tracks"]


@dataclass(frozen=True)
class TrainingData:
    """What a scorer may learn from, on one axis: U users, I items, T tags, F features, C communities."""

    user_items: csr_matrix  # U x I float32; > 0 likes it (confidence), < 0 dislikes it, 0 unknown
    item_tags: csr_matrix  # I x T float32 counts or weights, >= 0
    item_features: Floats  # I x F, to be compared by cosine; NaN where unknown; F may be 0
    communities: csr_matrix  # C x U float32, 1 where the user belongs to the community
    item_popularity: Floats | None = None  # I; 0 to 100 as other sources say, NaN where they do not
    item_sounds: Floats | None = None  # I x S audio features alone; None: `item_features` are all there is
    item_related: csr_matrix | None = None  # I x I float32, > 0: users of the row's item like the column's
    item_fame: Floats | None = None  # I; how many of 100 people should like it, by what is generally known
    item_heard: Floats | None = None  # I x H, heard vectors less their mean; NaN where unheard
    population: Population | None = None  # the sums over everybody, where `user_items` has a sample of users
    unanswered: csr_matrix | None = None  # U x I float32: how often shown to a user who says nothing of it

    @cached_property
    def counts(self) -> Counts:
        """What is counted over everybody."""
        if self.population is not None:
            return self.population.counts
        return UserBlock(self.user_items, self.communities).counts()


@dataclass(frozen=True)
class Profile:
    """What is known of a user on one axis, at the moment of asking.

    Raises ValueError for a column below 0: -1, which says "no such item", would be taken for the last item.
    """

    items: Ints  # columns, ascending, without repeats
    weights: Floats  # one per column, signed as in `TrainingData.user_items`
    community: int | None = None  # row of `TrainingData.communities`
    own: int | None = None  # the user's row of `TrainingData.user_items`, if there is one
    members: "tuple[Profile, ...]" = ()  # others of the community whom the training has not seen

    def __post_init__(self) -> None:
        """Check what all scorers rely on."""
        if len(self.items) != len(self.weights) or np.min(self.items, initial=0) < 0:
            raise ValueError(f"A profile needs columns from 0 on, and a weight for each: {self}.")

    @cached_property
    def liked(self) -> "Profile":
        """The profile without dislikes."""
        keep = self.weights > 0
        return self if keep.all() else Profile(self.items[keep], self.weights[keep], self.community)

    @cached_property
    def disliked(self) -> "Profile":
        """The profile without likes."""
        keep = self.weights < 0
        return Profile(self.items[keep], self.weights[keep], self.community)

    def without(self, item: int) -> "Profile":
        """Return the profile as if `item` had never been heard."""
        keep = self.items != item
        return replace(self, items=self.items[keep], weights=self.weights[keep])


class Reason(NamedTuple):
    """Why an item scores as it does: the known item without which it would fall most, and by how much."""

    item: int | None  # None: no single known item is the cause
    drop: float  # score(profile)[item] - score(profile.without(cause))[item]; > 0 where item is given


class Opinion(NamedTuple):
    """Scores of the items a scorer has an opinion on, which may be few of them all."""

    n_items: int  # of the axis
    items: Ints  # K columns, ascending
    scores: Floats  # K, higher is better, never NaN


HALF_TRUSTED = 30
"""So many users to learn from, and what they teach is worth half its weight."""


class VoteWeights(NamedTuple):
    """Weight of a scorer's votes in the fusion (`recommender.pipeline.fusion`), by what is asked.

    Found by coordinate search for the NDCG@20 of held-out artists of Last.fm users who showed 1, 3, 10 or 40
    others.  Between one and twenty known items the weight moves on a log scale.
    """

    few: float  # one known item
    many: float  # twenty known items or more
    seeded: float  # "like this one", where only what items share speaks, not what everybody hears


class Scorer(Protocol):
    """An opinion about items.  Being an instance is being trained: `fit` returns a frozen object.

    Subclasses are frozen dataclasses of arrays, sparse matrices, numbers and texts: that is how snapshots
    save and load them.
    """

    name: ClassVar[str]  # logged with every vote and reason
    votes: ClassVar[VoteWeights] = VoteWeights(0.0, 0.0, 0.0)  # 0: never asked
    axes: ClassVar[tuple[AxisName, ...]] = ("artists", "tracks")  # where it is served
    learns_from_others: ClassVar[bool] = False  # its votes count less while there are few users
    personal: ClassVar[bool] = True  # False: the same for everybody, or for everybody in a community
    scores_unplayed: ClassVar[bool | None] = (
        False  # whether items that nobody has played get a score; None: some
    )
    replaces: ClassVar[tuple[str, ...]] = ()  # names of scorers silent while this one has learned enough

    @classmethod
    def fit(cls, data: TrainingData, *, seed: int) -> Self:
        """Learn from `data`; the same seed gives the same numbers, on one thread and on two."""
        ...

    def opinion(self, profile: Profile) -> Opinion:
        """Return the scores of the items there is something to say of."""
        ...

    def because(self, profile: Profile, item: int) -> Reason:
        """Return the liked item whose removal lowers the score of `item` most, if there is one."""
        ...

    def trust(self, people: int) -> float:
        """Return what its votes are multiplied by where so many users are learned from.

        What few others teach counts little, and never nothing: a new user is told what there is.
        """
        return (people + 1) / (people + HALF_TRUSTED) if self.learns_from_others else 1.0

    @property
    def has_learned(self) -> bool:
        """Whether there was enough to learn from; only then it replaces others."""
        return True

    def shortlist(self, profile: Profile, allowed: Mask, k: int) -> Opinion:
        """Return the opinion on its best `k` among `allowed` (one flag per item), and perhaps on others.

        For scorers that would have to look at every item to give their whole opinion.
        """
        del allowed, k
        return self.opinion(profile)

    def score(self, profile: Profile) -> Floats:
        """Return one float32 per item, higher is better, NaN where there is no opinion."""
        n_items, items, scores = self.opinion(profile)
        everywhere = np.full(n_items, np.nan, dtype=np.float32)
        everywhere[items] = scores
        return everywhere

    def reasons(self, profile: Profile, items: Ints) -> list[Reason]:
        """Return `because` for each of some different items, for scorers that find many at once faster."""
        return [self.because(profile, item) for item in items.tolist()]

    def only_by(self, facet: Facet) -> "Scorer | None":
        """Return the part of this scorer that goes by one facet alone, None if it has no such part."""
        del facet
        return None

    def figures(self) -> dict[str, Any]:
        """Return figures about this scorer for `segue stats`."""
        return {}


class Voters(NamedTuple):
    """How much the votes of each of S scorers weigh, as far as the snapshot alone decides it."""

    few: Doubles  # S, as in `VoteWeights`, times the scorer's trust
    many: Doubles
    seeded: Doubles

    @classmethod
    def of(cls, scorers: Sequence[Scorer], people: int) -> Self:
        """Ask each scorer what it declares; `people` are the users to learn from."""
        trust = np.array([scorer.trust(people) for scorer in scorers], dtype=np.float64)
        declared = np.array([scorer.votes for scorer in scorers], dtype=np.float64).reshape(-1, 3)
        few, many, seeded = (declared * trust[:, None]).T
        able = [scorer for scorer in scorers if scorer.replaces and scorer.has_learned]
        replaced = {name for scorer in able for name in scorer.replaces}
        heard = np.array([scorer.name not in replaced for scorer in scorers], dtype=np.float64)
        return cls(few * heard, many * heard, seeded)

    def weights(self, n_known: int, *, seeded: bool) -> Doubles:
        """Return one weight per scorer; `n_known`: items the user likes on the axis."""
        if seeded:
            return self.seeded
        share = min(np.log1p(max(n_known - 1, 0)) / np.log(20.0), 1.0)
        return np.asarray(self.few + (self.many - self.few) * share)


def combined_opinion(matrix: csr_matrix, rows: Ints, weights: NDArray[np.floating]) -> Opinion:
    """Return the weighted sum of some rows where any of them has an entry."""
    chosen, n = entries(matrix, rows), matrix.shape[1]
    touched = np.zeros(n, dtype=np.bool_)
    touched[chosen.column] = True
    items = np.flatnonzero(touched)
    sums = summed(chosen.column, weights.astype(np.float64)[chosen.row] * chosen.data, n)
    return Opinion(n, items.astype(np.int32), sums[items].astype(np.float32))


def no_opinion(n: int) -> Opinion:
    """Return the opinion on none of `n` items."""
    return Opinion(n, np.empty(0, dtype=np.int32), np.empty(0, dtype=np.float32))


def most_blamed(known: Ints, drops: Doubles) -> Reason:
    """Return the item of `known` with the largest of L drops, if that is above zero; of equals the first."""
    return each_most_blamed(known, drops[:, None])[0]


def each_most_blamed(known: Ints, drops: Doubles) -> list[Reason]:
    """Return for each of K items the one of L `known` with the largest drop above zero; of equals the first.

    `drops`: L x K.
    """
    if not len(known):
        return [Reason(None, 0.0)] * drops.shape[1]
    best = drops.argmax(axis=0)
    largest = drops[best, np.arange(drops.shape[1])]
    return [
        Reason(item, drop) if drop > 0 else Reason(None, 0.0)
        for item, drop in zip(known[best].tolist(), largest.tolist(), strict=True)
    ]


def most_missed(scorer: Scorer, profile: Profile, item: int, among: Ints) -> Reason:
    """Return the item of `among` whose removal lowers the score of `item` most, by trying each.

    The exact answer for any scorer, at the price of one `score` per known item; scorers whose score is a sum
    over known items answer faster by themselves.
    """
    base = float(scorer.score(profile)[item])
    best = Reason(None, 0.0)
    for known in among.tolist():
        # No opinion at all without it: the whole score was owed to it.
        drop = base - float(np.nan_to_num(scorer.score(profile.without(known))[item]))
        if drop > best.drop:
            best = Reason(known, drop)
    return best
