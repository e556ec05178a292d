"""User profile: one user's own facts, read once per ask: likes, what is known, what never to show."""

from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple, Self, TypeVar
from weakref import ref

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Doubles, Floats, Ids, Ints
from recommender.feedback import NO_TRACK
from recommender.feedback.items import ProfileItems, Verdicts
from recommender.feedback.matrix import Grouped
from recommender.linalg import contained, distinct
from recommender.request import Request
from recommender.scorers import Profile
from recommender.snapshot import Axis, Snapshot
from recommender.types import Query
from storage.records import ProfileRow, Subject

T = TypeVar("T")

STALE = 7 * 24 * 3600
"""Seconds after which a shown song may come again with its whole score."""

MOST_ITEMS = 200
"""Likes, and dislikes, that a list goes by on one axis: the strongest.

What weighs less of a long history changes no list for the better and costs most of its time; it still counts
as known.
"""

_JUST_SHOWN = 24 * 3600  # seconds for which a song does not come twice, unless nothing else is left
_FORGOTTEN = 2 * 24 * 3600.0  # half of that a song was shown is forgotten after so many seconds
_SEED = 4.0  # what a seed weighs: as much as a like
_SONGS_OF_SEED = 5  # an artist given as a seed stands on the track axis for their best-known songs

_NOTHING: Ints = np.zeros(0, dtype=np.int32)

_NOWHERE: Ids = np.zeros(0, dtype=np.int64)

_Row = tuple[Ints, Floats]


@dataclass(frozen=True, eq=False)
class PlacedItems:
    """A user's items with their columns on both axes, -1 where there is none."""

    items: ProfileItems
    artists: Ids
    tracks: Ids

    @cached_property
    def by_artist(self) -> Grouped:
        """The items by artist column."""
        return Grouped.by(self.artists)

    @cached_property
    def by_track(self) -> Grouped:
        """The items by track column."""
        return Grouped.by(self.tracks)

    @cached_property
    def alone(self) -> Ints:
        """The columns of artists that are items themselves, ascending."""
        return _ascending(self.artists[self.items.track == NO_TRACK])

    def rows(self, now: float) -> tuple[_Row, _Row]:
        """Return what is known and how much it weighs at `now`, of artists and of tracks."""
        counted = self.items.amounts(now)
        return self.by_artist.row(counted, by_artist=True), self.by_track.row(counted, by_artist=False)

    def without(self, artists: Collection[int]) -> "PlacedItems":
        """Return the items without some artists and their songs."""
        if not artists:
            return self
        kept = ~np.isin(self.items.artist, list(artists))
        return PlacedItems(self.items.only(kept), self.artists[kept], self.tracks[kept])

    def both_recencies(
        self, snapshot: Snapshot, artists: Profile, tracks: Profile, now: float
    ) -> tuple[Floats | None, Floats | None]:
        """Return how much each item of both profiles counts at `now`; None where no population uses it."""
        axes = (snapshot.artists, self.artists, artists), (snapshot.tracks, self.tracks, tracks)
        on_artists, on_tracks = (
            self.recency(axis, columns, profile, now) if axis.user_model.known else None
            for axis, columns, profile in axes
        )
        return on_artists, on_tracks

    def recency(self, axis: Axis, columns: Ids, profile: Profile, now: float) -> Floats:
        """Return how much each item of `profile` counts at `now`; `columns` are the items' on that axis."""
        items, at = profile.items, self.items.judged_at
        judged = np.isfinite(at) & (columns >= 0)
        judged[judged] = contained(columns[judged], items)  # what weighs nothing has no place in a profile
        latest = np.full(len(items), -np.inf)
        np.maximum.at(latest, np.searchsorted(items, columns[judged]), at[judged])
        return axis.user_model.recency(profile, latest, now)


class _Placed(NamedTuple):
    """Items on the axes of a snapshot, which they must not keep in memory."""

    snapshot: "ref[Snapshot]"
    items: PlacedItems


@dataclass(frozen=True)
class UserProfile:
    """One user's items, and the verdicts among them."""

    items: ProfileItems
    said: Verdicts
    _results: dict[str, tuple[Hashable, Any]] = field(default_factory=dict, compare=False, repr=False)
    _placed: dict[str, "_Placed"] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def read(cls, rows: list[ProfileRow]) -> Self:
        """Return the profile of some kept rows of one user."""
        return cls(ProfileItems.read(rows), Verdicts.read(rows))

    def worked_out(self, name: str, about: Hashable, make: Callable[[], T]) -> T:
        """Return what `make` makes of this profile; the last of each `name` is kept while `about` is equal.

        The profile itself is another one as soon as its user says something new.
        """
        known = self._results.get(name)
        if known is None or known[0] != about:
            known = self._results[name] = about, make()
        made: T = known[1]
        return made

    def request(
        self, snapshot: Snapshot, query: Query, now: float, seen: Mapping[Subject, int] | None = None
    ) -> Request:
        """Return the query with this profile, as columns of `snapshot`, at `now` (seconds since 1970).

        `seen`: when each subject was last on a list of this user's in the last `STALE` seconds.
        """
        placed, seen = self.placed(snapshot), seen or {}
        # What somebody blocked is no taste of theirs any more, and no reason for anything.
        rows = (
            _seeds(snapshot, query.seeds, query.away)
            if query.seeds
            else placed.without(self.said.blocked).rows(now)
        )
        artists, tracks = _profiles(snapshot, query, rows)
        # Asked for more like something, a known artist is a good answer; asked for anything, it is none.
        known = placed.alone if not query.seeds else _NOTHING
        named = [*query.seeds, *query.away]
        on_tracks, alone = _located(snapshot, [*named, *seen])
        seeds, lists = slice(len(named)), slice(len(named), None)
        ages = now - np.array(list(seen.values()), dtype=np.float64)
        just = ages < _JUST_SHOWN
        unwanted = np.array([*self.said.unwanted_artists], dtype=np.int64)
        on_artists, on_songs = placed.both_recencies(snapshot, artists, tracks, now)
        return Request(
            query,
            artists,
            tracks,
            also_known=_beyond(snapshot, rows, artists, tracks),
            barred_artists=_ascending(snapshot.artists.items.columns(unwanted), alone[seeds]),
            barred_tracks=_joined(placed.by_track.items, on_tracks[seeds]),
            barred_alone=_joined(known, alone[seeds]),
            shown_artists=_ascending(alone[lists][just]),
            shown_tracks=snapshot.versions_of(_ascending(on_tracks[lists][just])),
            wishes=snapshot.tag_columns(query.tags),
            own_artists=placed.by_artist.items,
            own_tracks=placed.by_track.items,
            artist_recency=None if query.seeds else on_artists,
            track_recency=None if query.seeds else on_songs,
            stale=_stale(on_tracks[lists], ages),
            said=(self.said,),
        )

    def placed(self, snapshot: Snapshot) -> PlacedItems:
        """Return the items on the axes of a snapshot; those of the latest one are kept."""
        known = self._placed.get(snapshot.version)
        if known is None or known.snapshot() is not snapshot:
            axes = snapshot.artists.items, snapshot.tracks.items
            on_artists, on_tracks = axes[0].columns(self.items.artist), axes[1].columns(self.items.track)
            known = _Placed(ref(snapshot), PlacedItems(self.items, on_artists, on_tracks))
            self._placed.clear()
            self._placed[snapshot.version] = known
        return known.items


def _profiles(snapshot: Snapshot, query: Query, rows: tuple[_Row, _Row]) -> tuple[Profile, Profile]:
    """Return the strongest of what is asked for, or known, on both axes."""
    community = snapshot.communities.column(query.community_id) if query.community_id else -1
    at = community if community >= 0 else None
    axes = snapshot.artists, snapshot.tracks
    own = [axis.listening.users.column(query.user_id) for axis in axes]
    artists, tracks = (
        Profile(*strongest(row), at, user if user >= 0 else None) for row, user in zip(rows, own, strict=True)
    )
    return artists, tracks


def strongest(row: _Row) -> _Row:
    """Return at most `MOST_ITEMS` likes and as many dislikes, those that weigh most."""
    items, weights = row
    if len(items) <= MOST_ITEMS:
        return row
    order = np.argsort(weights, kind="stable")
    liked = order[max(np.count_nonzero(weights < 0), len(order) - MOST_ITEMS) :]
    disliked = order[: min(np.count_nonzero(weights < 0), MOST_ITEMS)]
    kept = np.sort(np.concatenate([liked, disliked]))
    return items[kept], weights[kept]


def _beyond(snapshot: Snapshot, rows: tuple[_Row, _Row], artists: Profile, tracks: Profile) -> Ints:
    """Return the artists of likes that are in no profile, ascending."""
    (on_artists, of_artists), (on_tracks, of_tracks) = rows
    if len(on_artists) == len(artists.items) and len(on_tracks) == len(tracks.items):
        return _NOTHING
    return _ascending(on_artists[of_artists > 0], snapshot.track_artists[on_tracks[of_tracks > 0]])


def _stale(columns: Ids, ages: Doubles) -> Profile:
    """Return the tracks shown `ages` seconds ago with the share of their scores that is left: from 0.5 to 1.

    `columns` are below 0 for what is no track of the snapshot.
    """
    order = np.argsort(columns)
    order = order[columns[order] >= 0]
    left = 1 - 0.5 * np.exp2(-np.maximum(ages[order], 0) / _FORGOTTEN)  # a clock may be set back
    return Profile(columns[order].astype(np.int32), left.astype(np.float32))


def _seeds(snapshot: Snapshot, seeds: tuple[Subject, ...], away: tuple[Subject, ...]) -> tuple[_Row, _Row]:
    """Return what is asked for as likes, and what it is to be unlike as dislikes, on both axes."""
    near, far = _places(snapshot, seeds), _places(snapshot, away)
    return _signed(near[0], far[0]), _signed(near[1], far[1])


def _places(snapshot: Snapshot, subjects: tuple[Subject, ...]) -> tuple[Ids, Ids]:
    """Return artist and track columns of seeds; an artist stands for some songs as well."""
    tracks, alone = _located(snapshot, subjects)
    artists = snapshot.artists.items.columns(np.array([s.artist_id for s in subjects], dtype=np.int64))
    songs = [snapshot.tracks_of(artist)[:_SONGS_OF_SEED] for artist in alone.tolist() if artist >= 0]
    return artists, np.concatenate([tracks, *songs])


def _located(snapshot: Snapshot, subjects: Collection[Subject]) -> tuple[Ids, Ids]:
    """Return each subject's track column, and its artist column if it is an artist alone; -1 for none."""
    if not subjects:
        return _NOWHERE, _NOWHERE
    tracks = [-1 if s.track_id is None else s.track_id for s in subjects]
    alone = [s.artist_id if s.track_id is None else -1 for s in subjects]
    return (
        snapshot.tracks.items.columns(np.array(tracks, dtype=np.int64)),
        snapshot.artists.items.columns(np.array(alone, dtype=np.int64)),
    )


def _signed(near: Ids, far: Ids) -> _Row:
    columns = _ascending(near, far)
    # What stands on both sides is neither: two songs of one artist tell nothing of the artist.
    weights = _SEED * (np.isin(columns, near).astype(np.float32) - np.isin(columns, far))
    kept = weights != 0
    return columns[kept], weights[kept].astype(np.float32)


def _ascending(*columns: NDArray[np.integer]) -> Ints:
    """Return some columns ascending, each once, without those below 0: there is no such item."""
    found = distinct(*columns)
    return found[found >= 0].astype(np.int32)


def _joined(ascending: Ints, more: NDArray[np.integer]) -> Ints:
    """Return ascending columns with some more; mostly there are no more."""
    return _ascending(ascending, more) if len(more) else ascending
