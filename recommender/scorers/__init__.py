"""The models.  One file each, all behind one small protocol.

A scorer works on one *axis*: its items are the columns of one matrix, of tracks or of artists; it does not
know which.  All of them are pure: arrays in, arrays out.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar, NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommender.arrays import Floats, Ints, Mask


@dataclass(frozen=True)
class TrainingData:
    """What a scorer may learn from, on one axis: U users, I items, T tags, F features, C communities."""

    user_items: csr_matrix  # U x I float32; > 0 likes it (confidence), < 0 dislikes it, 0 unknown
    item_tags: csr_matrix  # I x T float32 counts or weights, >= 0
    item_features: Floats  # I x F, to be compared by cosine; NaN where unknown; F may be 0
    communities: csr_matrix  # C x U float32, 1 where the user belongs to the community
    item_popularity: Floats | None = None  # I; 0 to 100 as other sources say, NaN where they do not
    item_sounds: Floats | None = None  # I x S, as the features, by sound alone; those unless given


@dataclass(frozen=True)
class Profile:
    """What is known of a listener on one axis, at the moment of asking.

    Raises ValueError for a column below 0: -1, which says "no such item", would be taken for the last item.
    """

    items: Ints  # columns, ascending, without repeats
    weights: Floats  # one per column, signed as in `TrainingData.user_items`
    community: int | None = None  # row of `TrainingData.communities`
    own: int | None = None  # the listener's row of `TrainingData.user_items`, if she is in it

    def __post_init__(self) -> None:
        """Check what all scorers rely on."""
        if len(self.items) != len(self.weights) or np.min(self.items, initial=0) < 0:
            raise ValueError(f"A profile needs columns from 0 on, and a weight for each: {self}.")

    @cached_property
    def liked(self) -> "Profile":
        """The profile without what the listener dislikes."""
        keep = self.weights > 0
        return self if keep.all() else Profile(self.items[keep], self.weights[keep], self.community)

    @cached_property
    def disliked(self) -> "Profile":
        """The profile without what the listener likes."""
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
    """What a scorer says of the items it has an opinion on, which may be few of them all."""

    n_items: int  # of the axis
    items: Ints  # K columns, ascending
    scores: Floats  # K, higher is better, never NaN


class Scorer(Protocol):
    """An opinion about items.  Being an instance is being trained: `fit` returns a frozen object."""

    name: ClassVar[str]

    @classmethod
    def fit(cls, data: TrainingData, *, seed: int) -> Self:
        """Learn from `data`; the same seed gives the same numbers, on one thread and on two."""
        ...

    def opinion(self, profile: Profile) -> Opinion:
        """Return the scores of the items there is something to say of."""
        ...

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

    def because(self, profile: Profile, item: int) -> Reason:
        """Return the liked item whose removal lowers the score of `item` most, if there is one."""
        ...


def most_blamed(known: Ints, drops: NDArray[np.float64]) -> Reason:
    """Return the item of `known` with the largest drop, if that is above zero; of equals the first."""
    best = int(np.argmax(drops)) if len(drops) else -1
    if best < 0 or not drops[best] > 0:
        return Reason(None, 0.0)
    return Reason(int(known[best]), float(drops[best]))


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
