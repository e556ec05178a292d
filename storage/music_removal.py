"""Tracks and artists that only one user brought: found before the user's erasure, removed after it."""

import json
from collections.abc import Iterator
from typing import Self

from sqlite_utils import Database

from storage.text import unstylised, words_of_key

# A row with a user keeps a track; tracks only shown, played or looked up are not kept.
_REFERENCES = """
    SELECT tables.name, keys."from" FROM sqlite_master AS tables, pragma_foreign_key_list(tables.name) AS keys
    WHERE tables.type = 'table' AND keys."table" = ? ORDER BY 1, 2
"""
_IS_INDEXED = """
    SELECT 1 FROM pragma_index_list(:table) AS indexes, pragma_index_info(indexes.name) AS columns
    WHERE columns.seqno = 0 AND columns.name = :column AND NOT indexes.partial
    UNION ALL SELECT 1 FROM pragma_table_info(:table) WHERE pk = 1 AND name = :column
"""
_TRACKS = """
    SELECT tracks.id, tracks.title, tracks.key, artists.name, artists.key FROM tracks
    JOIN artists ON artists.id = artist_id WHERE tracks.id IN (SELECT value FROM json_each(?))
"""
_ARTISTS = "SELECT id, name, key, '', '' FROM artists WHERE id IN (SELECT value FROM json_each(?))"


def indexed_words(name: str, key: str) -> list[str]:
    """Return the words under which a stored name is in the search index, from the name and its key."""
    found = words_of_key(key)
    return found + [word for word in (unstylised(name) or "").split() if word not in found]


class Brought:
    """The tracks and artists that some users brought and no catalogue lists."""

    def __init__(self, db: Database, tracks: set[int], artists: set[int]) -> None:
        self._db = db
        self._tracks = tracks
        self._artists = artists

    @classmethod
    def by(cls, db: Database, users: str) -> Self:
        """Find the items that `users` (a JSON list of ids) have rows about, before their erasure."""
        found = {}
        for table in ("tracks", "artists"):
            found[table] = {
                row
                for said, user, item in _said(db, table)
                for (row,) in db.execute(
                    f"SELECT DISTINCT {item} FROM {said} JOIN {table} AS items ON items.id = {item}"
                    f" WHERE {user} IN (SELECT value FROM json_each(?)) AND NOT items.listed",
                    (users,),
                )
            }
        return cls(db, found["tracks"], found["artists"])

    def remove(self) -> dict[str, int]:
        """Remove the items that no other user has rows about; return the number of rows per table.

        Call it after the users are erased.
        """
        tracks = self._tracks - self._kept("tracks", self._tracks)
        artists = self._artists - self._kept("artists", self._artists)
        artists -= self._with_tracks(artists, tracks)
        if not tracks and not artists:
            return {}
        with_indexes = [*_unindexed(self._db, "tracks"), *_unindexed(self._db, "artists")]
        for table, column in with_indexes:
            self._db.execute(f"CREATE INDEX removal_{table}_{column} ON {table} ({column})")
        words = self._unlist("tracks_fts", _TRACKS, tracks) | self._unlist("artists_fts", _ARTISTS, artists)
        for table, ids in (("tracks", tracks), ("artists", artists)):
            self._db.execute(
                f"DELETE FROM {table} WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(ids)),)
            )
        for table, column in with_indexes:
            self._db.execute(f"DROP INDEX removal_{table}_{column}")
        self._tidy_index(words)
        return {"tracks": len(tracks), "artists": len(artists)}

    def _kept(self, table: str, ids: set[int]) -> set[int]:
        """Return the items among `ids` that another user has rows about."""
        kept: set[int] = set()
        for said, user, item in _said(self._db, table):
            rows = self._db.execute(
                f"SELECT DISTINCT {item} FROM {said} WHERE {user} IS NOT NULL"
                f" AND {item} IN (SELECT value FROM json_each(?))",
                (json.dumps(list(ids)),),
            )
            kept |= {row for (row,) in rows}
        return kept

    def _with_tracks(self, artists: set[int], gone: set[int]) -> set[int]:
        rows = self._db.execute(
            "SELECT id, artist_id FROM tracks WHERE artist_id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(artists)),),
        )
        return {artist for track, artist in rows if track not in gone}

    def _unlist(self, index: str, sql: str, ids: set[int]) -> set[str]:
        """Remove names from a search index, which needs their old contents; return their words."""
        seen: set[str] = set()
        for row, *names in self._db.execute(sql, (json.dumps(list(ids)),)).fetchall():
            words = indexed_words(*names[:2]) + (indexed_words(*names[2:]) if names[2] else [])
            self._db.conn.execute(
                f"INSERT INTO {index} ({index}, rowid, words) VALUES ('delete', ?, ?)", (row, " ".join(words))
            )
            seen.update(words)
        return seen

    def _tidy_index(self, words: set[str]) -> None:
        # An index keeps deleted entries until its segments are merged.
        for index in ("tracks_fts", "artists_fts"):
            self._db.execute(f"INSERT INTO {index} ({index}) VALUES ('optimize')")
        for word in words:
            quoted = '"' + word.replace('"', '""') + '"'
            if not any(self._holds(index, quoted) for index in ("tracks_fts", "artists_fts")):
                self._db.conn.execute("DELETE FROM words WHERE word = ?", (word,))

    def _holds(self, index: str, word: str) -> bool:
        found = self._db.conn.execute(f"SELECT 1 FROM {index} WHERE {index} MATCH ? LIMIT 1", (word,))
        return found.fetchone() is not None


def _said(db: Database, parent: str) -> Iterator[tuple[str, str, str]]:
    """Yield (table, user column, item column) of all tables in which a user's row refers to an item."""
    users = dict(db.execute(_REFERENCES, ("users",)).fetchall())
    for table, column in db.execute(_REFERENCES, (parent,)).fetchall():
        if table in users:
            yield table, users[table], column


def _unindexed(db: Database, parent: str) -> Iterator[tuple[str, str]]:
    """Yield (table, column) of unindexed references: each removed row would cause a full scan of them."""
    for table, column in db.execute(_REFERENCES, (parent,)).fetchall():
        if db.execute(_IS_INDEXED, {"table": table, "column": column}).fetchone() is None:
            yield table, column
