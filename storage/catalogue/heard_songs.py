"""Songs that were heard: what their sound is like, as vectors. The sound itself is never stored."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlite_utils import Database

if TYPE_CHECKING:
    from storage.rows import HeardRow

DIMENSIONS = 400
"""Values of a vector."""

HEARD_SONGS = """
CREATE TABLE heard_songs (
    track_id INTEGER PRIMARY KEY REFERENCES tracks ON DELETE CASCADE,
    source TEXT NOT NULL,
    digest TEXT NOT NULL,
    vector BLOB NOT NULL,
    tags BLOB NOT NULL,
    tempo REAL,
    key INTEGER NOT NULL,
    loudness REAL NOT NULL,
    sung REAL NOT NULL,
    fingerprint BLOB
);
CREATE TABLE heard_files (
    digest TEXT PRIMARY KEY
) WITHOUT ROWID
"""
_ADD = """
    INSERT INTO heard_songs (track_id, source, digest, vector, tags, tempo, key, loudness, sung, fingerprint)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
"""


class HeardSongs:
    """Verbs on the sound of songs, through one connection. Every verb is idempotent."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def add(self, track_id: int, source: str, row: "HeardRow") -> bool:
        """Keep what a file of a track sounds like; return False if the track was heard before."""
        before = self.db.conn.total_changes
        values = row.vector, row.tags, row.tempo, row.key, row.loudness, row.sung, row.fingerprint
        self.db.execute(_ADD, (track_id, source, row.digest, *values))
        is_new = self.db.conn.total_changes > before
        self.db.execute("INSERT INTO heard_files VALUES (?) ON CONFLICT DO NOTHING", (row.digest,))
        return is_new

    def digests(self) -> frozenset[str]:
        """Return the digests of the files that were heard."""
        return frozenset(row[0] for row in self.db.execute("SELECT digest FROM heard_files"))

    def vectors(self) -> Iterator[tuple[int, bytes]]:
        """Stream (track_id, vector as little-endian float16), ascending; hidden tracks are left out."""
        return self.db.execute(
            "SELECT track_id, vector FROM heard_songs JOIN tracks ON id = track_id"
            " WHERE hidden = 0 ORDER BY 1"
        )

    def tags(self) -> Iterator[tuple[int, bytes]]:
        """Stream (track_id, 100 probabilities as little-endian float16), ascending, without hidden tracks."""
        return self.db.execute(
            "SELECT track_id, tags FROM heard_songs JOIN tracks ON id = track_id WHERE hidden = 0 ORDER BY 1"
        )

    def fingerprints(self) -> Iterator[tuple[int, int, bytes]]:
        """Stream (artist_id, track_id, fingerprint as little-endian uint32) of the tracks with one."""
        return self.db.execute(
            "SELECT artist_id, track_id, fingerprint FROM heard_songs JOIN tracks ON id = track_id"
            " WHERE fingerprint IS NOT NULL AND hidden = 0 ORDER BY 2"
        )
