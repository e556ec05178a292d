"""Songs that were found elsewhere, put into the catalogue."""

from collections.abc import Sequence

from recommender.catalog.errands import Findings, keep
from recommender.catalog.lookup.found import FoundSong
from recommender.catalog.musicbrainz import Recording
from recommender.catalog.resolve import song_of
from recommender.types import Song
from storage.records import Subject
from storage.services.outside import Outside
from storage.store import Store

_COVER_SECONDS = {"lb": 90 * 86_400}
_STORE_COVER_SECONDS = 86_400
_SERVICES = {"lb": "musicbrainz", "mb": "musicbrainz", "dz": "deezer", "it": "apple", "sp": "spotify"}


def keep_song(store: Store, found: FoundSong, *, now: int) -> Subject:
    """Put a song into the catalogue with its ids; return what it is there."""
    known = (store.music.by_external_id(scheme, value) for scheme, value in found.ids)
    subject = next((one for one in known if one is not None and one.track_id is not None), None)
    if subject is None:
        artist_id = store.music.ensure_artist(found.artist)
        subject = Subject(artist_id, store.music.ensure_track(artist_id, found.title))
    store.music.list_song(*subject)
    track_id = subject.track_id
    if track_id is None:
        raise AssertionError("a track was found or made")
    add_ids(store, track_id, found.ids)
    service = _SERVICES[found.source]
    if found.artist_mbid:
        keep(store, store.music.track(track_id), service, _open_data(found), now=now)
    if found.cover:
        seconds = _COVER_SECONDS.get(found.source, _STORE_COVER_SECONDS)
        Outside(store.db).keep_cover(track_id, found.cover, service, expires_at=now + seconds)
    return subject


def keep_artist(store: Store, found: Sequence[FoundSong], *, now: int) -> Song:
    """Put songs of one artist into the catalogue; return the artist."""
    subjects = [keep_song(store, song, now=now) for song in found]
    return song_of(store, Subject(subjects[0].artist_id))


def keep_one(store: Store, found: FoundSong, ids: Sequence[tuple[str, str]], *, now: int) -> Song:
    """Put a song into the catalogue, with further ids; return it."""
    subject = keep_song(store, found, now=now)
    if subject.track_id is not None:
        add_ids(store, subject.track_id, ids)
    return song_of(store, subject)


def add_ids(store: Store, track_id: int, ids: Sequence[tuple[str, str]]) -> None:
    """Store ids of a track, as (scheme, id)."""
    for scheme, value in ids:
        store.music.add_track_id(track_id, scheme, value)


def _open_data(found: FoundSong) -> Findings:
    mbid = dict(found.ids).get("mbid", "")
    recording = Recording(
        mbid, found.artist_mbid, year=found.year, length_ms=found.length_ms, tags=found.tags
    )
    return Findings(recording, found.artist_tags)
