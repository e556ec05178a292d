"""A user's posterior on each axis, computed once per request."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Self

import numpy as np

from recommender.arrays import Floats, Ints, Mask
from recommender.request import Request
from recommender.scorers import Profile, Reason
from recommender.snapshot import Axis, Snapshot
from recommender.user_model import UserPosterior

_MOST = 5_000  # with more items, only the most popular are candidates of the posterior


@dataclass(frozen=True, eq=False)
class AxisPosterior:
    """One user's expected reactions on one axis."""

    axis: Axis
    profile: Profile
    posterior: UserPosterior

    @classmethod
    def of(cls, axis: Axis, profile: Profile, recency: Floats | None) -> Self | None:
        """Return the posterior, None if the axis has no population."""
        if not axis.user_model.known:
            return None
        return cls(axis, profile, axis.user_model.posterior(profile, recency))

    @cached_property
    def among(self) -> Ints:
        """The items the posterior proposes itself, ascending: all, or the most popular.

        Scorers propose the others.
        """
        everything = np.arange(len(self.axis.items), dtype=np.int32)
        popularity = self.axis.popularity
        return everything if len(everything) <= _MOST or popularity is None else popularity.first

    @cached_property
    def expected(self) -> Floats:
        """The expected reaction to each of `among`, 1 for a like, 0 for none."""
        return self._means(self.among)

    def means(self, items: Ints) -> Floats:
        """Return the expected reaction to any items."""
        place = np.minimum(np.searchsorted(self.among, items), len(self.among) - 1)
        found = self.expected[place]
        others = self.among[place] != items
        if others.any():
            found[others] = self._means(items[others])
        return found

    def falls(self, items: Ints) -> Mask:
        """Return a mask of the items whose expected reaction depends on a like."""
        drops = self.axis.user_model.drops(self.posterior, items)[self.profile.weights > 0]
        return np.asarray((drops > 0).any(axis=0)) if len(drops) else np.zeros(len(items), dtype=bool)

    def because_of(self, item: int) -> Reason:
        """Return the liked item whose removal lowers the expected reaction most."""
        return self.axis.user_model.because_of(self.posterior, self.profile, item)

    def _means(self, items: Ints) -> Floats:
        return self.axis.user_model.means(self.posterior, self.profile.community, items)


class Posteriors(NamedTuple):
    """The posteriors on both axes; None without a population, or for requests with seeds."""

    songs: AxisPosterior | None
    artists: AxisPosterior | None

    @classmethod
    def of(cls, snapshot: Snapshot, request: Request) -> Self:
        """Compute the posteriors of a request."""
        if request.query.seeds:
            return cls(None, None)
        return cls(
            AxisPosterior.of(snapshot.tracks, request.tracks, request.track_recency),
            AxisPosterior.of(snapshot.artists, request.artists, request.artist_recency),
        )

    def may_rank(self, request: Request) -> bool:
        """Tell whether expected rewards may rank the slate: a single user asks, and there is a population."""
        return not request.query.others and (self.songs is not None or self.artists is not None)
