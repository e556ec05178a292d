"""Facts of the log, applied to this database: in the order of the log, any number of times.

Each fact is a register (`storage/sharing/outbox.py`), and this machine's own come back like the others:
whoever applied all of them has the same events, accounts, links and settings, whatever they heard in between.

- Of an event everything stays as it was said; its user is the host of the user it was said by.
- A link moves all rows of the guest, those that arrive later too; unlinking gives them back.
- Of two users who were each linked to the other, the link that is first in the log stands.
- What a forgotten user said until then is refused, and taken out of the log by the machine that was told.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from storage.errors import InvalidFactError
from storage.replica.foreign_events import ForeignEvents
from storage.replica.foreign_names import ForeignNames
from storage.sharing.fact_messages import Applied, Message, NewerFactError, SharedFact, read
from storage.sharing.offsets import Offsets, Position
from storage.sharing.outbox import Outbox, Value, fact_key
from storage.sharing.user_names import UserName, UserNames
from storage.store import Store
from storage.users.communities import Communities as Places
from storage.users.erasures import Erasures
from storage.users.linking import Linking

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
_LINK_WAITS = "SELECT 1 FROM outbox WHERE what = 'link' AND user_id = ? AND id > ? LIMIT 1"
_GUESTS = "SELECT id, guest_id FROM links WHERE host_id = ? AND parted_at IS NULL"


_UNREADABLE = (InvalidFactError, ValueError, TypeError, LookupError, AttributeError, RecursionError)
_Refused = tuple[Message, str]
A = TypeVar("A", Message, SharedFact)
B = TypeVar("B")


class ForeignFacts:
    """Applies messages of the log within one transaction of the writer; make one for each."""

    def __init__(self, store: Store, *, now: int) -> None:
        """Apply to `store`; `now` in seconds since 1970."""
        self._store, self._db, self._now = store, store.db, now
        self._users = UserNames(store.db)
        self._names = ForeignNames(store, now=now)
        self._events = ForeignEvents(store, self._names, now=now)
        self._origin = Outbox(store.db).origin()
        self._mine = 0  # the newest fact of this machine that came back

    def apply(self, messages: Iterable[Message], position: Position) -> Applied:
        """Apply messages and store `position` with them; what cannot be read is refused and left out.

        Raises NewerFactError for the facts of a newer Segue: nothing is applied then.
        """
        messages, refused = list(messages), list[_Refused]()
        facts = list(_each(messages, read, refused))
        self._names.expect(fact.value for fact in facts if fact.value is not None and fact.what == "event")
        with self._quietly():
            forgotten = sum(_each(facts, self._apply, refused))
            self._events.flush()
        if self._mine:
            Outbox(self._db).echoed(self._mine)
        Offsets(self._db).advance(position, now=self._now)
        return Applied(len(messages) - len(refused), refused, forgotten)

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

    def _apply(self, fact: SharedFact) -> bool:
        message, what, key, value = fact
        if message.origin == self._origin:
            self._mine = max(self._mine, message.number)
        if what == "event":
            self._events.take(message.key.decode(), key[0], value, self._mine)
            return False
        self._events.flush()
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

    # --- accounts, settings, links ----------------------------------------------------------------------

    def _account(self, name: UserName, value: Value | None) -> None:
        if value is None:  # forgotten, which a fact of its own tells
            return
        if value["at"] <= self._names.forgotten(name):
            self._names.refuse(fact_key("account", *name), name)
            return
        user_id = self._users.ensure(name, now=value["at"])
        self._db.execute(
            "UPDATE users SET created_at = max(created_at, ?) WHERE id = ?", (value["at"], user_id)
        )
        known = self._db.execute(
            "UPDATE accounts SET name = ? WHERE platform = ? AND external_id = ?", (value["name"], *name)
        )
        if known.rowcount:
            return
        self._names.met()
        said = self._names.said(name)
        row_id = self._db.execute(
            "INSERT INTO accounts (platform, external_id, user_id, name) VALUES (?, ?, ?, ?)",
            (*name, said.host_id, value["name"]),
        ).lastrowid
        moves = [(link, str(row_id)) for link in said.links]
        self._db.conn.executemany("INSERT INTO link_moves VALUES (?, 'accounts', ?)", moves)

    def _setting(self, name: UserName, setting: str, place: list[str], value: Value | None) -> None:
        if value is not None and value["at"] <= self._names.forgotten(name):
            self._names.refuse(fact_key("setting", *name, setting, *place), name)
            return
        user_id = self._users.find(name)
        if user_id is None and value is None:
            return
        if place:
            found = Places(self._db).find(*place)
            if value is not None and value["place"] is not None:
                found = self._names.place(*value["place"])
            setting = f"{setting}:{found}"
        if user_id is None:
            user_id = self._names.said(name).user_id
        if Outbox(self._db).waits("setting", setting, user_id, after=self._mine):
            return  # set here since, which the log is about to tell
        if value is None:
            Places(self._db).unset("user", user_id, setting)
        else:
            self._store.people.set_setting("user", user_id, setting, value["value"])

    def _link(self, name: UserName, value: Value | None) -> None:
        linking = Linking(self._db)
        if value is None:
            user_id = self._users.find(name)
            if user_id is not None and (link := self._users.link(user_id)) is not None:
                linking.undo(link.id, link.host_id, user_id, now=self._now, since=None)
                self._names.met()
            return
        host_name = UserName(*value["host"])
        if value["at"] <= max(self._names.forgotten(name), self._names.forgotten(host_name)):
            self._names.refuse(fact_key("link", *name), name)
            return
        guest, host = self._names.said(name).user_id, self._names.said(host_name).user_id
        link = self._users.link(guest)
        if link is not None and link.host_id == host:
            return
        if link is not None:
            linking.undo(link.id, link.host_id, guest, now=self._now, since=None)
        if self._users.host(host) != guest or self._yields(host, guest):
            linking.join(host, guest, "", now=value["at"], here=False)
        self._names.met()

    def _yields(self, host: int, guest: int) -> bool:
        """Undo a link of this machine by which `host` is a guest of `guest`, if the log does not have it."""
        while host != guest and (link := self._users.link(host)) is not None:
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
        self._names.met()
        user_id = self._users.find(UserName(*value["user"])) if value.get("user") else None
        if user_id is None:
            return False
        linking = Linking(self._db)
        if (link := self._users.link(user_id)) is not None:
            linking.undo(link.id, link.host_id, user_id, now=self._now, since=None)
        for link_id, guest in self._db.execute(_GUESTS, (user_id,)).fetchall():
            linking.undo(link_id, user_id, guest, now=self._now, since=None)
        self._begin_anew(user_id, UserName(*value["user"]), value["at"])
        Erasures(self._db).forget(user_id)
        self._names.erased()
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


def _each(some: Iterable[A], work: Callable[[A], B], refused: list[_Refused]) -> Iterator[B]:
    """Yield what `work` makes of each; those that it cannot take are refused."""
    for one in some:
        try:
            yield work(one)
        except NewerFactError:
            raise
        except _UNREADABLE as error:
            refused.append(
                (one.message if isinstance(one, SharedFact) else one, str(error) or type(error).__name__)
            )
