"""Merging two equal tracks, or two equal artists: everything about one moves to the other.

The merged row stays, hidden, with the id of the other: a snapshot or a card may still refer to it.
"""

import json
from collections.abc import Iterator, Mapping

from sqlite_utils import Database

_FILL = """
    UPDATE tracks SET album = coalesce(tracks.album, old.album), year = coalesce(tracks.year, old.year),
        duration_ms = coalesce(tracks.duration_ms, old.duration_ms),
        explicit = coalesce(tracks.explicit, old.explicit),
        popularity = coalesce(tracks.popularity, old.popularity)
    FROM (
        SELECT moved.new, t.* FROM moved JOIN tracks AS t ON t.id = moved.old WHERE moved.old <> moved.new
    ) AS old
    WHERE tracks.id = old.new
"""
_LIST = """
    UPDATE {} SET listed = 1 WHERE NOT listed AND id IN (SELECT value FROM json_each(?))
"""
_TWIN = "SELECT id FROM tracks WHERE artist_id = ? AND key = ?"


class Merging:
    """Verbs that merge rows, over one connection and inside a transaction."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self._tables = [name for name in db.table_names() if not name.endswith("_fts")]

    def tracks(self, same: Mapping[int, int]) -> None:
        """Merge each track into another, by id; a track that others are merged into is never itself a key."""
        owners = (
            dict(self.db.execute("SELECT id, artist_id FROM tracks").fetchall()) if len(same) > 500 else {}
        )
        moved = [(old, new, owners.get(new) or self._owner(new)) for old, new in same.items()]
        self._move(moved)
        self._list("tracks", same)
        self.db.conn.executemany(
            "UPDATE tracks SET hidden = 1, same_as = ?2 WHERE id = ?1 OR same_as = ?1", same.items()
        )

    def artists(self, same: Mapping[int, int]) -> set[int]:
        """Merge each artist into another, by id; return the tracks whose artist changed."""
        twins: dict[int, int] = {}
        moved: list[tuple[int, int, int]] = []
        for old, new in same.items():
            rows = self.db.execute(
                "SELECT id, key FROM tracks WHERE artist_id = ? AND same_as IS NULL", (old,)
            ).fetchall()
            for track_id, key in rows:
                twin = self.db.execute(_TWIN, (new, key)).fetchone()
                if twin is None:
                    self.db.execute("UPDATE tracks SET artist_id = ? WHERE id = ?", (new, track_id))
                    moved.append((track_id, track_id, new))
                else:
                    twins[track_id] = self._standing(int(twin[0]))
        self._move(moved)
        self.tracks(twins)
        self._repoint("artists", [(old, new, new) for old, new in same.items()])
        self._list("artists", same)
        self.db.conn.executemany(
            "UPDATE artists SET hidden = 1, same_as = ?2 WHERE id = ?1 OR same_as = ?1", same.items()
        )
        return {track_id for track_id, _, _ in moved}

    def _list(self, table: str, same: Mapping[int, int]) -> None:
        """Let a row be of the catalogue where a catalogue lists what turned out to be it."""
        listed = f"SELECT id FROM {table} WHERE listed AND id IN (SELECT value FROM json_each(?))"
        rows = self.db.execute(listed, (json.dumps(list(same)),))
        self.db.execute(_LIST.format(table), (json.dumps([same[row] for (row,) in rows.fetchall()]),))

    def _owner(self, track_id: int) -> int:
        row = self.db.execute("SELECT artist_id FROM tracks WHERE id = ?", (track_id,)).fetchone()
        return int(row[0])

    def _standing(self, track_id: int) -> int:
        row = self.db.execute("SELECT coalesce(same_as, id) FROM tracks WHERE id = ?", (track_id,)).fetchone()
        return int(row[0])

    def _move(self, moved: list[tuple[int, int, int]]) -> None:
        """Point everything that refers to a track to (new track, its artist)."""
        if moved:
            self._repoint("tracks", moved)

    def _repoint(self, target: str, moved: list[tuple[int, int, int]]) -> None:
        self.db.execute("CREATE TEMP TABLE moved (old INTEGER PRIMARY KEY, new INTEGER, artist INTEGER)")
        try:
            self.db.conn.executemany("INSERT INTO moved VALUES (?, ?, ?)", moved)
            for table, column in self._references(target):
                self._repoint_column(table, column)
            if target == "tracks":
                self.db.execute(_FILL)
        finally:
            self.db.execute("DROP TABLE moved")

    def _repoint_column(self, table: str, column: str) -> None:
        to = f"{column} = (SELECT new FROM moved WHERE old = {column})"
        owner = column.replace("track_id", "artist_id")
        if owner != column and owner in self.db[table].columns_dict:
            to += f", {owner} = (SELECT artist FROM moved WHERE old = {column})"
        self.db.execute(f"UPDATE OR IGNORE {table} SET {to} WHERE {column} IN (SELECT old FROM moved)")
        # A fact about both is kept once; a track is never deleted this way.
        if table != "tracks":
            gone = "SELECT old FROM moved WHERE old <> new"
            self.db.execute(f"DELETE FROM {table} WHERE {column} IN ({gone})")

    def _references(self, target: str) -> Iterator[tuple[str, str]]:
        """Yield the (table, column) pairs that refer to rows of `target`, except a track's own artist."""
        for table in self._tables:
            for key in self.db.execute(f"PRAGMA foreign_key_list([{table}])").fetchall():
                if key[2] == target and table != "tracks":
                    yield table, key[3]
