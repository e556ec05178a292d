"""The reading half of the catalogue: artists, tracks, tags and audio features."""

from collections.abc import Iterable, Iterator
from typing import Any

from rapidfuzz import fuzz, process

from storage.catalogue.catalogue_writer import CatalogueWriter
from storage.errors import UnknownIdError
from storage.naming.credit_names import names_in
from storage.naming.text import fold
from storage.records import FEATURES, Artist, Subject, Track

_ARTIST = "SELECT id, name, country, listeners FROM artists"
_TRACK = """
    SELECT tracks.id, artist_id, title, artists.name, album, year, duration_ms, explicit, popularity,
           tracks.listeners
    FROM tracks JOIN artists ON artists.id = artist_id
"""
_BEST_KNOWN_FIRST = "ORDER BY tracks.listeners DESC, popularity DESC NULLS LAST, tracks.id"
# Bound parameters per statement; SQLite allows more, but longer lists gain nothing.
_CHUNK = 500
_TAG_TYPO = 85.0  # percent of letters in common (Indel similarity): "dreamey" yes, "dream" no

_TAGGERS = 3
"""People who give a tag that no catalogue has, for others to be shown it."""

# A tag that anybody may be shown: a data set, a catalogue or enough people have it.
_IS_COMMON = f"""(
    EXISTS (SELECT 1 FROM artist_tags AS listed WHERE listed.tag_id = said.tag_id)
    OR EXISTS (SELECT 1 FROM track_tags AS listed WHERE listed.tag_id = said.tag_id)
    OR EXISTS (SELECT 1 FROM taggings AS also JOIN accounts ON accounts.user_id = also.user_id
               WHERE also.tag_id = said.tag_id AND accounts.platform NOT IN (SELECT platform FROM chats))
    OR (SELECT count(*) FROM (SELECT DISTINCT user_id FROM taggings AS also
                              WHERE also.tag_id = said.tag_id LIMIT {_TAGGERS})) = {_TAGGERS}
)"""
# Own tags, then the artist's: (level, weight) decides the order.
_TAGS = f"""
    SELECT name FROM (
        SELECT tag_id, 0 AS level, weight FROM track_tags WHERE track_id = :track
        UNION ALL SELECT tag_id, 1, weight FROM artist_tags WHERE artist_id = :artist
        UNION ALL SELECT tag_id, 1, 1.0 FROM taggings AS said WHERE artist_id = :artist AND {_IS_COMMON}
    ) JOIN tags ON tags.id = tag_id
    GROUP BY tag_id ORDER BY min(level), sum(weight * (1 - level)) DESC, sum(weight) DESC, tag_id
"""
_ARTIST_TAGS = f"""
    SELECT artist_id, tag_id, sum(weight) FROM (
        SELECT artist_id, tag_id, weight FROM artist_tags
        UNION ALL SELECT artist_id, tag_id, 1.0 FROM taggings
        WHERE tag_id IN (SELECT tag_id FROM (SELECT DISTINCT tag_id FROM taggings) AS said WHERE {_IS_COMMON})
    ) GROUP BY artist_id, tag_id ORDER BY artist_id, tag_id
"""
_TRACK_TAGS = "SELECT track_id, tag_id, sum(weight) FROM track_tags GROUP BY 1, 2 ORDER BY 1, 2"
_FEATURES = f"SELECT track_id, {', '.join(FEATURES)} FROM audio_features ORDER BY track_id"
_CREDITED = """
    SELECT c.track_id, a.id, a.key, own.name FROM credits AS c JOIN artists AS a ON a.key = c.key
    JOIN tracks AS t ON t.id = c.track_id JOIN artists AS own ON own.id = t.artist_id
    WHERE a.hidden = 0 AND t.hidden = 0 AND a.id <> t.artist_id ORDER BY c.track_id
"""
_BY_KEY = "SELECT id, key FROM artists WHERE hidden = 0 AND key IN"
_DESCRIBED = """
    SELECT id, name, country IS NOT NULL OR EXISTS (SELECT 1 FROM artist_tags WHERE artist_id = artists.id)
    FROM artists WHERE hidden = 0
"""
_USES = """
    (SELECT count(*) FROM artist_tags WHERE tag_id = tags.id)
    + (SELECT count(*) FROM track_tags WHERE tag_id = tags.id)
    + (SELECT count(*) FROM taggings WHERE tag_id = tags.id)
"""


class Music(CatalogueWriter):
    """Read verbs on the catalogue, over one connection; `CatalogueWriter` has the write verbs."""

    def artist(self, artist_id: int) -> Artist:
        """Return an artist; raise UnknownIdError if the id is unknown."""
        found = self.artists([artist_id])
        if not found:
            raise UnknownIdError(f"There is no artist {artist_id}.")
        return found[artist_id]

    def track(self, track_id: int) -> Track:
        """Return a track; raise UnknownIdError if the id is unknown."""
        found = self.tracks([track_id])
        if not found:
            raise UnknownIdError(f"There is no track {track_id}.")
        return found[track_id]

    def artists(self, ids: Iterable[int]) -> dict[int, Artist]:
        """Return the artists with these ids, by id; unknown ids are left out."""
        rows = self._by_ids(f"{_ARTIST} WHERE id IN", ids)
        return {row[0]: Artist(*row) for row in rows}

    def tracks(self, ids: Iterable[int]) -> dict[int, Track]:
        """Return the tracks with these ids, by id; unknown ids are left out."""
        return {track.id: track for track in map(_track, self._by_ids(f"{_TRACK} WHERE tracks.id IN", ids))}

    def _by_ids(self, sql: str, ids: Iterable[int | str]) -> Iterator[tuple[Any, ...]]:
        wanted = list(dict.fromkeys(ids))
        for start in range(0, len(wanted), _CHUNK):
            chunk = wanted[start : start + _CHUNK]
            yield from self.db.execute(f"{sql} ({', '.join('?' * len(chunk))})", chunk)

    def tracks_of(self, artist_id: int, n: int) -> list[Track]:
        """Return the artist's `n` most popular tracks, most popular first."""
        shown = f"{_TRACK} WHERE artist_id = ? AND tracks.hidden = 0 {_BEST_KNOWN_FIRST} LIMIT ?"
        rows = self.db.execute(shown, (artist_id, n))
        return [_track(row) for row in rows]

    def by_external_id(self, scheme: str, value: str) -> Subject | None:
        """Return the track with this external id, else the artist, else None."""
        row = self.db.execute(
            "SELECT artist_id, id FROM track_ids JOIN tracks ON id = track_id WHERE scheme = ? AND value = ?",
            (scheme, value),
        ).fetchone()
        if row is None:
            row = self.db.execute(
                "SELECT artist_id, NULL FROM artist_ids WHERE scheme = ? AND value = ?", (scheme, value)
            ).fetchone()
        return None if row is None else Subject(*row)

    def tags_of(self, subject: Subject) -> list[str]:
        """Return the track's own tags, then its artist's, each group strongest first, without repeats."""
        rows = self.db.execute(_TAGS, {"artist": subject.artist_id, "track": subject.track_id})
        return [name for (name,) in rows]

    def find_tag(self, name: str) -> str | None:
        """Return the stored tag with this name (spelling, case, small typos aside), None if there is none."""
        key = fold(name)
        row = self.db.execute("SELECT name FROM tags WHERE key = ?", (key,)).fetchone()
        if row is not None:
            return str(row[0])
        keys = dict(self.db.execute("SELECT id, key FROM tags").fetchall())
        near = process.extract(key, keys, scorer=fuzz.ratio, score_cutoff=_TAG_TYPO, limit=None)
        best = [tag_id for _, score, tag_id in near if score == near[0][1]]
        # Among equally near spellings, take the tag with the most uses.
        rows = self._by_ids(f"SELECT {_USES}, name FROM tags WHERE id IN", best)
        return max(rows)[1] if best else None

    def counts(self) -> dict[str, int]:
        """Return the number of artists, tracks, tags, tracks with audio features and taggings.

        Hidden artists and tracks do not count.
        """
        tables = ("artists", "tracks", "tags", "audio_features", "taggings")
        counts = {table: self.db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}
        for table in ("artists", "tracks"):
            hidden = f"SELECT count(*) FROM {table} WHERE hidden = 1"
            counts[table] -= self.db.execute(hidden).fetchone()[0]
        return counts

    def all_artist_ids(self) -> Iterator[int]:
        """Stream the ids of all visible artists, ascending."""
        rows = self.db.execute("SELECT id FROM artists WHERE hidden = 0 ORDER BY id")
        return (artist_id for (artist_id,) in rows)

    def hidden(self) -> tuple[frozenset[int], frozenset[int]]:
        """Return the hidden artists and tracks: placeholder names, and rows merged into another."""
        artists, tracks = (
            frozenset(row for (row,) in self.db.execute(f"SELECT id FROM {table} WHERE hidden = 1"))
            for table in ("artists", "tracks")
        )
        return artists, tracks

    def merged(self, table: str, after: int) -> int:
        """Return how many "artists" or "tracks" (`table`) with ids above `after` were merged into others."""
        sql = f"SELECT count(*) FROM {table} WHERE hidden = 1 AND same_as IS NOT NULL AND id > ?"
        return int(self.db.execute(sql, (after,)).fetchone()[0])

    def credited(self) -> Iterator[tuple[int, int, str, str]]:
        """Stream (track_id, artist_id, key of the artist, name of the track's own artist), by track.

        These artists may be named on other artists' tracks.
        """
        return self.db.execute(_CREDITED)

    def joint_credits(self) -> Iterator[tuple[int, str, bool]]:
        """Stream (artist_id, name, whether the catalogue describes it) for names of maybe several artists."""
        rows = self.db.execute(_DESCRIBED)
        return ((artist_id, name, bool(known)) for artist_id, name, known in rows if names_in(name))

    def artists_by_key(self, keys: Iterable[str]) -> dict[str, int]:
        """Return the visible artists with these keys, by key."""
        return {key: artist_id for artist_id, key in self._by_ids(_BY_KEY, keys)}

    def listed(self) -> tuple[list[int], list[int]]:
        """Return the ids of artists and of tracks that a catalogue lists, ascending."""
        artists = self.db.execute("SELECT id FROM artists WHERE listed ORDER BY id")
        tracks = self.db.execute("SELECT id FROM tracks WHERE listed ORDER BY id")
        return [row[0] for row in artists], [row[0] for row in tracks]

    def track_rows(self) -> Iterator[tuple[int, int, float | None, int | None, int | None]]:
        """Stream (track_id, artist_id, popularity 0 to 100, year, length in ms), ascending by track.

        Unknown values are None.  Hidden tracks are left out.
        """
        return self.db.execute(
            "SELECT id, artist_id, popularity, year, duration_ms FROM tracks WHERE hidden = 0 ORDER BY id"
        )

    def artist_tag_rows(self) -> Iterator[tuple[int, int, float]]:
        """Stream (artist_id, tag_id, weight): imported weights plus one for each person who tagged.

        A tag that hardly anybody gives would tell who gave it: it is left out.
        """
        return self.db.execute(_ARTIST_TAGS)

    def track_tag_rows(self) -> Iterator[tuple[int, int, float]]:
        """Stream (track_id, tag_id, weight): weights summed over sources."""
        return self.db.execute(_TRACK_TAGS)

    def feature_rows(self) -> Iterator[tuple[int | float | None, ...]]:
        """Stream (track_id, then the features in the order of `records.FEATURES`; None if unknown)."""
        return self.db.execute(_FEATURES)

    def tag_names(self) -> dict[int, str]:
        """Return the names of all tags, by id."""
        return dict(self.db.execute("SELECT id, name FROM tags ORDER BY id").fetchall())


def _track(row: tuple[Any, ...]) -> Track:
    track_id, artist_id, title, artist, album, year, duration_ms, explicit, popularity, listeners = row
    flag = None if explicit is None else bool(explicit)
    return Track(track_id, artist_id, title, artist, album, year, duration_ms, flag, popularity, listeners)
