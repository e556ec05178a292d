"""User profile: one user's own facts, read once per ask: likes, what is known, what never to show."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Floats, Ids, Ints
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
_SONGS_OF_SEED = 5  # an artist given as a seed stands on the track axis for her best-known songs

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

    def recency(self, axis: Axis, columns: Ids, profile: Profile, now: float) -> Floats:
        """Return how much each item of `profile` counts at `now`; `columns` are this log's on that axis."""
        items = profile.items
        judged = (self.log.kind != CODES[Kind.PLAY]) & (columns >= 0)
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
        artists, tracks = _profiles(snapshot, query, placed, now)
        # Asked for more like something, a known artist is a good answer; asked for anything, she is none.
        known = placed.artists[placed.log.track == NO_TRACK if not query.seeds else slice(0)]
        named = [*query.seeds, *query.away]
        shown = [subject for subject, at in seen.items() if now - at < _JUST_SHOWN]
        with_track, alone = _split(snapshot, named)
        shown_tracks, shown_artists = _split(snapshot, shown)
        unwanted = snapshot.artists.items.columns(np.array([*self.said.unwanted_artists], dtype=np.int64))
        recency: tuple[Floats | None, Floats | None] = None, None
        if not query.seeds:
            on_artists = placed.recency(snapshot.artists, placed.artists, artists, now)
            recency = on_artists, placed.recency(snapshot.tracks, placed.tracks, tracks, now)
        return Request(
            query,
            artists,
            tracks,
            barred_artists=_ascending(unwanted, alone),
            barred_tracks=_ascending(with_track, placed.tracks),
            barred_alone=_ascending(alone, known),
            shown_artists=_ascending(shown_artists),
            shown_tracks=snapshot.versions_of(_ascending(shown_tracks)),
            wishes=snapshot.tag_columns(query.tags),
            artist_recency=recency[0],
            track_recency=recency[1],
            stale=_stale(snapshot, seen, now),
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


def _stale(snapshot: Snapshot, seen: Mapping[Subject, int], now: float) -> Profile:
    """Return the songs shown lately with the share of their scores that is left, a half and growing."""
    at = {subject.track_id: when for subject, when in seen.items() if subject.track_id is not None}
    columns = snapshot.tracks.items.columns(np.array(list(at), dtype=np.int64))
    ages = now - np.array(list(at.values()), dtype=np.float64)
    order = np.argsort(columns)
    order = order[columns[order] >= 0]
    left = 1 - 0.5 * np.exp2(-np.maximum(ages[order], 0) / _FORGOTTEN)  # a clock may be set back
    return Profile(columns[order].astype(np.int32), left.astype(np.float32))


def _seeds(snapshot: Snapshot, seeds: tuple[Subject, ...], away: tuple[Subject, ...]) -> tuple[_Row, _Row]:
    """Return what is asked for as likes, and what it is to be unlike as dislikes, on both axes."""
    near, far = _places(snapshot, seeds), _places(snapshot, away)
    return _signed(near[0], far[0]), _signed(near[1], far[1])


def _places(snapshot: Snapshot, subjects: tuple[Subject, ...]) -> tuple[Ids, Ids]:
    """Return artist and track columns of seeds; an artist stands for some of her songs as well."""
    artists = snapshot.artists.items.columns(np.array([s.artist_id for s in subjects], dtype=np.int64))
    tracks, _ = _split(snapshot, subjects)
    alone = [a for a, s in zip(artists.tolist(), subjects, strict=True) if s.track_id is None and a >= 0]
    songs = [snapshot.tracks_of(artist)[:_SONGS_OF_SEED] for artist in alone]
    return artists, np.concatenate([tracks, *songs])


def _split(snapshot: Snapshot, subjects: Collection[Subject]) -> tuple[Ids, Ids]:
    """Return the columns of the tracks among some subjects, and of the artists; -1 for the unknown."""
    tracks = np.array([s.track_id for s in subjects if s.track_id is not None], dtype=np.int64)
    artists = np.array([s.artist_id for s in subjects if s.track_id is None], dtype=np.int64)
    return snapshot.tracks.items.columns(tracks), snapshot.artists.items.columns(artists)


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
