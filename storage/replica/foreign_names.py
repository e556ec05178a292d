"""Names in facts of other machines, and the rows of this database that they stand for."""

from functools import lru_cache
from typing import NamedTuple

from storage.records import Community
from storage.sharing.outbox import name_digest
from storage.sharing.user_names import UserName, UserNames
from storage.store import Store


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
        self.subject = lru_cache(None)(self._find_subject)
        self.place = lru_cache(None)(self._find_place)
        self.said = lru_cache(None)(self._find_said)
        self.forgotten = lru_cache(None)(self._find_forgotten)

    def _find_subject(self, artist: str, title: str | None) -> tuple[int, int | None]:
        artist_id = self._store.music.ensure_artist(artist, listed=False)
        if title is None:
            return artist_id, None
        track_id = self._store.music.ensure_track(artist_id, title, listed=False)
        owner = self._db.conn.execute("SELECT artist_id FROM tracks WHERE id = ?", (track_id,)).fetchone()[0]
        return int(owner), track_id

    def _find_place(self, platform: str, external_id: str, kind: str, name: str) -> int:
        return self._store.people.ensure_community(Community(platform, external_id, kind, name))

    def _find_said(self, name: UserName) -> SaidUser:
        user_id = self._names.ensure(name, now=self._now)
        links = self._names.links(user_id)
        return SaidUser(user_id, links[-1].host_id if links else user_id, tuple(link.id for link in links))

    def _find_forgotten(self, name: UserName) -> int:
        """Return when a user was forgotten, -1 for all others."""
        row = self._db.execute("SELECT at FROM forgotten WHERE digest = ?", (name_digest(name),)).fetchone()
        return -1 if row is None else int(row[0])

    def met(self) -> None:
        """Look users up again: links or users have changed."""
        self.said.cache_clear()
        self.forgotten.cache_clear()

    def erased(self) -> None:
        """Look everything up again: rows are gone."""
        self.subject.cache_clear()
        self.place.cache_clear()
        self.met()

    def refuse(self, fact: str, name: UserName) -> None:
        """Take a fact of a forgotten user out of the log, if this machine was told to forget."""
        mine = self._db.execute(
            "SELECT mine FROM forgotten WHERE digest = ?", (name_digest(name),)
        ).fetchone()
        if mine is not None and mine[0]:
            self._db.execute("INSERT INTO outbox (what, key) VALUES ('drop', ?)", (fact,))
