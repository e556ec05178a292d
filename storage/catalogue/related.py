"""General knowledge of artists: related artists, fame, and other names."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from sqlite_utils import Database

from storage.errors import InvalidFactError
from storage.naming.credit_names import names_in
from storage.naming.text import fold, printable, words

if TYPE_CHECKING:
    from storage.rows import RelatedRow

BUNDLED = "bundled"
"""The source of what comes with Segue."""

LISTENBRAINZ = "listenbrainz"
"""The source of what ListenBrainz says."""

MOST_FAMOUS = 5
"""The class of fame of a household name; 1: known to fans."""

# Nothing but row ids is kept in the index: what is indexed is folded already, as names of artists are.
_FTS = (
    "words, content='', detail='none', prefix='1 2 3',"
    " tokenize='ascii tokenchars ''!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~'''"
)
RELATED = f"""
CREATE TABLE related_artists (
    artist_id INTEGER NOT NULL REFERENCES artists ON DELETE CASCADE,
    source TEXT NOT NULL,
    place INTEGER NOT NULL,
    related_id INTEGER NOT NULL REFERENCES artists ON DELETE CASCADE,
    PRIMARY KEY (artist_id, source, place)
) WITHOUT ROWID;
CREATE INDEX related_artists_related ON related_artists (related_id);
CREATE TABLE artist_fame (
    artist_id INTEGER NOT NULL REFERENCES artists ON DELETE CASCADE,
    source TEXT NOT NULL,
    class INTEGER NOT NULL,
    PRIMARY KEY (artist_id, source)
) WITHOUT ROWID;
CREATE TABLE artist_aliases (
    id INTEGER PRIMARY KEY,
    artist_id INTEGER NOT NULL REFERENCES artists ON DELETE CASCADE,
    name TEXT NOT NULL,
    key TEXT NOT NULL UNIQUE
);
CREATE INDEX artist_aliases_artist ON artist_aliases (artist_id);
CREATE INDEX artist_aliases_squashed ON artist_aliases (replace(key, ' ', ''));
CREATE VIRTUAL TABLE aliases_fts USING fts5({_FTS})
"""
_RELATED_TO = """
    SELECT artists.id, artists.name FROM related_artists JOIN artists ON artists.id = related_id
    WHERE artist_id = ? ORDER BY source <> ?, source, place
"""


class RelatedArtists:
    """Verbs for what is generally known of artists, through one connection.  Every verb is idempotent."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def add(self, source: str, row: "RelatedRow") -> bool | None:
        """Keep all that a row says of an artist; return if any is new, None if the artist is not known."""
        (key, *others) = map(fold, (row.artist, *row.related))
        artists = self.named((key, *others))
        if key not in artists:
            return None
        self.set_fame(artists[key], source, row.fame)
        new = [self.add_alias(artists[key], name) for name in row.also]
        related = [artists[other] for other in others if other in artists]
        return self.relate(artists[key], source, related) or any(new)

    def relate(self, artist_id: int, source: str, related_ids: Sequence[int]) -> bool:
        """Keep whose listeners a source says overlap most with an artist's, best first; return if it is new.

        What the same source said before is replaced.  The artist itself and doubles are left out.
        """
        wanted = [related for related in dict.fromkeys(related_ids) if related != artist_id]
        before = self.db.conn.execute(
            "SELECT related_id FROM related_artists WHERE artist_id = ? AND source = ? ORDER BY place",
            (artist_id, source),
        ).fetchall()
        if [row[0] for row in before] == wanted:
            return False
        self.db.conn.execute(
            "DELETE FROM related_artists WHERE artist_id = ? AND source = ?", (artist_id, source)
        )
        rows = [(artist_id, source, place, related) for place, related in enumerate(wanted)]
        self.db.conn.executemany("INSERT INTO related_artists VALUES (?, ?, ?, ?)", rows)
        return True

    def set_fame(self, artist_id: int, source: str, fame: int) -> None:
        """Keep how famous a source says an artist is, 1 (known to fans) to 5; the latest word counts."""
        if not 1 <= fame <= MOST_FAMOUS:
            raise InvalidFactError(f"Fame is a number from 1 to {MOST_FAMOUS}, not {fame}.")
        self.db.conn.execute(
            "INSERT INTO artist_fame VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET class = excluded.class",
            (artist_id, source, fame),
        )

    def add_alias(self, artist_id: int, name: str) -> bool:
        """Let an artist be found by another name, too; return if it is new.

        A name that is some artist's own, or is taken already, stays with that artist.
        """
        key = fold(name)
        if not key or self.db.conn.execute("SELECT 1 FROM artists WHERE key = ?", (key,)).fetchone():
            return False
        added = self.db.conn.execute(
            "INSERT INTO artist_aliases (artist_id, name, key) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (artist_id, printable(name), key),
        )
        if not added.rowcount:
            return False
        found = words(name)
        self.db.conn.execute(
            "INSERT INTO aliases_fts (rowid, words) VALUES (?, ?)", (added.lastrowid, " ".join(found))
        )
        self.db.conn.executemany(
            "INSERT INTO words (word) VALUES (?) ON CONFLICT DO NOTHING", [(word,) for word in found]
        )
        return True

    def rows(self) -> Iterator[tuple[int, int, int]]:
        """Yield every relation as (artist id, related artist id, place from 0): the best of any source."""
        yield from self.db.execute(
            "SELECT artist_id, related_id, min(place) FROM related_artists GROUP BY 1, 2 ORDER BY 1, 2"
        )

    def fame_rows(self) -> Iterator[tuple[int, int]]:
        """Yield (artist id, class of fame), the highest that any source says."""
        yield from self.db.execute("SELECT artist_id, max(class) FROM artist_fame GROUP BY 1 ORDER BY 1")

    def of(self, artist_id: int) -> list[tuple[int, str]]:
        """Return the related artists as (id, name), best first; those that came with Segue before others."""
        return self.db.execute(_RELATED_TO, (artist_id, BUNDLED)).fetchall()

    def arrived(self, artist_ids: Sequence[int]) -> list[int]:
        """Return the artists related to some by ListenBrainz alone that did not come with Segue."""
        values = {"artists": json.dumps(artist_ids), "from": LISTENBRAINZ, "bundled": BUNDLED}
        return [int(row) for (row,) in self.db.execute(_ARRIVED, values)]

    def called(self, key: str) -> int | None:
        """Return the artist whose other name has this key (`storage.naming.text.fold`), or None.

        A name in a joint credit is of one of several: "Rakim" is not all of "Eric B. & Rakim".
        """
        row = self.db.conn.execute(_CALLED, (key,)).fetchone()
        return None if row is None or key in names_in(row[1]) else int(row[0])

    def named(self, keys: Iterable[str]) -> dict[str, int]:
        """Return the artist of each key (`storage.naming.text.fold`): of its name, else of an alias."""
        return dict(self.db.conn.execute(_BY_ANY_NAME, (json.dumps(list(keys)),)))


_ARRIVED = """
    SELECT DISTINCT related_id FROM json_each(:artists) AS near
    JOIN related_artists AS said ON said.artist_id = near.value AND said.source = :from
    WHERE NOT EXISTS (SELECT 1 FROM artist_fame WHERE artist_id = related_id AND source = :bundled)
"""
_CALLED = """
    SELECT artists.id, artists.name FROM artist_aliases JOIN artists ON artists.id = artist_id
    WHERE artist_aliases.key = ?
"""
_BY_ANY_NAME = """
    SELECT asked.value, coalesce(
        (SELECT id FROM artists WHERE key = asked.value),
        (SELECT artist_id FROM artist_aliases WHERE key = asked.value)
    ) AS artist FROM json_each(?) AS asked WHERE artist IS NOT NULL
"""
