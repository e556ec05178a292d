"""Facts of the log, applied to this database: in the order of the log, any number of times.

Each fact is a register (`storage/outbox.py`), and this machine's own come back like the others: whoever
applied all of them has the same events, accounts, links and settings, whatever they heard in between.

- Of an event everything stays as it was said; its user is the host of the user it was said by.
- A link moves all rows of the guest, those that arrive later too; unlinking gives them back.
- Of two users who were each linked to the other, the link that is first in the log stands.
- What a forgotten user said until then is refused, and taken out of the log by the machine that was told.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NamedTuple

from storage.communities import Communities as Places
from storage.erasures import Erasures
from storage.errors import InvalidFactError
from storage.linking import Linking
from storage.offsets import Offsets, Position
from storage.outbox import VERSION, Outbox, Value, fact_key, name_digest
from storage.records import Community, Kind
from storage.store import Store
from storage.user_names import UserName, UserNames

_SINCE = """
    SELECT max(at) FROM (
        SELECT created_at AS at FROM users WHERE id = :old
        UNION ALL SELECT max(recorded_at) FROM events WHERE user_id = :old
    ) WHERE at > :at
"""
_ANEW = (
    "UPDATE user_names SET user_id = :new WHERE user_id = :old",
    """UPDATE accounts SET user_id = :new WHERE user_id = :old AND platform = :platform
        AND external_id = :external_id AND (SELECT created_at FROM users WHERE id = :old) > :at""",
    "UPDATE events SET user_id = :new WHERE user_id = :old AND recorded_at > :at",
    """UPDATE settings SET scope_id = :new WHERE scope = 'user' AND scope_id = :old AND name IN
        (SELECT key FROM outbox WHERE what = 'setting' AND user_id = :old AND id > :mine)""",
    "UPDATE outbox SET user_id = :new WHERE user_id = :old",
)
LATEST_SECONDS = 86_400
"""How far ahead of this machine's clock a fact may be said: more is a fault of a clock, or worse."""

_UPSERT = """
    INSERT INTO events (key, user_id, community_id, artist_id, track_id, kind, at, recorded_at, plays,
                        ms_played, source)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (key) DO UPDATE SET user_id = excluded.user_id, community_id = excluded.community_id,
        source = excluded.source, recorded_at = excluded.recorded_at
    WHERE (events.user_id, events.community_id, events.source, events.recorded_at)
        IS NOT (excluded.user_id, excluded.community_id, excluded.source, excluded.recorded_at)
"""
_UNDO = """
    INSERT INTO events (key, user_id, kind, recorded_at, source, undoes) VALUES (?, ?, 'undo', ?, ?, ?)
    ON CONFLICT DO NOTHING
"""
_KINDS = frozenset(Kind)
_WAITS = "SELECT 1 FROM outbox WHERE what = ? AND key = ? AND user_id IS ? AND id > ? LIMIT 1"
_LINK_WAITS = "SELECT 1 FROM outbox WHERE what = 'link' AND user_id = ? AND id > ? LIMIT 1"
_GUESTS = "SELECT id, guest_id FROM links WHERE host_id = ? AND parted_at IS NULL"


class Message(NamedTuple):
    """A fact as it came from the log."""

    key: bytes
    value: bytes | None
    origin: str  # the machine that published it
    number: int  # of its row in that machine's outbox


class Applied(NamedTuple):
    """What came of some messages."""

    facts: int
    refused: list[tuple[Message, str]]  # what cannot be read, and why
    forgotten: int  # users who were erased


class NewerFactError(InvalidFactError):
    """A fact that a newer Segue wrote."""


_STRINGS = ("artist", "title", "source", "undoes", "name", "value")
_NUMBERS = ("at", "recorded_at", "plays", "ms_played")
_LISTS = ("user", "host", "place", "also")


def _strings(value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise InvalidFactError("a list of words is expected")
    return value


def _checked(value: object) -> Value:
    """Return a value whose fields the database can take; raise InvalidFactError otherwise."""
    if not isinstance(value, dict) or not isinstance(value.get("v"), int):
        raise InvalidFactError("no fact")
    if value["v"] > VERSION:
        raise NewerFactError("A newer Segue writes facts that this one cannot read: upgrade this one.")
    for name in value.keys() & {*_STRINGS, *_NUMBERS, *_LISTS}:
        said = value[name]
        fine = said is None
        if name in _LISTS:
            fine = fine or bool(_strings(said))
        elif name in _STRINGS:
            fine = fine or isinstance(said, str)
        else:
            fine = fine or (isinstance(said, int) and 0 <= said < 1 << 62)
        if not fine:
            raise InvalidFactError(f"{name} is wrong")
    return value


class _Said(NamedTuple):
    """One user as facts name it: whose rows its facts become, and by which link."""

    user_id: int
    host_id: int
    links: tuple[int, ...]  # nearest first


class ForeignFacts:
    """Applies messages of the log within one transaction of the writer; make one for each."""

    def __init__(self, store: Store, *, now: int) -> None:
        """Apply to `store`; `now` in seconds since 1970."""
        self._store, self._db, self._now = store, store.db, now
        self._names = UserNames(store.db)
        self._origin = Outbox(store.db).origin()
        self._erasing = bool(self._db.execute("SELECT 1 FROM outbox WHERE what = 'gone' LIMIT 1").fetchone())
        self._subject = lru_cache(None)(self._find_subject)
        self._place = lru_cache(None)(self._find_place)
        self._said = lru_cache(None)(self._find_said)
        self._forgotten = lru_cache(None)(self._find_forgotten)
        self._mine = 0  # the newest fact of this machine that came back
        self._events: list[tuple[Any, ...]] = []
        self._guests: list[tuple[int, str]] = []  # (link, key) of events that a link moves

    def apply(self, messages: Iterable[Message], position: Position) -> Applied:
        """Apply messages and store `position` with them; what cannot be read is refused and left out.

        Raises NewerFactError for the facts of a newer Segue: nothing is applied then.
        """
        refused: list[tuple[Message, str]] = []
        count, forgotten = 0, 0
        with self._quietly():
            for message in messages:
                count += 1
                if message.origin == self._origin:
                    self._mine = max(self._mine, message.number)
                try:
                    forgotten += self._apply(message)
                except NewerFactError:
                    raise
                except (
                    InvalidFactError,
                    ValueError,
                    TypeError,
                    LookupError,
                    AttributeError,
                    RecursionError,
                ) as error:
                    refused.append((message, str(error) or type(error).__name__))
            self._flush()
        if self._mine:
            Outbox(self._db).echoed(self._mine)
        Offsets(self._db).advance(position, now=self._now)
        return Applied(count - len(refused), refused, forgotten)

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        """Publish nothing of what others said."""
        self._db.execute("DELETE FROM publishing")
        yield
        self._loudly()

    def _loudly(self) -> None:
        if self._origin is not None:
            self._db.execute("DELETE FROM publishing")
            self._db.execute("INSERT INTO publishing VALUES (?)", (self._origin,))

    def _apply(self, message: Message) -> bool:
        key: Any
        what, *key = _strings(json.loads(message.key))
        value = None if message.value is None else _checked(json.loads(message.value))
        if what == "event":
            self._event(message.key.decode(), key[0], value)
            return False
        self._flush()
        match what:
            case "account":
                self._account(UserName(*key), value)
            case "setting":
                self._setting(UserName(*key[:2]), key[2], key[3:], value)
            case "link":
                self._link(UserName(*key), value)
            case "forget":
                return value is not None and self._forget(key[0], value)
            case _:
                raise InvalidFactError(f"a fact of an unknown kind, {what!r}")
        return False

    # --- events -----------------------------------------------------------------------------------------

    def _event(self, fact: str, key: str, value: Value | None) -> None:
        if value is None:
            self._flush()
            self._db.execute("DELETE FROM events WHERE key = ?", (key,))
            return
        if value["recorded_at"] > self._now + LATEST_SECONDS:
            raise InvalidFactError("a fact from the future")
        if self._erasing and self._db.execute(_WAITS, ("gone", key, None, self._mine)).fetchone():
            return  # erased here, which the log is about to tell
        name = UserName(*value["user"])
        if value["recorded_at"] <= self._forgotten(name):
            self._refuse(fact, name)
            return
        said = self._said(name)
        if value.get("undoes") is not None:
            self._flush()
            self._undo(key, said, value)
        else:
            self._events.append(self._row(key, said, value))
            self._guests += [(link, key) for link in said.links]
            if value.get("also"):
                self._also(key, value["also"])

    def _row(self, key: str, said: _Said, value: Value) -> tuple[Any, ...]:
        kind, place = value["kind"], value.get("place")
        if kind not in _KINDS or kind == Kind.UNDO or not value["source"]:
            raise InvalidFactError(f"an event of an unknown kind, {kind!r}")
        subject = self._subject(value["artist"], value.get("title"))
        return (
            key,
            said.host_id,
            None if place is None else self._place(*place),
            *subject,
            kind,
            value.get("at"),
            value["recorded_at"],
            value.get("plays"),
            value.get("ms_played"),
            value["source"],
        )

    def _flush(self) -> None:
        """Store the events that were collected."""
        if self._events:
            self._db.conn.executemany(_UPSERT, self._events)
            self._events.clear()
        for link, key in self._guests:
            self._db.execute(
                "INSERT INTO link_moves SELECT ?1, 'events', id FROM events WHERE key = ?2 AND NOT EXISTS"
                " (SELECT 1 FROM link_moves WHERE link_id = ?1 AND what = 'events' AND key = events.id)",
                (link, key),
            )
        self._guests.clear()

    def _also(self, key: str, sources: list[str]) -> None:
        self._flush()
        self._db.execute(
            "DELETE FROM event_sources WHERE event_id = (SELECT id FROM events WHERE key = ?)", (key,)
        )
        self._db.conn.executemany(
            "INSERT INTO event_sources SELECT id, ? FROM events WHERE key = ?",
            [(one, key) for one in sources],
        )

    def _undo(self, key: str, said: _Said, value: Value) -> None:
        """Take an event back; of two undos of one event the one with the lesser key stands."""
        target = self._db.execute("SELECT id FROM events WHERE key = ?", (value["undoes"],)).fetchone()
        if target is None:  # erased
            return
        self._db.execute("DELETE FROM events WHERE undoes = ? AND key > ?", (target[0], key))
        self._db.execute(_UNDO, (key, said.host_id, value["recorded_at"], value["source"], target[0]))

    def _refuse(self, fact: str, name: UserName) -> None:
        mine = self._db.execute(
            "SELECT mine FROM forgotten WHERE digest = ?", (name_digest(name),)
        ).fetchone()
        if mine is not None and mine[0]:
            self._db.execute("INSERT INTO outbox (what, key) VALUES ('drop', ?)", (fact,))

    # --- names and ids ----------------------------------------------------------------------------------

    def _find_subject(self, artist: str, title: str | None) -> tuple[int, int | None]:
        artist_id = self._store.music.ensure_artist(artist, listed=False)
        if title is None:
            return artist_id, None
        track_id = self._store.music.ensure_track(artist_id, title, listed=False)
        owner = self._db.conn.execute("SELECT artist_id FROM tracks WHERE id = ?", (track_id,)).fetchone()[0]
        return int(owner), track_id

    def _find_place(self, platform: str, external_id: str, kind: str, name: str) -> int:
        return self._store.people.ensure_community(Community(platform, external_id, kind, name))

    def _find_said(self, name: UserName) -> _Said:
        user_id = self._names.ensure(name, now=self._now)
        links = self._names.links(user_id)
        return _Said(user_id, links[-1].host_id if links else user_id, tuple(link.id for link in links))

    def _find_forgotten(self, name: UserName) -> int:
        """Return when a user was forgotten, -1 for all others."""
        row = self._db.execute("SELECT at FROM forgotten WHERE digest = ?", (name_digest(name),)).fetchone()
        return -1 if row is None else int(row[0])

    def _met(self) -> None:
        """Look users up again: links or users have changed."""
        self._said.cache_clear()
        self._forgotten.cache_clear()

    # --- accounts, settings, links ----------------------------------------------------------------------

    def _account(self, name: UserName, value: Value | None) -> None:
        if value is None:  # forgotten, which a fact of its own tells
            return
        if value["at"] <= self._forgotten(name):
            self._refuse(fact_key("account", *name), name)
            return
        user_id = self._names.ensure(name, now=value["at"])
        self._db.execute(
            "UPDATE users SET created_at = max(created_at, ?) WHERE id = ?", (value["at"], user_id)
        )
        known = self._db.execute(
            "UPDATE accounts SET name = ? WHERE platform = ? AND external_id = ?", (value["name"], *name)
        )
        if known.rowcount:
            return
        self._met()
        said = self._said(name)
        row_id = self._db.execute(
            "INSERT INTO accounts (platform, external_id, user_id, name) VALUES (?, ?, ?, ?)",
            (*name, said.host_id, value["name"]),
        ).lastrowid
        moves = [(link, str(row_id)) for link in said.links]
        self._db.conn.executemany("INSERT INTO link_moves VALUES (?, 'accounts', ?)", moves)

    def _setting(self, name: UserName, setting: str, place: list[str], value: Value | None) -> None:
        if value is not None and value["at"] <= self._forgotten(name):
            self._refuse(fact_key("setting", *name, setting, *place), name)
            return
        user_id = self._names.find(name)
        if user_id is None and value is None:
            return
        if place:
            found = Places(self._db).find(*place)
            if value is not None and value["place"] is not None:
                found = self._place(*value["place"])
            setting = f"{setting}:{found}"
        if user_id is None:
            user_id = self._said(name).user_id
        if self._db.execute(_WAITS, ("setting", setting, user_id, self._mine)).fetchone():
            return  # set here since, which the log is about to tell
        if value is None:
            Places(self._db).unset("user", user_id, setting)
        else:
            self._store.people.set_setting("user", user_id, setting, value["value"])

    def _link(self, name: UserName, value: Value | None) -> None:
        linking = Linking(self._db)
        if value is None:
            user_id = self._names.find(name)
            if user_id is not None and (link := self._names.link(user_id)) is not None:
                linking.undo(link.id, link.host_id, user_id, now=self._now, since=None)
                self._met()
            return
        host_name = UserName(*value["host"])
        if value["at"] <= max(self._forgotten(name), self._forgotten(host_name)):
            self._refuse(fact_key("link", *name), name)
            return
        guest, host = self._said(name).user_id, self._said(host_name).user_id
        link = self._names.link(guest)
        if link is not None and link.host_id == host:
            return
        if link is not None:
            linking.undo(link.id, link.host_id, guest, now=self._now, since=None)
        if self._names.host(host) != guest or self._yields(host, guest):
            linking.join(host, guest, "", now=value["at"], here=False)
        self._met()

    def _yields(self, host: int, guest: int) -> bool:
        """Undo a link of this machine by which `host` is a guest of `guest`, if the log does not have it."""
        while host != guest and (link := self._names.link(host)) is not None:
            if self._db.execute(_LINK_WAITS, (host, self._mine)).fetchone():
                self._loudly()
                since = self._db.execute("SELECT last_event_id FROM links WHERE id = ?", (link.id,))
                Linking(self._db).undo(
                    link.id, link.host_id, host, now=self._now, since=int(since.fetchone()[0])
                )
                self._db.execute("DELETE FROM publishing")
                return True
            host = link.host_id
        return False

    def _forget(self, digest: str, value: Value) -> bool:
        """Erase a user, and nobody whom a link joined with it; return whether it was known."""
        self._db.execute(
            "INSERT INTO forgotten VALUES (?, ?, 0) ON CONFLICT DO UPDATE SET at = max(at, excluded.at)",
            (digest, value["at"]),
        )
        self._met()
        user_id = self._names.find(UserName(*value["user"])) if value.get("user") else None
        if user_id is None:
            return False
        linking = Linking(self._db)
        if (link := self._names.link(user_id)) is not None:
            linking.undo(link.id, link.host_id, user_id, now=self._now, since=None)
        for link_id, guest in self._db.execute(_GUESTS, (user_id,)).fetchall():
            linking.undo(link_id, user_id, guest, now=self._now, since=None)
        self._begin_anew(user_id, UserName(*value["user"]), value["at"])
        Erasures(self._db).forget(user_id)
        for names in (self._subject, self._place):
            names.cache_clear()
        self._met()
        return True

    def _begin_anew(self, user_id: int, name: UserName, at: int) -> None:
        """Make a new user of what was said after `at` by one who came back before the log told of it."""
        values = {"old": user_id, "at": at, "mine": self._mine, **name._asdict()}
        since = self._db.execute(_SINCE, values).fetchone()[0]
        if since is None:
            return
        values["new"] = self._db.execute("INSERT INTO users (created_at) VALUES (?)", (since,)).lastrowid
        for statement in _ANEW:
            self._db.execute(statement, values)
