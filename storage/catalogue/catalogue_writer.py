"""The writing half of the catalogue.  Every verb is idempotent, and cheap enough for bulk imports."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlite_utils import Database

from storage.catalogue.credits import Credits
from storage.catalogue.related import RelatedArtists
from storage.catalogue.versions import Versions
from storage.errors import InvalidFactError
from storage.naming.credit_names import named_in, names_in
from storage.naming.placeholders import names_no_song, names_nobody
from storage.naming.text import fold, printable, unstylised, words_of_key
from storage.records import FEATURES, Subject
from storage.users.erasures import Erasures

_OF_RECORDINGS = frozenset(["isrc", "mbid"])
_FILL_ARTIST = "UPDATE artists SET country = coalesce(country, ?), listed = max(listed, ?) WHERE id = ?"
_FILL_TRACK = """
    UPDATE tracks SET album = coalesce(album, ?), year = coalesce(year, ?),
        duration_ms = coalesce(duration_ms, ?), explicit = coalesce(explicit, ?),
        popularity = coalesce(popularity, ?), listed = max(listed, ?) WHERE id = ?
"""
_SET_FEATURES = f"""
    INSERT INTO audio_features (track_id, {", ".join(FEATURES)}) VALUES (?{", ?" * len(FEATURES)})
    ON CONFLICT (track_id) DO UPDATE SET {", ".join(f"{f} = coalesce(excluded.{f}, {f})" for f in FEATURES)}
"""


class _Owner(NamedTuple):
    """The facts about an artist that each of its tracks needs."""

    artist_id: int
    words: list[str]
    credited: tuple[str, ...]  # keys of the possible names in its credit
    is_hidden: bool


class CatalogueWriter:
    """Verbs that add artists, tracks, tags and their facts, and update the search index."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self._words: set[str] = set()  # words known to be stored
        self._last_word = (0, "")  # the newest word stored here: (id, word)
        self._erasures = 0  # the count of erasures when the words were stored
        self._last_artist = _Owner(0, [], (), is_hidden=False)

    def ensure_artist(self, name: str, *, country: str | None = None, listed: bool = True) -> int:
        """Return the artist of this name; create a new one, keep the first spelling, fill in the country.

        A name that was merged into another artist, or is another name of one, returns that artist. `listed`:
        a catalogue or data set has this artist, not only a user's addition or play.  Raises
        InvalidFactError if the name is empty.
        """
        key = fold(name)
        row = self.db.conn.execute(
            "SELECT coalesce(same_as, id), country, listed FROM artists WHERE key = ?", (key,)
        ).fetchone()
        if row is None:
            known = RelatedArtists(self.db).called(key)
            if known is None:
                return self._add_artist(name, key, country, listed=listed)
            row = (known, None, False)
        if (country is not None and row[1] is None) or listed > row[2]:
            self.db.conn.execute(_FILL_ARTIST, (country, listed, row[0]))
        return int(row[0])

    def _add_artist(self, name: str, key: str, country: str | None, *, listed: bool) -> int:
        if not key:
            raise InvalidFactError("An artist needs a name.")
        artist_id = self.db.conn.execute(
            "INSERT INTO artists (name, key, country, listed, hidden) VALUES (?, ?, ?, ?, ?)",
            (printable(name), key, country, listed, names_nobody(key)),
        ).lastrowid
        self._index("artists_fts", int(artist_id or 0), _indexed_words(name, key))
        return int(artist_id or 0)

    def ensure_track(
        self,
        artist_id: int,
        title: str,
        *,
        album: str | None = None,
        year: int | None = None,
        duration_ms: int | None = None,
        explicit: bool | None = None,
        popularity: float | None = None,
        listed: bool = True,
    ) -> int:
        """Return the artist's track of this title; create a new one, fill in missing facts.

        `listed`: a catalogue or data set has this track, not only a user's addition or play.

        Raises InvalidFactError if the title is empty.
        """
        key = fold(title)
        facts = (album, year, duration_ms, explicit, popularity)
        row = self.db.conn.execute(
            "SELECT coalesce(same_as, id), album, year, duration_ms, explicit, popularity, listed FROM tracks"
            " WHERE artist_id = ? AND key = ?",
            (artist_id, key),
        ).fetchone()
        if row is None:
            return self._add_track(artist_id, title, key, (*facts, listed))
        filled = any(new is not None and old is None for new, old in zip(facts, row[1:-1], strict=True))
        if filled or listed > row[-1]:
            self.db.conn.execute(_FILL_TRACK, (*facts, listed, row[0]))
        return int(row[0])

    def _add_track(self, artist_id: int, title: str, key: str, facts: tuple[object, ...]) -> int:
        if not key:
            raise InvalidFactError("A track needs a title.")
        owner = self._owner(artist_id)
        is_hidden = owner.is_hidden or names_no_song(title)
        track_id = self.db.conn.execute(
            "INSERT INTO tracks"
            " (artist_id, title, key, album, year, duration_ms, explicit, popularity, listed, hidden)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (artist_id, printable(title), key, *facts, is_hidden),
        ).lastrowid
        self._index("tracks_fts", int(track_id or 0), _indexed_words(title, key) + owner.words)
        Credits(self.db).unsettle(int(track_id or 0))
        self.credit(int(track_id or 0), owner.credited, named_in(title))
        return int(track_id or 0)

    def _owner(self, artist_id: int) -> _Owner:
        if self._last_artist.artist_id != artist_id:
            name, key, is_hidden = self.db.conn.execute(
                "SELECT name, key, hidden FROM artists WHERE id = ?", (artist_id,)
            ).fetchone()
            found = _indexed_words(name, key)
            self._last_artist = _Owner(artist_id, found, names_in(name), is_hidden=bool(is_hidden))
        return self._last_artist

    def credit(self, track_id: int, *named: Iterable[str]) -> None:
        """Store the keys of names that a track may credit besides its artist."""
        keys = [key for some in named for key in some]
        if keys:
            Credits(self.db).add(track_id, keys)

    def retitle(self, track_id: int, title: str) -> None:
        """Give a track the title with fewer version words ("- Remastered 2011"), if only plays describe it.

        The title with the shorter key wins, whichever came first.
        """
        key = fold(title)
        self.db.conn.execute(
            "UPDATE OR IGNORE tracks SET title = ?1, key = ?2 WHERE id = ?3 AND year IS NULL"
            " AND (length(key), key) > (length(?2), ?2)",
            (printable(title), key, track_id),
        )

    def _index(self, table: str, rowid: int, found: list[str]) -> None:
        self.db.conn.execute(f"INSERT INTO {table} (rowid, words) VALUES (?, ?)", (rowid, " ".join(found)))
        if not self._words_stand():
            self._words.clear()
        for word in found:
            if word not in self._words:
                self._add_word(word)

    def _words_stand(self) -> bool:
        # After a rollback or an erasure, words in this cache may no longer be stored.
        before, self._erasures = self._erasures, Erasures(self.db).count()
        if before != self._erasures:
            return False
        word_id, word = self._last_word
        row = self.db.conn.execute("SELECT word FROM words WHERE id = ?", (word_id,)).fetchone()
        return word_id == 0 or row == (word,)

    def _add_word(self, word: str) -> None:
        cursor = self.db.conn.execute("INSERT INTO words (word) VALUES (?) ON CONFLICT DO NOTHING", (word,))
        if cursor.rowcount:
            self._last_word = (int(cursor.lastrowid or 0), word)
        self._words.add(word)

    def list_song(self, artist_id: int, track_id: int | None = None) -> None:
        """Mark an artist or track as listed in a catalogue: it stays when the user who added it is erased."""
        for table, row in (("artists", artist_id), ("tracks", track_id)):
            self.db.conn.execute(f"UPDATE {table} SET listed = 1 WHERE id = ? AND NOT listed", (row,))

    def add_by_hand(self, user_id: int, artist: str, title: str | None) -> Subject:
        """Return the track or artist of this name; a new one is recorded as the user's addition."""
        sql = "SELECT (SELECT max(id) FROM artists), (SELECT max(id) FROM tracks)"
        newest = self.db.execute(sql).fetchone()
        artist_id = self.ensure_artist(artist, listed=False)
        track_id = self.ensure_track(artist_id, title, listed=False) if title else None
        if artist_id > (newest[0] or 0) or (track_id or 0) > (newest[1] or 0):
            self.db.execute(
                "INSERT INTO additions (user_id, artist_id, track_id) VALUES (?, ?, ?)",
                (user_id, artist_id, track_id),
            )
        return Subject(artist_id, track_id)

    def add_artist_id(self, artist_id: int, scheme: str, value: str) -> None:
        """Store an external id of an artist; an id that is taken stays with its first artist."""
        self.db.conn.execute(
            "INSERT INTO artist_ids VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (scheme, value, artist_id)
        )

    def add_track_id(self, track_id: int, scheme: str, value: str) -> None:
        """Store an external id of a track; an id that is taken stays with its first track.

        Two tracks with one recording id may be versions of one work: that is recorded.
        """
        cursor = self.db.conn.execute(
            "INSERT INTO track_ids VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (scheme, value, track_id)
        )
        if not cursor.rowcount and scheme in _OF_RECORDINGS:
            (first,) = self.db.conn.execute(
                "SELECT track_id FROM track_ids WHERE scheme = ? AND value = ?", (scheme, value)
            ).fetchone()
            if first != track_id:
                Versions(self.db).decide(first, track_id, scheme, same=True)

    def ensure_tag(self, name: str, kind: str = "") -> int:
        """Return the tag of this name (spelling aside); create a new one, fill in a missing kind.

        Raises InvalidFactError if the name is empty.
        """
        key = fold(name)
        if not key:
            raise InvalidFactError("A tag needs a name.")
        row = self.db.conn.execute("SELECT id, kind FROM tags WHERE key = ?", (key,)).fetchone()
        if row is None:
            cursor = self.db.conn.execute(
                "INSERT INTO tags (name, key, kind) VALUES (?, ?, ?)", (printable(name), key, kind)
            )
            return int(cursor.lastrowid or 0)
        if kind and not row[1]:
            self.db.conn.execute("UPDATE tags SET kind = ? WHERE id = ?", (kind, row[0]))
        return int(row[0])

    def tag_artist(self, artist_id: int, tag_id: int, source: str, weight: float) -> None:
        """Store the weight of a source's tag on an artist; the latest weight wins."""
        self.db.conn.execute(
            "INSERT INTO artist_tags VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET weight = excluded.weight",
            (artist_id, tag_id, source, weight),
        )

    def tag_track(self, track_id: int, tag_id: int, source: str, weight: float) -> None:
        """Store the weight of a source's tag on a track; the latest weight wins."""
        self.db.conn.execute(
            "INSERT INTO track_tags VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET weight = excluded.weight",
            (track_id, tag_id, source, weight),
        )

    def add_tagging(self, user_id: int, artist_id: int, tag_id: int, at: int | None) -> None:
        """Store a user's tag on an artist; the earliest time wins."""
        self.db.conn.execute(
            "INSERT INTO taggings VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (user_id, artist_id, tag_id, at),
        )

    def set_features(self, track_id: int, features: Mapping[str, float | None]) -> None:
        """Store audio features of a track by name (see `records.FEATURES`); None keeps the known value."""
        if strange := features.keys() - set(FEATURES):
            raise InvalidFactError(f"There are no audio features {', '.join(sorted(strange))}.")
        self.db.conn.execute(_SET_FEATURES, (track_id, *(features.get(name) for name in FEATURES)))

    def set_listeners(
        self,
        artists: Iterable[tuple[int, int]],
        tracks: Iterable[tuple[int, int]],
        *,
        at_most: int | None = None,
    ) -> int:
        """Store the number of users who play or like each item, as (id, listeners); all others get 0.

        Stores at most `at_most` changes (None: all) and returns how many are left, so that a first training
        can be stored in slices between which other jobs write.
        """
        changes = [*self._changes("artists", dict(artists)), *self._changes("tracks", dict(tracks))]
        for table, count, row in changes[:at_most]:
            self.db.conn.execute(f"UPDATE {table} SET listeners = ? WHERE id = ?", (count, row))
        return len(changes[at_most:]) if at_most is not None else 0

    def _changes(self, table: str, now: dict[int, int]) -> list[tuple[str, int, int]]:
        # Few counts change from one training to the next, and only those are written.
        before = dict(self.db.execute(f"SELECT id, listeners FROM {table} WHERE listeners > 0").fetchall())
        gone = dict.fromkeys(before.keys() - now.keys(), 0)
        return [(table, count, row) for row, count in (now | gone).items() if count != before.get(row, 0)]


def _indexed_words(name: str, key: str) -> list[str]:
    """Return the words under which a stored name is in the search index, from the name and its key."""
    found = words_of_key(key)
    return found + [word for word in (unstylised(name) or "").split() if word not in found]
