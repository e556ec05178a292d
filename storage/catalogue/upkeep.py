"""Upkeep: apply the current rules for names to a database of an older version.

Keys, placeholders and credits depend only on names: when the rules change, increment `RULES`, and the first
program that opens a database for writing derives them again.
"""

from collections.abc import Mapping

from sqlite_utils import Database

from storage.catalogue.credits import Credits
from storage.catalogue.merging import Merging
from storage.naming.credit_names import named_in, names_in
from storage.naming.placeholders import names_no_song, names_nobody
from storage.naming.text import fold

RULES = 1
"""The version of the rules for names."""

_READ_BY = "SELECT value FROM settings WHERE scope = 'app' AND scope_id = 0 AND name = 'names'"
_NOW_READ_BY = (
    "INSERT INTO settings VALUES ('app', 0, 'names', ?) ON CONFLICT DO UPDATE SET value = excluded.value"
)
_TRACKS = """
    SELECT tracks.id, title, tracks.key, artists.name, artists.hidden FROM tracks
    JOIN artists ON artists.id = artist_id WHERE tracks.same_as IS NULL
"""


def is_behind(db: Database) -> bool:
    """Tell whether the names in a database follow older rules."""
    row = db.execute(_READ_BY).fetchone()
    return (int(row[0]) if row else 0) < RULES


def bring_up(db: Database) -> None:
    """Derive all keys and credits again, inside a transaction; merge names that are now the same."""
    merging = Merging(db)
    _rekey_artists(db, merging)
    _rekey_tracks(db, merging)
    db.execute("DELETE FROM settings WHERE scope = 'app' AND name = 'settled'")
    db.execute("INSERT INTO unsettled SELECT id FROM tracks WHERE hidden = 0 ON CONFLICT DO NOTHING")
    Credits(db).settle()
    db.execute(_NOW_READ_BY, (str(RULES),))


def _rekey_artists(db: Database, merging: Merging) -> None:
    rows = db.execute("SELECT id, name, key FROM artists WHERE same_as IS NULL ORDER BY id").fetchall()
    db.conn.executemany(
        "UPDATE artists SET hidden = 1 WHERE id = ?", [(row,) for row, name, _ in rows if names_nobody(name)]
    )
    merging.artists(_rekeyed(db, "artists", rows, {key: row for row, _, key in rows}))


def _rekeyed(
    db: Database, table: str, rows: list[tuple[int, str, str]], known: Mapping[str, int]
) -> dict[int, int]:
    """Give rows (id, name, key) their new keys; return the ids to merge: id -> the id it is merged into."""
    taken, same = dict(known), {}
    for row, name, key in rows:
        now = fold(name)
        if now == key:
            continue
        if (other := taken.setdefault(now, row)) != row:
            same[row] = other
        else:
            db.execute(f"UPDATE {table} SET key = ? WHERE id = ?", (now, row))
    return same


def _rekey_tracks(db: Database, merging: Merging) -> None:
    same: dict[int, int] = {}
    changed: dict[int, list[tuple[int, str, str]]] = {}
    nameless, credited = [], []
    for track_id, title, key, artist, is_hidden in db.execute(_TRACKS):
        if is_hidden or names_no_song(title):
            nameless.append((track_id,))
        credited += [(name, track_id) for name in {*names_in(artist), *named_in(title)} if name]
        if fold(title) != key:
            changed.setdefault(track_id, []).append((track_id, title, key))
    db.conn.executemany("UPDATE tracks SET hidden = 1 WHERE id = ?", nameless)
    db.conn.executemany("INSERT INTO credits VALUES (?, ?) ON CONFLICT DO NOTHING", credited)
    for track_id, rows in changed.items():
        owned = "SELECT key, id FROM tracks WHERE artist_id = (SELECT artist_id FROM tracks WHERE id = ?)"
        same |= _rekeyed(db, "tracks", rows, dict(db.execute(owned, (track_id,)).fetchall()))
    merging.tracks(same)
