"""Which song of the catalogue a name from outside means, or none: then it is a new one.

In this order, the surest first: an exact id (ISRC, Spotify's), the names as they are, the names without
remaster years and guests and in Latin letters, and last small misspellings.  A name that is spelt differently
counts only where artist and title agree: "Queen" and "Queens" are two bands.
"""

from collections.abc import Iterator

from rapidfuzz import fuzz, process

from storage.imports.rows import ExternalIds
from storage.records import Subject
from storage.search import Search
from storage.store import Store
from storage.text import fold
from storage.wording import artist_keys, first_of_several, is_misspelt, latin, recording, without_guests

_EXACT_IDS = ("isrc", "spotify")
_ARTISTS_KEPT = 1 << 12  # artists whose titles are kept in memory
_CREDITS_KEPT = 1 << 15
_NEAR = 3  # names that are looked at more closely
_ALIKE = 80.0  # percent of letters in common, for a title to be looked at
_MOST_SEARCHES = 5_000  # by similar names, of one import: they cost a millisecond or two each
_BY_KEY = "SELECT id FROM artists WHERE key = ?"
_SQUASHED = "SELECT id FROM artists WHERE replace(key, ' ', '') = ? ORDER BY listeners DESC, id LIMIT 2"
_NEWEST = "SELECT coalesce(max(id), 0) FROM artists"
_FOREIGN = "SELECT key, id FROM artists WHERE id > ? AND length(key) <> length(CAST(key AS BLOB))"
_TITLES = "SELECT title, id FROM tracks WHERE artist_id = ? ORDER BY listeners DESC, popularity DESC, id"


class Matcher:
    """Matches names against one store; it remembers what it looked up, and is told what is added."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._searches = 0
        self._titles: dict[int, dict[str, int]] = {}
        self._meant: dict[str, tuple[int, ...]] = {}
        self._foreign: dict[str, list[int]] = {}  # name in Latin letters -> artists written in others
        self._read_up_to = 0

    def track(self, artist: str, title: str, ids: ExternalIds = ()) -> Subject | None:
        """Return the track that is meant, None if the catalogue has no such track."""
        for scheme, value in ids:
            found = self._store.music.by_external_id(scheme, value) if scheme in _EXACT_IDS else None
            if found and found.track_id:
                return found
        key = fold(title)
        exact = self._artist(fold(artist))
        if exact is not None and (track_id := self._exact(exact, key)):
            return Subject(exact, track_id)
        for artist_id in self._artists_meant(artist):
            if track_id := self._recording(artist_id, title):
                return Subject(artist_id, track_id)
        return None if exact is not None else self._misspelt_artist(artist, title)

    def artist(self, name: str) -> int | None:
        """Return the artist whom a credit names without doubt: by that name, or by it without the guests."""
        known = self._artist(fold(name))
        return known if known is not None else self._artist(fold(without_guests(name)))

    def added(self, artist_id: int, title: str, track_id: int) -> None:
        """Take note of a track that is new in the catalogue."""
        if artist_id in self._titles:
            self._titles[artist_id].setdefault(latin(recording(title)), track_id)

    def _artist(self, key: str) -> int | None:
        row = self._store.db.conn.execute(_BY_KEY, (key,)).fetchone()
        return None if row is None else int(row[0])

    def _exact(self, artist_id: int, key: str) -> int | None:
        row = self._store.db.conn.execute(
            "SELECT id FROM tracks WHERE artist_id = ? AND key = ?", (artist_id, key)
        ).fetchone()
        return None if row is None else int(row[0])

    def _artists_meant(self, name: str) -> tuple[int, ...]:
        """Return the artists of the catalogue that a credit may name: by any spelling, then its first one."""
        known = self._meant.get(name)
        if known is None:
            known = tuple(dict.fromkeys(self._artists(name)))
            if known and len(self._meant) < _CREDITS_KEPT:  # who is not there may be added any moment
                self._meant[name] = known
        return known

    def _artists(self, name: str) -> Iterator[int]:
        keys = artist_keys(name)
        for key in keys:
            if (found := self._artist(key)) is not None:
                yield found
        squashed = self._store.db.conn.execute(_SQUASHED, (keys[0].replace(" ", ""),)).fetchall()
        if len(squashed) == 1:
            yield int(squashed[0][0])
        yield from self._in_other_letters(keys[0])
        first = first_of_several(name)
        if first and (found := self._artist(first)) is not None:
            yield found

    def _in_other_letters(self, key: str) -> list[int]:
        """Return artists whose name is this one in Latin letters, if it is written in others."""
        newest = int(self._store.db.conn.execute(_NEWEST).fetchone()[0])
        if newest > self._read_up_to:
            for other, artist_id in self._store.db.conn.execute(_FOREIGN, (self._read_up_to,)):
                self._foreign.setdefault(latin(other), []).append(int(artist_id))
            self._read_up_to = newest
        return self._foreign.get(latin(key), [])

    def _recording(self, artist_id: int, title: str) -> int | None:
        titles = self._titles_of(artist_id)
        wanted = latin(recording(title))
        if wanted in titles:
            return titles[wanted]
        alike = process.extract(wanted, titles.keys(), scorer=fuzz.ratio, score_cutoff=_ALIKE, limit=_NEAR)
        near = [titles[known] for known, *_ in alike if is_misspelt(wanted, known)]
        return near[0] if len(near) == 1 else None

    def _titles_of(self, artist_id: int) -> dict[str, int]:
        known = self._titles.get(artist_id)
        if known is None:
            if len(self._titles) >= _ARTISTS_KEPT:
                self._titles.pop(next(iter(self._titles)))
            known = self._titles[artist_id] = {}
            for title, track_id in self._store.db.conn.execute(_TITLES, (artist_id,)):
                known.setdefault(latin(recording(title)), int(track_id))
        return known

    def _misspelt_artist(self, artist: str, title: str) -> Subject | None:
        """Return the track of an artist of nearly this name who has this very title."""
        for artist_id in self._near(artist):
            titles = self._titles_of(artist_id)
            if track_id := titles.get(latin(recording(title))):
                return Subject(artist_id, track_id)
        return None

    def _near(self, artist: str) -> Iterator[int]:
        key = latin(fold(without_guests(artist)))
        if self._searches >= _MOST_SEARCHES:
            return
        self._searches += 1
        for match in Search(self._store).find(artist, _NEAR):
            if match.title is None and is_misspelt(key, latin(fold(match.artist))):
                yield match.subject.artist_id
