"""Credits: the artists named on a track besides its own, and the merging of equal artists and tracks.

`credits` holds, for each track, the keys of all names in its artist's credit and its title.  Whether an
artist has such a name may only be known later, so the result does not depend on order: `settle` compares
everything new (`unsettled`) with everything.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sqlite_utils import Database

from storage.catalogue.merging import Merging
from storage.naming.credit_names import SAME_PEOPLE, is_band, names_in, parts, without_company
from storage.naming.text import fold
from storage.naming.wording import COMMON_TITLES

CREDITS = """
ALTER TABLE artists ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0;
ALTER TABLE artists ADD COLUMN same_as INTEGER;
ALTER TABLE tracks ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tracks ADD COLUMN same_as INTEGER;
CREATE INDEX artists_hidden ON artists (id) WHERE hidden = 1;
CREATE INDEX tracks_hidden ON tracks (id) WHERE hidden = 1;
CREATE TABLE credits (
    key TEXT NOT NULL,
    track_id INTEGER NOT NULL REFERENCES tracks ON DELETE CASCADE,
    PRIMARY KEY (key, track_id)
) WITHOUT ROWID;
CREATE INDEX credits_track ON credits (track_id);
CREATE TABLE unsettled (track_id INTEGER PRIMARY KEY REFERENCES tracks ON DELETE CASCADE)
"""
SAME_MS = 3_000
"""The maximum difference in length, in ms, between two tracks that are merged."""

# A joint credit, and the owner of a track that one of its tracks was merged into.
_SHARE_A_SONG = """
    SELECT DISTINCT a.id, a.name, a.key, kept.artist_id FROM tracks AS gone
    JOIN artists AS a ON a.id = gone.artist_id JOIN tracks AS kept ON kept.id = gone.same_as
    WHERE gone.hidden = 1 AND a.hidden = 0 AND kept.artist_id <> a.id
"""
_SETTLED_UP_TO = "SELECT value FROM settings WHERE scope = 'app' AND scope_id = 0 AND name = 'settled'"
_NOW_SETTLED = """
    INSERT INTO settings VALUES ('app', 0, 'settled', ?) ON CONFLICT DO UPDATE SET value = excluded.value
"""
# Country, tags or a year: the catalogue describes this artist, so it is an act and not only a credit.
_ESTABLISHED = """
    SELECT country IS NOT NULL OR EXISTS (SELECT 1 FROM artist_tags WHERE artist_id = artists.id)
        OR EXISTS (SELECT 1 FROM tracks WHERE artist_id = artists.id AND year IS NOT NULL)
    FROM artists WHERE id = ?
"""
_WHOSE_PIECE_IS_NEW = """
    SELECT DISTINCT o.id, o.name, o.key FROM artists AS a CROSS JOIN credits AS c ON c.key = a.key
    CROSS JOIN tracks AS t ON t.id = c.track_id CROSS JOIN artists AS o ON o.id = t.artist_id
    WHERE a.id > ? AND a.hidden = 0 AND o.id <> a.id AND o.hidden = 0
"""
_SAME_PEOPLE = """
    SELECT DISTINCT o.id, o.name, o.key FROM credits AS c JOIN tracks AS t ON t.id = c.track_id
    JOIN artists AS o ON o.id = t.artist_id WHERE c.key = ? AND o.hidden = 0
"""
_LINKED = """
    SELECT x.id, x.key, x.duration_ms, xa.id, xa.name, xa.key,
           y.id, y.key, y.duration_ms, ya.id, ya.name, ya.key
    FROM {} JOIN artists AS xa ON xa.id = x.artist_id
    WHERE x.id <> y.id AND xa.id <> ya.id
        AND x.hidden = 0 AND y.hidden = 0 AND xa.hidden = 0 AND ya.hidden = 0
"""
_CREDITED_IS_FRESH = _LINKED.format(
    "unsettled AS u CROSS JOIN credits AS c ON c.track_id = u.track_id"
    " CROSS JOIN tracks AS x ON x.id = u.track_id"
    " CROSS JOIN artists AS ya ON ya.key = c.key"
    " CROSS JOIN tracks AS y ON y.artist_id = ya.id AND y.key = x.key"
)
_NAMED_IS_FRESH = _LINKED.format(
    "unsettled AS u CROSS JOIN tracks AS y ON y.id = u.track_id"
    " CROSS JOIN artists AS ya ON ya.id = y.artist_id"
    " CROSS JOIN credits AS c ON c.key = ya.key CROSS JOIN tracks AS x ON x.id = c.track_id AND x.key = y.key"
)
_IN_COMPANY = """
    SELECT DISTINCT x.id, x.artist_id, x.title FROM credits AS c CROSS JOIN artists AS a ON a.key = c.key
    CROSS JOIN tracks AS x ON x.id = c.track_id
    WHERE a.hidden = 0 AND x.hidden = 0 AND (x.title LIKE '%(%' OR x.title LIKE '%[%')
    AND c.key {}
"""
_FRESHLY_CREDITED = "IN (SELECT key FROM credits NATURAL JOIN unsettled)"
_FRESHLY_NAMED = "IN (SELECT key FROM artists WHERE id > :after)"


class _Artist(NamedTuple):
    """An artist to compare."""

    artist_id: int
    name: str
    key: str


class _Track(NamedTuple):
    """A track to compare, with its artist."""

    track_id: int
    key: str
    duration_ms: int | None
    artist: _Artist


class Credits:
    """Verbs on credits, over one connection; they need a transaction."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self._is_established: dict[int, bool] = {}

    def add(self, track_id: int, keys: Iterable[str]) -> None:
        """Store the keys of names that a track may credit."""
        rows = [(key, track_id) for key in keys if key]
        new = self.db.conn.executemany("INSERT INTO credits VALUES (?, ?) ON CONFLICT DO NOTHING", rows)
        if new.rowcount > 0:
            self.unsettle(track_id)

    def unsettle(self, track_id: int) -> None:
        """Mark a track for the next `settle`."""
        self.db.conn.execute("INSERT INTO unsettled VALUES (?) ON CONFLICT DO NOTHING", (track_id,))

    def settle(self) -> None:
        """Merge equal artists and tracks among everything new since the last call and everything else.

        - Two credits that name the same artists are one artist.  A credit is merged into its first artist
          if all its names are known artists.
        - A track is merged into another of the same title if its artist is named there and the lengths agree.
        - "(with Name)" is removed from a title if an artist has that name.
        """
        after = self.db.execute(_SETTLED_UP_TO).fetchone()
        newest = self.db.execute("SELECT coalesce(max(id), 0) FROM artists").fetchone()[0]
        merging = Merging(self.db)
        self._settle_artists(merging, int(after[0]) if after else 0)
        self._settle_company(merging, int(after[0]) if after else 0)
        self._settle_tracks(merging)
        self._settle_proven(merging)
        self.db.execute("DELETE FROM unsettled")
        self.db.execute(_NOW_SETTLED, (str(newest),))

    def _settle_artists(self, merging: Merging, after: int) -> None:
        rows = self.db.execute("SELECT id, name, key FROM artists WHERE id > ? AND hidden = 0", (after,))
        new = [_Artist(*row) for row in rows if names_in(row[1])]
        self._merge_artists(merging, self._of_same_people(new))
        touched = [
            _Artist(*row) for row in self.db.execute(_WHOSE_PIECE_IS_NEW, (after,)) if names_in(row[1])
        ]
        # Shorter credits first: a longer credit may begin with the artist that a shorter one is merged into.
        joint = sorted({*new, *touched}, key=lambda artist: (len(artist.key), artist.key))
        same = {}
        for artist in joint:
            lead = self._lead(artist)
            if lead is not None:
                same[artist.artist_id] = lead
        self._merge_artists(merging, same)

    def _settle_proven(self, merging: Merging) -> None:
        """Merge a joint credit into its first artist if two of their tracks were merged."""
        proven = {}
        for *joint, owner in self.db.execute(_SHARE_A_SONG).fetchall():
            artist = _Artist(*joint)
            found = parts(artist.name)
            leads = {fold(artist.name[: part.end]) for part in found[:-1]}
            if owner in {known for key, known in self._known(artist).items() if key in leads}:
                proven[artist.artist_id] = owner
        self._merge_artists(merging, {one: to for one, to in proven.items() if not self._established(one)})

    def _merge_artists(self, merging: Merging, same: dict[int, int]) -> None:
        for old in list(same):
            while same[old] in same:
                same[old] = same[same[old]]
        if same:
            moved = merging.artists(same)
            for track_id in moved:
                self.unsettle(track_id)

    def _of_same_people(self, new: list[_Artist]) -> dict[int, int]:
        same: dict[int, int] = {}
        for artist in new:
            people = names_in(artist.name)[-1]
            if not people.startswith(SAME_PEOPLE):
                continue
            others = [_Artist(*row) for row in self.db.execute(_SAME_PEOPLE, (people,))]
            group = sorted(
                {artist, *(one for one in others if names_in(one.name)[-1:] == (people,))}, key=self._rank
            )
            for one in group[1:]:
                if not self._established(one.artist_id):
                    same[one.artist_id] = group[0].artist_id
        return same

    def _rank(self, artist: _Artist) -> tuple[bool, int, str]:
        """Return the sort key of artists: the lowest owns a shared track, whichever was stored first."""
        return not self._established(artist.artist_id), len(parts(artist.name)), artist.key

    def _established(self, artist_id: int) -> bool:
        known = self._is_established.get(artist_id)
        if known is None:
            row = self.db.execute(_ESTABLISHED, (artist_id,)).fetchone()
            known = self._is_established[artist_id] = bool(row and row[0])
        return known

    def _lead(self, artist: _Artist) -> int | None:
        """Return the artist that a credit of several begins with; None if it is, or may be, one name."""
        if self._established(artist.artist_id):
            return None
        found = parts(artist.name)
        known = self._known(artist)
        keys = [fold(artist.name[: part.end]) for part in found[:-1]]
        at = max((n for n, key in enumerate(keys, 1) if key in known), default=0)
        if not at or is_band(found[at]):
            return None
        # A name that begins with another joint name is never a single artist by chance.
        return known[keys[at - 1]] if at > 1 or self._all_known(artist.name, known) else None

    def _known(self, artist: _Artist) -> dict[str, int]:
        keys = [key for key in names_in(artist.name) if not key.startswith(SAME_PEOPLE)]
        marks = ", ".join("?" * len(keys))
        sql = f"SELECT key, id FROM artists WHERE key IN ({marks}) AND hidden = 0 AND id <> ?"
        return dict(self.db.execute(sql, (*keys, artist.artist_id)).fetchall())

    def _all_known(self, credit: str, known: dict[str, int]) -> bool:
        """Tell whether a credit consists only of names: full names, or artists the catalogue describes."""
        sure = {key for key, artist_id in known.items() if " " in key or self._established(artist_id)}
        found, start = parts(credit), 0
        while start < len(found):
            if start and is_band(found[start]):
                return False
            runs = (
                (fold(credit[found[start].start : part.end]), n)
                for n, part in enumerate(found[start:], start)
            )
            start = 1 + max((n for key, n in runs if key in sure), default=len(found))
        return start == len(found)

    def _settle_company(self, merging: Merging, after: int) -> None:
        same: dict[int, int] = {}
        for which in (_FRESHLY_CREDITED, _FRESHLY_NAMED):
            for track_id, artist_id, title in self.db.execute(
                _IN_COMPANY.format(which), {"after": after}
            ).fetchall():
                main, company = without_company(title)
                if track_id in same or not company or not self._bears(fold(company[0])):
                    continue
                twin = self.db.execute(
                    "SELECT coalesce(same_as, id) FROM tracks WHERE artist_id = ? AND key = ?",
                    (artist_id, fold(main)),
                ).fetchone()
                if twin is None:
                    self.db.execute(
                        "UPDATE tracks SET title = ?, key = ? WHERE id = ?", (main, fold(main), track_id)
                    )
                    self.unsettle(track_id)
                elif twin[0] != track_id:
                    same[track_id] = twin[0]
        if same:
            merging.tracks(same)

    def _bears(self, key: str) -> bool:
        return (
            self.db.execute("SELECT 1 FROM artists WHERE key = ? AND hidden = 0", (key,)).fetchone()
            is not None
        )

    def _settle_tracks(self, merging: Merging) -> None:
        group: dict[int, set[int]] = {}
        known: dict[int, _Track] = {}
        for one, other in self._linked():
            known |= {one.track_id: one, other.track_id: other}
            both = group.get(one.track_id, {one.track_id}) | group.get(other.track_id, {other.track_id})
            group.update(dict.fromkeys(both, both))
        same: dict[int, int] = {}
        for members in {id(members): members for members in group.values()}.values():
            first, *others = sorted(
                (known[track_id] for track_id in members), key=lambda t: self._rank(t.artist)
            )
            for other in others:
                same[other.track_id] = first.track_id
                self.add(first.track_id, [other.artist.key])
        if same:
            merging.tracks(same)

    def _linked(self) -> Iterator[tuple[_Track, _Track]]:
        """Yield pairs of tracks with one title: a track, and a track of an artist named on it."""
        for sql in (_CREDITED_IS_FRESH, _NAMED_IS_FRESH):
            for row in self.db.execute(sql).fetchall():
                one = _Track(row[0], row[1], row[2], _Artist(*row[3:6]))
                other = _Track(row[6], row[7], row[8], _Artist(*row[9:]))
                if self._is_one_song(one, other):
                    yield one, other

    def _is_one_song(self, one: _Track, other: _Track) -> bool:
        lengths = one.duration_ms, other.duration_ms
        if one.key in COMMON_TITLES or (lengths[0] and lengths[1] and abs(lengths[0] - lengths[1]) > SAME_MS):
            return False
        names = names_in(one.artist.name)
        if other.artist.key in names and self._established(one.artist.artist_id):
            # "Earth" is not in "Earth, Wind & Fire"; "Bob Marley" is in "Bob Marley & The Wailers".
            return " " in other.artist.key or is_band(parts(one.artist.name)[1])
        return True
