"""Match an outside name to a track of the catalogue; without a match it is a new track.

Matches are tried in order of certainty: an exact id (ISRC, Spotify), the names as written, the names in Latin
letters without remaster years and guests, the other credited artists, and last small misspellings.  An
artist's other names ("Tupac") are as good as the name.  A different spelling matches only if both artist and
title agree: "Queen" and "Queens" are two bands.  A misspelling matches only a track that the catalogue
describes: two titles from plays alone are two tracks.
"""

from collections.abc import Iterator
from typing import NamedTuple

from rapidfuzz import fuzz, process

from storage.catalogue.related import RelatedArtists
from storage.naming.credit_names import SAME_PEOPLE, guests_in, leading, names_in, without_company
from storage.naming.text import fold
from storage.naming.wording import COMMON_TITLES, artist_keys, is_misspelt, latin, recording, slip
from storage.records import Subject
from storage.rows import ExternalIds
from storage.search import Search
from storage.store import Store

_EXACT_IDS = ("isrc", "spotify")
_ARTISTS_KEPT = 1 << 12  # artists whose titles are kept in memory
_CREDITS_KEPT = 1 << 15
_NEAR = 3  # nearest names compared in detail
_ALIKE = 80.0  # minimum percent of letters in common for a title to be compared
_MOST_SEARCHES = 5_000  # searches by similar name per import: each costs a millisecond or two
_BY_KEY = "SELECT coalesce(same_as, id) FROM artists WHERE key = ?"
_SQUASHED = """
    SELECT id FROM artists WHERE replace(key, ' ', '') = ? AND same_as IS NULL
    ORDER BY listeners DESC, id LIMIT 2
"""
_NEWEST = "SELECT coalesce(max(id), 0) FROM artists"
_FOREIGN = "SELECT key, id FROM artists WHERE id > ? AND length(key) <> length(CAST(key AS BLOB))"
_TITLES = """
    SELECT title, id, year IS NOT NULL FROM tracks WHERE artist_id = ? AND same_as IS NULL
    ORDER BY listeners DESC, popularity DESC, id
"""
_DESCRIBED = "SELECT 1 FROM tracks WHERE key = ? AND year IS NOT NULL LIMIT 1"


class _Titles(NamedTuple):
    """An artist's tracks, keyed by title."""

    known: dict[str, int]
    described: dict[str, int]  # tracks with catalogue data beyond plays


class Matcher:
    """Matches names against one store; it caches lookups, and `added` updates the cache."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._searches = 0
        self._titles: dict[int, _Titles] = {}
        self._meant: dict[str, tuple[int, ...]] = {}
        self._foreign: dict[str, list[int]] = {}  # name in Latin letters -> artists written in another script
        self._read_up_to = 0

    def track(self, artist: str, title: str, ids: ExternalIds = ()) -> Subject | None:
        """Return the matching track, None if the catalogue has none."""
        for scheme, value in ids:
            found = self._store.music.by_external_id(scheme, value) if scheme in _EXACT_IDS else None
            if found and found.track_id:
                return found
        key = fold(title)
        exact = self._artist(fold(artist))
        if exact is not None and (track_id := self._exact(exact, key)):
            return self._subject(exact, track_id)
        for artist_id in self._artists_meant(artist):
            if track_id := self._recording(artist_id, title):
                return self._subject(artist_id, track_id)
        for artist_id in self._credited(artist) if exact is None and key not in COMMON_TITLES else ():
            if track_id := self._titles_of(artist_id).described.get(latin(recording(title))):
                return self._subject(artist_id, track_id)
        return None if exact is not None else self._misspelt_artist(artist, title)

    def artist(self, name: str) -> int | None:
        """Return the artist with exactly this name, or as another name, or merged from this credit."""
        return self._artist(fold(name))

    def added(self, artist_id: int, title: str, track_id: int) -> None:
        """Add a new track to the cached titles."""
        if artist_id in self._titles:
            self._titles[artist_id].known.setdefault(latin(recording(title)), track_id)

    def _artist(self, key: str) -> int | None:
        row = self._store.db.conn.execute(_BY_KEY, (key,)).fetchone()
        return RelatedArtists(self._store.db).called(key) if row is None else int(row[0])

    def _exact(self, artist_id: int, key: str) -> int | None:
        row = self._store.db.conn.execute(
            "SELECT coalesce(same_as, id) FROM tracks WHERE artist_id = ? AND key = ?", (artist_id, key)
        ).fetchone()
        return None if row is None else int(row[0])

    def _artists_meant(self, name: str) -> tuple[int, ...]:
        """Return the artists that a credit may mean, in any spelling."""
        known = self._meant.get(name)
        if known is None:
            known = tuple(dict.fromkeys(self._artists(name)))
            if known and len(self._meant) < _CREDITS_KEPT:  # an unknown one may be added at any moment
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

    def _credited(self, credit: str) -> Iterator[int]:
        """Yield the artists of the catalogue that a joint credit may name, in order."""
        lead, guests = leading(credit)
        for key in (fold(lead), *names_in(lead), *guests_in(guests)):
            if not key.startswith(SAME_PEOPLE) and (found := self._artist(key)) is not None:
                yield found

    def _subject(self, artist_id: int, track_id: int) -> Subject:
        """Return a track with its own artist, which a merge may have changed."""
        row = self._store.db.conn.execute("SELECT artist_id FROM tracks WHERE id = ?", (track_id,)).fetchone()
        return Subject(int(row[0]) if row else artist_id, track_id)

    def _in_other_letters(self, key: str) -> list[int]:
        """Return artists whose name in another script transliterates to this Latin key."""
        newest = int(self._store.db.conn.execute(_NEWEST).fetchone()[0])
        if newest > self._read_up_to:
            for other, artist_id in self._store.db.conn.execute(_FOREIGN, (self._read_up_to,)):
                self._foreign.setdefault(latin(other), []).append(int(artist_id))
            self._read_up_to = newest
        return self._foreign.get(latin(key), [])

    def _recording(self, artist_id: int, title: str) -> int | None:
        titles = self._titles_of(artist_id)
        wanted = latin(recording(title))
        if wanted in titles.known:
            return titles.known[wanted]
        main, company = without_company(title)
        if company and self._artist(fold(company[0])) is not None:
            wanted = latin(recording(main))
            if wanted in titles.known:
                return titles.known[wanted]
        near = process.extract(
            wanted, titles.described.keys(), scorer=fuzz.ratio, score_cutoff=_ALIKE, limit=_NEAR
        )
        meant = [titles.described[known] for known, *_ in near if self._is_slip(wanted, known)]
        return meant[0] if len(meant) == 1 else None

    def _is_slip(self, wanted: str, known: str) -> bool:
        """Tell whether a title is a misspelling of another, by a word that is in no name of the catalogue."""
        apart = slip(wanted, known)
        if apart is None:
            return False
        row = self._store.db.conn.execute("SELECT 1 FROM words WHERE word = ?", apart[:1]).fetchone()
        return row is None

    def _titles_of(self, artist_id: int) -> _Titles:
        found = self._titles.get(artist_id)
        if found is None:
            if len(self._titles) >= _ARTISTS_KEPT:
                self._titles.pop(next(iter(self._titles)))
            found = self._titles[artist_id] = _Titles({}, {})
            for title, track_id, is_described in self._store.db.conn.execute(_TITLES, (artist_id,)):
                key = latin(recording(title))
                found.known.setdefault(key, int(track_id))
                if is_described:
                    found.described.setdefault(key, int(track_id))
        return found

    def _misspelt_artist(self, artist: str, title: str) -> Subject | None:
        """Return the track with exactly this title by an artist of nearly this name."""
        key = recording(title)
        if self._store.db.conn.execute(_DESCRIBED, (key,)).fetchone() is None:
            return None
        for artist_id in self._near(artist):
            if track_id := self._titles_of(artist_id).described.get(latin(key)):
                return Subject(artist_id, track_id)
        return None

    def _near(self, artist: str) -> Iterator[int]:
        key = latin(fold(leading(artist).main))
        if self._searches >= _MOST_SEARCHES:
            return
        self._searches += 1
        for match in Search(self._store).find(artist, _NEAR):
            if match.title is None and is_misspelt(key, latin(fold(match.artist))):
                yield match.subject.artist_id
