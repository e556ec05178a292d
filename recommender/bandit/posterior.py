"""What is believed of one listener, on each axis: worked out once per ask, and looked up from then on."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Floats, Ints
from recommender.request import Request
from recommender.scorers import Profile, Reason
from recommender.snapshot import Axis, Snapshot
from recommender.user_model import Belief

_MOST = 5_000  # where there are more items, beliefs are asked about the most popular alone


@dataclass(frozen=True, eq=False)
class View:
    """One axis as its listener sees it."""

    axis: Axis
    profile: Profile
    belief: Belief

    @classmethod
    def of(cls, axis: Axis, profile: Profile, recency: Floats | None) -> Self | None:
        """Return the view, None where the axis has no population."""
        return cls(axis, profile, axis.beliefs.belief(profile, recency)) if axis.beliefs.known else None

    @cached_property
    def among(self) -> Ints:
        """The items that beliefs look at by themselves, ascending: all, or the most popular.

        The rest of what is worth a look is named by those who hear what is alike.
        """
        everything = np.arange(len(self.axis.items), dtype=np.int32)
        if len(everything) <= _MOST:
            return everything
        popularity = self.axis.popularity
        return everything if popularity is None else popularity.first

    @cached_property
    def expected(self) -> Floats:
        """What is expected of each of them."""
        return self._means(self.among)

    def means(self, items: Ints) -> Floats:
        """Return what is expected of any items."""
        place = np.minimum(np.searchsorted(self.among, items), len(self.among) - 1)
        found = self.expected[place]
        others = self.among[place] != items
        if others.any():
            found[others] = self._means(items[others])
        return found

    def falls(self, items: Ints) -> NDArray[np.bool_]:
        """Tell which items would be expected less without some like."""
        drops = self.axis.beliefs.drops(self.belief, items)[self.profile.weights > 0]
        return np.asarray((drops > 0).any(axis=0)) if len(drops) else np.zeros(len(items), dtype=bool)

    def because_of(self, item: int) -> Reason:
        """Return the liked item without which this one would be expected least."""
        return self.axis.beliefs.because_of(self.belief, self.profile, item)

    def _means(self, items: Ints) -> Floats:
        return self.axis.beliefs.means(self.belief, self.profile.community, items)


class Views(NamedTuple):
    """Both axes; None where one has no population."""

    songs: View | None
    artists: View | None

    @classmethod
    def of(cls, snapshot: Snapshot, request: Request) -> Self:
        """Take the reactions in."""
        return cls(
            View.of(snapshot.tracks, request.tracks, request.track_recency),
            View.of(snapshot.artists, request.artists, request.artist_recency),
        )
