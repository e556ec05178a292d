"""Search candidates: a few hundred artists and tracks, fetched by key and from the full-text index."""

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from sqlite_utils import Database

from storage.records import Subject

KEPT = 150
"""Best-known matches of some words to judge, of artists, their other names and tracks each."""

KEPT_TYPING = 50
"""The same at a keystroke, which the next one replaces."""

_SCANNED = (
    2000  # matches to read, of which the best-known are kept: a common word is in a hundred thousand titles
)
_SCANNED_TYPING = (
    500  # the same of titles at a keystroke: a beginning that more of them have, the next letter narrows
)
_NAMESAKES = 50
_BEST_KNOWN = 10  # tracks of an artist named without a title

_ARTIST = "SELECT id, name, key, listeners FROM artists"
_TRACK = """
    SELECT t.id, t.artist_id, t.title, t.key, t.year, t.listeners, t.popularity, artists.name, artists.key
    FROM ({}) AS t JOIN artists ON artists.id = t.artist_id
"""
_ALIAS = """
    SELECT artists.id, artists.name, artist_aliases.key, artists.listeners
    FROM artist_aliases JOIN artists ON artists.id = artist_id
"""
_ARTISTS_BY_KEY = f"""
    {_ARTIST} WHERE key IN (SELECT value FROM json_each(:keys)) AND hidden = 0
    UNION ALL {_ALIAS} WHERE artist_aliases.key IN (SELECT value FROM json_each(:keys)) AND hidden = 0
        AND NOT EXISTS (SELECT 1 FROM artists AS own WHERE own.key = artist_aliases.key AND own.hidden = 0)
"""
_ARTISTS_BY_SQUASHED = f"""
    {_ARTIST} WHERE replace(key, ' ', '') = :key AND hidden = 0
    UNION ALL {_ALIAS} WHERE replace(artist_aliases.key, ' ', '') = :key AND hidden = 0 LIMIT 20
"""
_ARTISTS_BY_WORDS = f"""
    {_ARTIST} WHERE id IN (SELECT rowid FROM artists_fts WHERE artists_fts MATCH ? LIMIT {_SCANNED})
    AND hidden = 0 ORDER BY listeners DESC, id LIMIT ?
"""
_ALIASES_BY_WORDS = f"""
    {_ALIAS} WHERE artist_aliases.id IN
        (SELECT rowid FROM aliases_fts WHERE aliases_fts MATCH ? LIMIT {_SCANNED})
    ORDER BY artists.listeners DESC, artists.id LIMIT ?
"""
_TRACKS_BY_KEY = _TRACK.format(
    "SELECT * FROM tracks WHERE key = ? AND hidden = 0"
    f" ORDER BY listeners DESC, popularity DESC LIMIT {_NAMESAKES}"
)
_TRACKS_BY_ARTIST_AND_KEY = _TRACK.format(
    "SELECT * FROM tracks WHERE artist_id = ? AND key = ? AND hidden = 0"
)
# The few best known are found by their numbers alone: whole rows are slow to sort.
_TRACKS_BY_WORDS = _TRACK.format("""
    SELECT * FROM tracks WHERE id IN (
        SELECT id FROM tracks
        WHERE id IN (SELECT rowid FROM tracks_fts WHERE tracks_fts MATCH :match LIMIT :scanned) AND hidden = 0
        ORDER BY listeners DESC, popularity DESC, id LIMIT :kept
    ) ORDER BY listeners DESC, popularity DESC, id
""")
_TRACKS_OF_ARTIST = _TRACK.format(f"""
    SELECT * FROM tracks WHERE artist_id = ? AND hidden = 0
    ORDER BY listeners DESC, popularity DESC, id LIMIT {_BEST_KNOWN}
""")


class Candidate(NamedTuple):
    """An artist or a track with the fields that its fit is computed from."""

    subject: Subject
    artist: str
    artist_key: str
    title: str | None
    title_key: str  # empty for an artist
    year: int | None
    fame: float  # 0 to 1


def artists_by_key(db: Database, keys: Sequence[str]) -> Iterator[Candidate]:
    """Fetch artists with one of these keys, or with another name of this key, which is then theirs."""
    return map(_artist, db.execute(_ARTISTS_BY_KEY, {"keys": json.dumps(keys)}))


def artists_by_squashed(db: Database, squashed: str) -> Iterator[Candidate]:
    """Fetch artists whose key without spaces is this."""
    return map(_artist, db.execute(_ARTISTS_BY_SQUASHED, {"key": squashed}))


def artists_by_words(db: Database, match: str, kept: int = KEPT) -> Iterator[Candidate]:
    """Fetch the `kept` best-known artists for a full-text expression, and as many by other names."""
    yield from map(_artist, db.execute(_ARTISTS_BY_WORDS, (match, kept)))
    yield from map(_artist, db.execute(_ALIASES_BY_WORDS, (match, kept)))


def tracks_by_key(db: Database, key: str) -> Iterator[Candidate]:
    """Fetch the best-known tracks with this title (key)."""
    return map(_track, db.execute(_TRACKS_BY_KEY, (key,)))


def tracks_by_names(db: Database, pairs: Iterable[tuple[str, str]]) -> Iterator[Candidate]:
    """Fetch the tracks with these (artist key, title key) pairs."""
    titles: dict[str, list[str]] = {}
    for artist_key, title_key in pairs:
        titles.setdefault(artist_key, []).append(title_key)
    for artist in artists_by_key(db, list(titles)) if titles else ():
        for title_key in titles[artist.artist_key]:
            rows = db.execute(_TRACKS_BY_ARTIST_AND_KEY, (artist.subject.artist_id, title_key))
            yield from map(_track, rows)


def tracks_by_words(db: Database, match: str, kept: int = KEPT) -> Iterator[Candidate]:
    """Fetch the `kept` best-known tracks for a full-text expression."""
    scanned = _SCANNED if kept > KEPT_TYPING else _SCANNED_TYPING
    return map(_track, db.execute(_TRACKS_BY_WORDS, {"match": match, "scanned": scanned, "kept": kept}))


def tracks_of(db: Database, artist_id: int) -> Iterator[Candidate]:
    """Fetch an artist's best-known tracks."""
    return map(_track, db.execute(_TRACKS_OF_ARTIST, (artist_id,)))


def _artist(row: tuple[Any, ...]) -> Candidate:
    artist_id, name, key, listeners = row
    return Candidate(Subject(artist_id), name, key, None, "", None, _fame(listeners, None))


def _track(row: tuple[Any, ...]) -> Candidate:
    track_id, artist_id, title, key, year, listeners, popularity, artist, artist_key = row
    fame = _fame(listeners, popularity)
    return Candidate(Subject(artist_id, track_id), artist, artist_key, title, key, year, fame)


def _fame(listeners: int, popularity: float | None) -> float:
    # A million listeners are 1; popularity (0 to 100) comes from other services and counts half.
    return min(1.0, max(math.log1p(listeners) / math.log1p(1e6), (popularity or 0.0) / 200.0))
