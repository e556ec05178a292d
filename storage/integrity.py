"""Integrity: does the file hold together, and do its rows refer only to rows that are there?"""

import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

from storage.store import Store

_AT_MOST = 5  # problems of one kind that are named

# What refers to a row without a foreign key: (what it is, how to count what is wrong).
_ORPHANS = (
    (
        "settings of users",
        "settings WHERE scope = 'user' AND scope_id NOT IN (SELECT id FROM users)",
    ),
    (
        "settings of servers, groups and rooms",
        "settings WHERE scope = 'community' AND scope_id NOT IN (SELECT id FROM communities)",
    ),
    ("merged artists", "artists WHERE same_as NOT IN (SELECT id FROM artists)"),
    ("merged tracks", "tracks WHERE same_as NOT IN (SELECT id FROM tracks)"),
    (
        "events about a track under another artist",
        "events JOIN tracks ON tracks.id = track_id WHERE tracks.artist_id <> events.artist_id",
    ),
    (
        "impressions of a track under another artist",
        "impressions JOIN tracks ON tracks.id = track_id WHERE tracks.artist_id <> impressions.artist_id",
    ),
    (
        "undos of another user's event",
        "events AS undo JOIN events AS done ON done.id = undo.undoes WHERE done.user_id <> undo.user_id",
    ),
    (
        "undos of an undo",
        "events AS undo JOIN events AS done ON done.id = undo.undoes WHERE done.kind = 'undo'",
    ),
    ("tracks that search cannot find", "tracks WHERE id NOT IN (SELECT id FROM tracks_fts_docsize)"),
    ("artists that search cannot find", "artists WHERE id NOT IN (SELECT id FROM artists_fts_docsize)"),
    ("tracks in search alone", "tracks_fts_docsize WHERE id NOT IN (SELECT id FROM tracks)"),
    ("artists in search alone", "artists_fts_docsize WHERE id NOT IN (SELECT id FROM artists)"),
    (
        "names in search alone",
        "aliases_fts_docsize WHERE id NOT IN (SELECT id FROM artist_aliases)",
    ),
    (
        "erased users who are here",
        "users JOIN erased_users ON user_id = id WHERE users.created_at = erased_users.created_at",
    ),
)


class Finding(NamedTuple):
    """What one examination of the database found; `problems` is empty if it is in order."""

    name: str
    problems: tuple[str, ...]


def findings(store: Store) -> Iterator[Finding]:
    """Examine the whole database, from its pages to its rows; a damaged page is a problem, not an error."""
    for name, look in (("pages", _pages), ("foreign keys", _foreign_keys), ("orphaned rows", _orphans)):
        try:
            found = tuple(look(store))
        except sqlite3.DatabaseError as error:
            found = (str(error),)
        yield Finding(name, found)


def _pages(store: Store) -> Iterator[str]:
    for (line,) in store.db.execute(f"PRAGMA integrity_check({_AT_MOST})"):
        if line != "ok":
            yield line


def _foreign_keys(store: Store) -> Iterator[str]:
    counts: dict[tuple[str, str], int] = {}
    for table, _, parent, _ in store.db.execute("PRAGMA foreign_key_check"):
        counts[table, parent] = counts.get((table, parent), 0) + 1
    for (table, parent), count in counts.items():
        yield f"{count:,} of {table} without their {parent}"


def _orphans(store: Store) -> Iterator[str]:
    for what, where in _ORPHANS:
        count = store.db.execute(f"SELECT count(*) FROM {where}").fetchone()[0]
        if count:
            yield f"{count:,} {what}"
