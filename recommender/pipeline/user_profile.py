"""User profile: one user's own facts, read once per ask: likes, what is known, what never to show."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Doubles, Floats, Ids, Ints
from recommender.feedback import CODES, NO_TRACK, ListeningEvents, amounts, latest_verdicts
from recommender.feedback.matrix import StandingRow, profile_row, read_listening
from recommender.feedback.verdicts import Verdicts
from recommender.request import Request
from recommender.scorers import Profile
from recommender.snapshot import Axis, Snapshot
from recommender.types import Query
from storage.records import Kind, Subject

STALE = 7 * 24 * 3600
"""Seconds after which a shown song may come again with its whole score."""

_JUST_SHOWN = 24 * 3600  # seconds for which a song does not come twice, unless nothing else is left
_FORGOTTEN = 2 * 24 * 3600.0  # half of that a song was shown is forgotten after so many seconds
_SEED = 4.0  # what a seed weighs: as much as a like
_SONGS_OF_SEED = 5  # an artist given as a seed stands on the track axis for their best-known songs

_Row = tuple[Ints, Floats]


class PlacedLog(NamedTuple):
    """A log with the column of each event on both axes, -1 where there is none."""

    log: ListeningEvents
    artists: Ids
    tracks: Ids

    def rows(self, now: float) -> tuple[_Row, _Row]:
        """Return what is known and how much it weighs at `now`, of artists and of tracks."""
        counted = amounts(self.log, now)
        return (
            profile_row(counted, self.artists, by_artist=True),
            profile_row(counted, self.tracks, by_artist=False),
        )

    def without(self, artists: Collection[int]) -> "PlacedLog":
        """Return the log without the events about some artists and their songs."""
        kept = ~np.isin(self.log.artist, list(artists))
        return PlacedLog(self.log.only(kept), self.artists[kept], self.tracks[kept])

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
        """Return how much each item of `profile` counts at `now`; `columns` are this log's on that axis."""
        items = profile.items
        judged = ~np.isin(self.log.kind, (CODES[Kind.PLAY], CODES[Kind.SAVE])) & (columns >= 0)
        judged &= np.isin(columns, items)  # what weighs nothing has no place in a profile
        latest = np.full(len(items), -np.inf)
        np.maximum.at(latest, np.searchsorted(items, columns[judged]), self.log.at[judged])
        return axis.user_model.recency(profile, latest, now)


@dataclass(frozen=True)
class UserProfile:
    """One user's standing events, and the verdicts among them."""

    log: ListeningEvents
    said: Verdicts

    @classmethod
    def read(cls, rows: list[StandingRow]) -> Self:
        """Read standing events of one user, in the order of the log."""
        # A standing event begins with its own id, an event of everybody's log with its user.
        log = read_listening(rows)
        return cls(log._replace(user=np.zeros_like(log.user)), Verdicts.read(rows))

    def request(
        self, snapshot: Snapshot, query: Query, now: float, seen: Mapping[Subject, int] | None = None
    ) -> Request:
        """Return the query with this profile, as columns of `snapshot`, at `now` (seconds since 1970).

        `seen`: when each subject was last on a list of this user's in the last `STALE` seconds.
        """
        placed, seen = self.placed(snapshot), seen or {}
        # What somebody blocked is no taste of theirs any more, and no reason for anything.
        artists, tracks = _profiles(snapshot, query, placed.without(self.said.blocked), now)
        # Asked for more like something, a known artist is a good answer; asked for anything, it is none.
        known = placed.artists[placed.log.track == NO_TRACK if not query.seeds else slice(0)]
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
            barred_artists=_ascending(snapshot.artists.items.columns(unwanted), alone[seeds]),
            barred_tracks=_ascending(on_tracks[seeds], placed.tracks),
            barred_alone=_ascending(alone[seeds], known),
            shown_artists=_ascending(alone[lists][just]),
            shown_tracks=snapshot.versions_of(_ascending(on_tracks[lists][just])),
            wishes=snapshot.tag_columns(query.tags),
            own_artists=np.unique(placed.artists[placed.artists >= 0]).astype(np.int32),
            own_tracks=np.unique(placed.tracks[placed.tracks >= 0]).astype(np.int32),
            artist_recency=None if query.seeds else on_artists,
            track_recency=None if query.seeds else on_songs,
            stale=_stale(on_tracks[lists], ages),
            said=(self.said,),
        )

    def placed(self, snapshot: Snapshot) -> PlacedLog:
        """Return the log on the axes of a snapshot."""
        log = latest_verdicts(self.log)
        axes = snapshot.artists.items, snapshot.tracks.items
        return PlacedLog(log, axes[0].columns(log.artist), axes[1].columns(log.track))


def _profiles(snapshot: Snapshot, query: Query, placed: PlacedLog, now: float) -> tuple[Profile, Profile]:
    """Return what is asked for, else what is known, on both axes."""
    community = snapshot.communities.column(query.community_id) if query.community_id else -1
    at = community if community >= 0 else None
    rows = _seeds(snapshot, query.seeds, query.away) if query.seeds else placed.rows(now)
    axes = snapshot.artists, snapshot.tracks
    own = [axis.listening.users.column(query.user_id) for axis in axes]
    artists, tracks = (
        Profile(*row, at, user if user >= 0 else None) for row, user in zip(rows, own, strict=True)
    )
    return artists, tracks


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
    found = np.unique(np.concatenate(columns))
    return found[found >= 0].astype(np.int32)
