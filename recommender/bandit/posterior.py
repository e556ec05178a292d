"""Posterior of one user on each axis: worked out once per ask, and looked up from then on."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Self

import numpy as np

from recommender.arrays import Floats, Ints, Mask
from recommender.request import Request
from recommender.scorers import Profile, Reason
from recommender.snapshot import Axis, Snapshot
from recommender.user_model import UserPosterior

_MOST = 5_000  # where there are more items, the posterior names only the most popular


@dataclass(frozen=True, eq=False)
class AxisPosterior:
    """What the user model expects of one user on one axis."""

    axis: Axis
    profile: Profile
    posterior: UserPosterior

    @classmethod
    def of(cls, axis: Axis, profile: Profile, recency: Floats | None) -> Self | None:
        """Return the posterior, None where the axis has no population."""
        if not axis.user_model.known:
            return None
        return cls(axis, profile, axis.user_model.posterior(profile, recency))

    @cached_property
    def among(self) -> Ints:
        """The items that the posterior names by itself, ascending: all, or the most popular.

        The rest of what is worth a look is named by scorers.
        """
        everything = np.arange(len(self.axis.items), dtype=np.int32)
        popularity = self.axis.popularity
        return everything if len(everything) <= _MOST or popularity is None else popularity.first

    @cached_property
    def expected(self) -> Floats:
        """The expected reaction to each of `among`, 1 a like and 0 none."""
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
        """Tell which items would be expected less without some like."""
        drops = self.axis.user_model.drops(self.posterior, items)[self.profile.weights > 0]
        return np.asarray((drops > 0).any(axis=0)) if len(drops) else np.zeros(len(items), dtype=bool)

    def because_of(self, item: int) -> Reason:
        """Return the liked item without which this one would be expected least."""
        return self.axis.user_model.because_of(self.posterior, self.profile, item)

    def _means(self, items: Ints) -> Floats:
        return self.axis.user_model.means(self.posterior, self.profile.community, items)


class Posteriors(NamedTuple):
    """Both axes; None where one has no population, or where something like a seed is asked for."""

    songs: AxisPosterior | None
    artists: AxisPosterior | None

    @classmethod
    def of(cls, snapshot: Snapshot, request: Request) -> Self:
        """Take in the reactions of a request."""
        if request.query.seeds:
            return cls(None, None)
        return cls(
            AxisPosterior.of(snapshot.tracks, request.tracks, request.track_recency),
            AxisPosterior.of(snapshot.artists, request.artists, request.artist_recency),
        )

    def may_rank(self, request: Request) -> bool:
        """Tell whether expected rewards order the answer: one user asks, and there is a population."""
        return not request.query.others and (self.songs is not None or self.artists is not None)
