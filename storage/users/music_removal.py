"""Tracks and artists that only one user brought: found before the user's erasure, removed after it."""

import json
from collections.abc import Iterator
from typing import Self

from sqlite_utils import Database

from storage.naming.credit_names import named_in, names_in

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
_SAID = "SELECT DISTINCT {item} FROM {said} WHERE {item} IS NOT NULL AND {user} "
_UNLISTED = "SELECT id FROM {} WHERE NOT listed AND id IN (SELECT value FROM json_each(?))"
# What turned out to be another row keeps nothing but its name, and is stored anew when that name comes again.
_TURNED_OUT = """
    SELECT id FROM {} WHERE hidden = 1 AND NOT listed AND same_as IN (SELECT value FROM json_each(?))
"""
_TURNED_OUT_BY = """
    SELECT id FROM tracks WHERE hidden = 1 AND same_as IS NOT NULL AND NOT listed
    AND artist_id IN (SELECT value FROM json_each(?))
"""
_CREDITS_OF = """
    SELECT artists.id FROM tracks JOIN artists ON artists.id = artist_id
    WHERE tracks.id IN (SELECT value FROM json_each(?)) AND artists.hidden = 1 AND NOT artists.listed
    AND artists.same_as IS NOT NULL
"""
_HELD = "SELECT term, doc FROM temp.held CROSS JOIN temp.going ON going.id = held.doc"
# Names that a track may name, but that nobody bears.
_UNBORNE = """
    SELECT credits.track_id, credits.key, title, name FROM json_each(?) AS said
    JOIN credits ON credits.track_id = said.value JOIN tracks ON tracks.id = credits.track_id
    JOIN artists ON artists.id = artist_id
    WHERE NOT EXISTS (SELECT 1 FROM artists AS bearer WHERE bearer.key = credits.key)
"""


class Brought:
    """What some users said something of."""

    def __init__(self, db: Database, tracks: set[int], artists: set[int]) -> None:
        self._db = db
        self._tracks = tracks
        self._artists = artists

    @classmethod
    def by(cls, db: Database, users: str) -> Self:
        """Find what `users` (a JSON list of ids), who are still there, said something of."""
        of_users = "IN (SELECT value FROM json_each(?))"
        return cls(db, *({*_said_by(db, table, of_users, users)} for table in ("tracks", "artists")))

    def remove(self) -> dict[str, int]:
        """Remove what nobody else said anything of and no catalogue lists; return how many rows went.

        Rows that turned out to be what the users said something of go as well: nothing tells any longer
        where these names came from.  So do names of guests on songs that stay, where no artist bears them.
        The users are erased by now.
        """
        tracks, artists = self._unlisted("tracks", self._tracks), self._unlisted("artists", self._artists)
        tracks -= self._kept("tracks", tracks)
        artists -= self._kept("artists", artists)
        merged = self._ids(_TURNED_OUT.format("tracks"), self._tracks | tracks)
        artists |= self._ids(_CREDITS_OF, merged)
        artists |= self._ids(_TURNED_OUT.format("artists"), self._artists | artists)
        tracks |= merged | self._ids(_TURNED_OUT_BY, artists)
        artists -= self._with_tracks(artists, tracks)
        if tracks or artists:
            self._delete(tracks, artists)
        self._forget_guests()
        return {"tracks": len(tracks), "artists": len(artists)}

    def _delete(self, tracks: set[int], artists: set[int]) -> None:
        with_indexes = [*_unindexed(self._db, "tracks"), *_unindexed(self._db, "artists")]
        for table, column in with_indexes:
            self._db.execute(f"CREATE INDEX removal_{table}_{column} ON {table} ({column})")
        words = self._unlist("tracks_fts", tracks) | self._unlist("artists_fts", artists)
        for table, ids in (("tracks", tracks), ("artists", artists)):
            self._db.execute(
                f"DELETE FROM {table} WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(ids)),)
            )
        for table, column in with_indexes:
            self._db.execute(f"DROP INDEX removal_{table}_{column}")
        self._tidy_index(words)

    def _forget_guests(self) -> None:
        """Take names off the songs that stay: those that no artist bears and that the songs do not tell."""
        rows = self._db.execute(_UNBORNE, (json.dumps(sorted(self._tracks)),)).fetchall()
        gone = [
            (key, track)
            for track, key, title, artist in rows
            if key not in {*names_in(artist), *named_in(title)}
        ]
        self._db.conn.executemany("DELETE FROM credits WHERE key = ? AND track_id = ?", gone)

    def _ids(self, sql: str, ids: set[int]) -> set[int]:
        return {row for (row,) in self._db.execute(sql, (json.dumps(list(ids)),))}

    def _unlisted(self, table: str, ids: set[int]) -> set[int]:
        return self._ids(_UNLISTED.format(table), ids)

    def _kept(self, table: str, ids: set[int]) -> set[int]:
        """Return which of these somebody else said something of."""
        among = "IS NOT NULL AND {item} IN (SELECT value FROM json_each(?))"
        return {*_said_by(self._db, table, among, json.dumps(list(ids)))}

    def _with_tracks(self, artists: set[int], gone: set[int]) -> set[int]:
        rows = self._db.execute(
            "SELECT id, artist_id FROM tracks WHERE artist_id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(artists)),),
        )
        return {artist for track, artist in rows if track not in gone}

    def _unlist(self, index: str, ids: set[int]) -> set[str]:
        """Take rows out of a search index, which has to be told what it holds; return their words.

        The index itself says so: names may have changed, or have gone to another artist, since it was told.
        """
        held: dict[int, list[str]] = {}
        self._db.execute(f"CREATE VIRTUAL TABLE temp.held USING fts5vocab(main, {index}, instance)")
        self._db.execute("CREATE TEMP TABLE going (id INTEGER PRIMARY KEY)")
        self._db.conn.executemany("INSERT INTO going VALUES (?)", [(row,) for row in ids])
        for word, row in self._db.execute(_HELD):
            held.setdefault(row, []).append(word)
        self._db.execute("DROP TABLE temp.going")
        self._db.execute("DROP TABLE temp.held")
        for row, words in held.items():
            self._db.conn.execute(
                f"INSERT INTO {index} ({index}, rowid, words) VALUES ('delete', ?, ?)", (row, " ".join(words))
            )
        return {word for words in held.values() for word in words}

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


def _said_by(db: Database, parent: str, whose: str, ids: str) -> Iterator[int]:
    """Yield the items of which the users or items in `ids` (a JSON list) say something, as `whose` asks."""
    for said, user, item in _said(db, parent):
        sql = _SAID.format(item=item, said=said, user=user) + whose.format(item=item)
        yield from (row for (row,) in db.execute(sql, (ids,)))


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
