"""Names in facts of other machines, and the rows of this database that they stand for."""

import json
from collections.abc import Iterable
from typing import NamedTuple

from storage.naming.text import fold
from storage.records import Community
from storage.sharing.outbox import Value, name_digest
from storage.sharing.user_names import UserName, UserNames
from storage.store import Store

Named = tuple[str, str | None]
"""The artist of a fact, and the title of its song."""
Row = tuple[int, int | None]
"""The artist and the track that they stand for."""

_NEVER = -1
_FORGOTTEN = "SELECT digest, at FROM forgotten WHERE digest IN (SELECT value FROM json_each(?))"
# Links are rare: whoever has one is looked up alone.
_UNLINKED = """
    SELECT n.platform, n.external_id, n.user_id FROM json_each(?) AS said
    CROSS JOIN user_names AS n ON n.platform = said.value ->> 0 AND n.external_id = said.value ->> 1
    WHERE NOT EXISTS (SELECT 1 FROM links WHERE guest_id = n.user_id AND parted_at IS NULL)
"""
_ARTISTS = """
    SELECT a.key, coalesce(a.same_as, a.id) FROM json_each(?) AS said
    CROSS JOIN artists AS a ON a.key = said.value
"""
_TRACKS = """
    SELECT t.artist_id, t.key, kept.artist_id, kept.id FROM json_each(?) AS said
    CROSS JOIN tracks AS t ON t.artist_id = said.value ->> 0 AND t.key = said.value ->> 1
    CROSS JOIN tracks AS kept ON kept.id = coalesce(t.same_as, t.id)
"""


class SaidUser(NamedTuple):
    """One user as facts name it: whose rows its facts become, and by which link."""

    user_id: int
    host_id: int
    links: tuple[int, ...]  # nearest first


class ForeignNames:
    """Rows by name, made where there is none; remembered for one transaction of the writer."""

    def __init__(self, store: Store, *, now: int) -> None:
        """Look up in `store`; `now` in seconds since 1970."""
        self._store, self._db, self._now = store, store.db, now
        self._names = UserNames(store.db)
        self._said: dict[UserName, SaidUser] = {}
        self._forgotten: dict[UserName, int] = {}
        self._subjects: dict[Named, Row] = {}
        self._places: dict[tuple[str, ...], int] = {}

    def expect(self, values: Iterable[Value]) -> None:
        """Look up the users and the music of events together: one by one takes four times as long."""
        users: set[UserName] = set()
        music: set[Named] = set()
        for value in values:
            user, artist = value.get("user"), value.get("artist")
            if user is not None and len(user) == len(UserName._fields):
                users.add(UserName(*user))
            if artist is not None:
                music.add((artist, value.get("title")))
        self._expect_users(users)
        self._expect_music(music)

    def _expect_users(self, users: set[UserName]) -> None:
        digests = {name_digest(name): name for name in users}
        self._forgotten |= dict.fromkeys(users, _NEVER)
        for digest, at in self._db.conn.execute(_FORGOTTEN, (json.dumps(list(digests)),)):
            self._forgotten[digests[digest]] = int(at)
        for platform, external_id, user_id in self._db.conn.execute(_UNLINKED, (json.dumps(list(users)),)):
            self._said[UserName(platform, external_id)] = SaidUser(user_id, user_id, ())

    def _expect_music(self, music: set[Named]) -> None:
        keys = {artist: fold(artist) for artist, _ in music}
        artists = dict(self._db.conn.execute(_ARTISTS, (json.dumps(list(keys.values())),)).fetchall())
        wanted = {
            (artists[keys[artist]], fold(title)): None
            for artist, title in music
            if title is not None and keys[artist] in artists
        }
        rows = self._db.conn.execute(_TRACKS, (json.dumps(list(wanted)),))
        tracks = {(artist, key): (owner, track) for artist, key, owner, track in rows}
        for artist, title in music:
            artist_id = artists.get(keys[artist])
            if artist_id is None:
                continue
            row = (artist_id, None) if title is None else tracks.get((artist_id, fold(title)))
            if row is not None:
                self._subjects[artist, title] = row

    def subject(self, artist: str, title: str | None) -> Row:
        """Return the artist and the track of these names; raise InvalidFactError for an empty one."""
        found = self._subjects.get((artist, title))
        if found is None:
            found = self._subjects[artist, title] = self._find_subject(artist, title)
        return found

    def _find_subject(self, artist: str, title: str | None) -> Row:
        artist_id = self._store.music.ensure_artist(artist, listed=False)
        if title is None:
            return artist_id, None
        track_id = self._store.music.ensure_track(artist_id, title, listed=False)
        owner = self._db.conn.execute("SELECT artist_id FROM tracks WHERE id = ?", (track_id,)).fetchone()[0]
        return int(owner), track_id

    def place(self, platform: str, external_id: str, kind: str, name: str) -> int:
        """Return the community of these names."""
        names = platform, external_id, kind, name
        if names not in self._places:
            self._places[names] = self._store.people.ensure_community(Community(*names))
        return self._places[names]

    def said(self, name: UserName) -> SaidUser:
        """Return whose rows the facts of a user become."""
        if name not in self._said:
            user_id = self._names.ensure(name, now=self._now)
            links = self._names.links(user_id)
            host = links[-1].host_id if links else user_id
            self._said[name] = SaidUser(user_id, host, tuple(link.id for link in links))
        return self._said[name]

    def forgotten(self, name: UserName) -> int:
        """Return when a user was forgotten, -1 for all others."""
        if name not in self._forgotten:
            self._expect_users({name})
        return self._forgotten[name]

    def met(self) -> None:
        """Look users up again: links or users have changed."""
        self._said.clear()
        self._forgotten.clear()

    def erased(self) -> None:
        """Look everything up again: rows are gone."""
        self._subjects.clear()
        self._places.clear()
        self.met()

    def refuse(self, fact: str, name: UserName) -> None:
        """Take a fact of a forgotten user out of the log, if this machine was told to forget."""
        mine = self._db.execute(
            "SELECT mine FROM forgotten WHERE digest = ?", (name_digest(name),)
        ).fetchone()
        if mine is not None and mine[0]:
            self._db.execute("INSERT INTO outbox (what, key) VALUES ('drop', ?)", (fact,))
