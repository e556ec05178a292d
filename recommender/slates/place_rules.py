"""Community rules: what a community allows on its slates, and what its readers may see of their reasons.

In a server or a group everybody reads a slate. A room at a terminal is read by its user alone; a slate for
several users is always read by the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from recommender.disclosure import Disclosure
from recommender.request import Request
from recommender.snapshot import Snapshot
from recommender.types import Query, Song
from storage.records import Kind, Subject
from storage.store import Store
from storage.users.communities import Communities as Places

_BLOCKED = "blocked:"


@dataclass(frozen=True, slots=True)
class CommunitySettings:
    """A community's settings, with their defaults."""

    language: str = ""  # "": each user's own
    channels: tuple[str, ...] = ()  # outside ids of the channels the bot talks in; empty: all
    size: int = 5  # tracks of a slate
    explicit: bool = True  # tracks marked explicit are allowed
    cooldown: float = 0.0  # seconds between two commands of a user
    blocked: frozenset[Subject] = frozenset()  # never shown here


def settings_of(store: Store, community_id: int) -> CommunitySettings:
    """Read a community's settings."""
    rows = Places(store.db).settings("community", community_id)
    return CommunitySettings(
        rows.get("language", ""),
        tuple(channel for channel in rows.get("channels", "").split(",") if channel),
        int(rows.get("size", 5)),
        rows.get("explicit", "1") == "1",
        float(rows.get("cooldown", 0)),
        frozenset(_subject(name) for name in rows if name.startswith(_BLOCKED)),
    )


def _subject(name: str) -> Subject:
    artist, _, track = name.removeprefix(_BLOCKED).partition(":")
    return Subject(int(artist), int(track) if track else None)


def allowed(store: Store, community_id: int | None, songs: Sequence[Song]) -> tuple[Song, ...]:
    """Return those of `songs` that a community allows: not blocked, and explicit ones only if allowed."""
    if community_id is None:
        return tuple(songs)
    decided = settings_of(store, community_id)
    tracks = [song.subject.track_id for song in songs if song.subject.track_id is not None]
    explicit = set() if decided.explicit else Places(store.db).explicit_among(tracks)
    return tuple(
        song
        for song in songs
        if song.subject not in decided.blocked
        and Subject(song.subject.artist_id) not in decided.blocked
        and song.subject.track_id not in explicit
    )


def with_place_rules(store: Store, snapshot: Snapshot, request: Request) -> Request:
    """Return the request with its community's blocked music, and explicit tracks if not allowed, excluded."""
    if request.query.community_id is None:
        return request
    decided = settings_of(store, request.query.community_id)
    tracks = [s.track_id for s in decided.blocked if s.track_id is not None]
    if not decided.explicit:
        tracks += Places(store.db).explicit_tracks()
    artists = [s.artist_id for s in decided.blocked if s.track_id is None]
    if not tracks and not artists:
        return request
    found = snapshot.tracks.items.columns(np.array(tracks, dtype=np.int64))
    owners = snapshot.artists.items.columns(np.array(artists, dtype=np.int64))
    return replace(
        request,
        barred_tracks=np.union1d(request.barred_tracks, found[found >= 0]).astype(np.int32),
        barred_artists=np.union1d(request.barred_artists, owners[owners >= 0]).astype(np.int32),
    )


VISIBLE = "visible:{}"
"""A user's setting per community: "1" if others there may see what the user likes."""

_ALONE = "room"  # each user of a community of this kind has a terminal of their own


def is_visible(store: Store, community_id: int, user_id: int) -> bool:
    """Tell whether a user has agreed to be visible in a community."""
    return store.people.setting("user", user_id, VISIBLE.format(community_id)) == "1"


def disclosed_by(store: Store, community_id: int, user_id: int) -> Disclosure:
    """Return what others in a community may see of a user."""
    if is_visible(store, community_id, user_id):
        return Disclosure(None)
    return Disclosure(store.log.said_in(user_id, community_id))


def disclosed_to_readers(store: Store, query: Query) -> Disclosure:
    """Return what a slate's explanations may name, given its readers."""
    community = query.community_id
    if not query.others and (community is None or Places(store.db).kind(community) == _ALONE):
        return Disclosure(None)
    if community is None:
        return Disclosure(frozenset())
    if not query.others:
        return disclosed_by(store, community, query.user_id)
    said = (_said_or_shown(store, community, user) for user in (query.user_id, *query.others))
    return Disclosure(frozenset[Subject]().union(*said))


def _said_or_shown(store: Store, community_id: int, user_id: int) -> frozenset[Subject]:
    if not is_visible(store, community_id, user_id):
        return store.log.said_in(user_id, community_id)
    return frozenset(
        Subject(row.artist_id, row.track_id or None)
        for row in store.profiles.rows(user_id)
        if row.listens or row.verdict == Kind.LIKE
    )
