"""The outbox: facts of this machine that others have not got yet, in the order in which they were said.

A fact is a register: a key that means the same everywhere, and the whole value it has now; no value says
that it is gone. Whoever applies all facts in the order of the log ends with the same ones
(`storage/replica/foreign_facts.py`).
"""

import json
import secrets
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Any, NamedTuple

from sqlite_utils import Database

from storage.sharing.offsets import FACTS, Offsets
from storage.sharing.user_names import UserName, UserNames

Value = dict[str, Any]

VERSION = 1
"""The version of values; a machine does not apply newer ones."""

_WAITS = "SELECT 1 FROM outbox WHERE what = ? AND key = ? AND user_id IS ? AND id > ? LIMIT 1"
_WAITING = "SELECT id, what, row_id, key, user_id FROM outbox WHERE id > ? ORDER BY id LIMIT ?"
_EVENTS = """
    SELECT e.id, e.key, e.kind, artists.name, tracks.title, e.at, e.recorded_at, e.plays, e.ms_played,
        e.source, c.platform, c.external_id, c.kind, c.name, undone.key,
        (SELECT json_group_array(source) FROM event_sources WHERE event_id = e.id)
    FROM events AS e LEFT JOIN artists ON artists.id = e.artist_id LEFT JOIN tracks ON tracks.id = e.track_id
    LEFT JOIN communities AS c ON c.id = e.community_id LEFT JOIN events AS undone ON undone.id = e.undoes
    WHERE e.id IN (SELECT value FROM json_each(?))
"""
# The user that an event belonged to before links moved it.
_OWNER = """
    WITH RECURSIVE joined (id) AS (SELECT :user
    UNION SELECT guest_id FROM links JOIN joined ON host_id = joined.id WHERE parted_at IS NULL)
    SELECT guest_id FROM joined JOIN links ON host_id = joined.id JOIN link_moves ON link_id = links.id
    WHERE parted_at IS NULL AND what = 'events' AND key = :event ORDER BY links.id LIMIT 1
"""
_LINK = """
    SELECT host_id, guest_id, linked_at FROM links
    WHERE guest_id = (SELECT guest_id FROM links WHERE id = ?) AND parted_at IS NULL
"""
_EVERYTHING = (
    "INSERT INTO outbox (what, row_id, user_id) SELECT 'account', id, user_id FROM accounts",
    """INSERT INTO outbox (what, row_id, user_id) SELECT 'link', id, guest_id FROM links
        WHERE parted_at IS NULL""",
    """INSERT INTO outbox (what, key, user_id) SELECT 'setting', name, scope_id FROM settings
        WHERE scope = 'user' AND (name NOT LIKE '%:%' OR name LIKE 'visible:%')""",
    "INSERT INTO outbox (what, row_id, user_id) SELECT 'again', id, user_id FROM events ORDER BY id",
)
_LEAVES = """
    SELECT
        (SELECT json_group_array(json_array('account', platform, external_id)) FROM accounts
         WHERE user_id = ?1),
        (SELECT json_group_array(name) FROM settings WHERE scope = 'user' AND scope_id = ?1),
        (SELECT json_group_array(json_array(platform, external_id)) FROM (
            SELECT platform, external_id FROM accounts WHERE user_id = ?1
            UNION SELECT platform, external_id FROM user_names WHERE user_id = ?1))
"""


_NEWEST = """
    WITH theirs (id) AS (SELECT value FROM json_each(?))
    SELECT max(at) FROM (SELECT created_at AS at FROM users WHERE id IN theirs
    UNION ALL SELECT recorded_at FROM events WHERE user_id IN theirs
    UNION ALL SELECT linked_at FROM links WHERE guest_id IN theirs OR host_id IN theirs)
"""


class OutgoingFact(NamedTuple):
    """One fact as it goes into the log."""

    number: int  # of its row in the outbox
    key: str  # a JSON list: what the fact is about, in names that mean the same everywhere
    value: bytes | None  # a JSON object; None where the fact is gone


class Outbox:
    """Verbs on facts that wait for other machines, over one connection."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def origin(self) -> str | None:
        """Return the random name of this machine in the log, None while it publishes nothing."""
        row = self.db.conn.execute("SELECT origin FROM publishing").fetchone()
        return None if row is None else str(row[0])

    def open(self) -> str:
        """Publish from now on; return this machine's origin.

        What is stored already is published too, unless the database has followed the log before: then the log
        has it, or newer facts.
        """
        origin = self.origin()
        if origin is None:
            origin = secrets.token_hex(8)
            self.db.execute("INSERT INTO publishing VALUES (?)", (origin,))
            if Offsets(self.db).next(FACTS, 0) is None:
                self.again()
        return origin

    def again(self) -> None:
        """Put every fact into the outbox once more, as for a log that was lost."""
        for statement in _EVERYTHING:
            self.db.execute(statement)

    def close(self) -> None:
        """Publish nothing from now on, and forget what waits: the copy of a database is another machine."""
        for table in ("outbox", "publishing"):
            self.db.execute(f"DELETE FROM {table}")

    def waiting(self) -> int:
        """Return the number of facts that are not in the log yet."""
        return int(self.db.execute("SELECT count(*) FROM outbox").fetchone()[0])

    def after(self, number: int, n: int) -> list[OutgoingFact]:
        """Return at most `n` facts after `number`, in order, each with the value it has now."""
        rows = self.db.conn.execute(_WAITING, (number, n)).fetchall()
        events = self._events([row_id for _, what, row_id, *_ in rows if what in ("event", "again")])
        return [fact for row in rows if (fact := self._fact(row, events)) is not None]

    def waits(self, what: str, key: str, user_id: int | None, *, after: int) -> bool:
        """Tell whether a row of this kind, key and user waits that is newer than row `after`."""
        return self.db.execute(_WAITS, (what, key, user_id, after)).fetchone() is not None

    def echoed(self, number: int) -> None:
        """Take out the facts up to `number`: they came back in the log."""
        self.db.conn.execute("DELETE FROM outbox WHERE id <= ?", (number,))

    def leave(self, users: str, *, at: int) -> None:
        """Tell other machines to erase users (a JSON list of ids), who are still stored; see `Erasures`."""
        if self.origin() is None:
            return
        # Whatever the clocks of the machines say, what is stored of them was said before.
        at = max(at, self.db.execute(_NEWEST, (users,)).fetchone()[0] or at)
        for user_id in json.loads(users):
            accounts, settings, names = map(json.loads, self.db.execute(_LEAVES, (user_id,)).fetchone())
            name = UserNames(self.db).name(user_id)
            for account in names:
                self._forget(UserName(*account), at)
            keys = [fact_key(*account) for account in accounts]
            if name is not None:
                keys += [fact_key("setting", *name, *_place_of(self.db, one)) for one in settings]
                keys.append(fact_key("link", *name))
            self.db.conn.executemany(
                "INSERT INTO outbox (what, key) VALUES ('drop', ?)", [(k,) for k in keys]
            )

    def _forget(self, name: UserName, at: int) -> None:
        digest = name_digest(name)
        self.db.execute(
            "INSERT INTO forgotten VALUES (?, ?, 1)"
            " ON CONFLICT DO UPDATE SET at = max(at, excluded.at), mine = 1",
            (digest, at),
        )
        # The name is told once; the second fact takes the place of the first when the log is compacted.
        told = ((at, fact_key(digest, *name)), (at, fact_key(digest)))
        self.db.conn.executemany("INSERT INTO outbox (what, row_id, key) VALUES ('forget', ?, ?)", told)

    def _fact(self, row: tuple[Any, ...], events: dict[int, tuple[str, Value]]) -> OutgoingFact | None:
        number, what, row_id, key, user_id = row
        match what:
            case "event" | "again":
                return self._event(number, what, row_id, user_id, events)
            case "gone":
                return OutgoingFact(number, fact_key("event", key), None)
            case "drop":
                return OutgoingFact(number, key, None)
            case "forget":
                digest, *name = json.loads(key)
                value = {"at": row_id, "user": name} if name else {"at": row_id}
                return OutgoingFact(number, fact_key("forget", digest), dumped(value))
            case "account":
                found = self._account(row_id, user_id)
            case "setting":
                found = self._setting(user_id, key)
            case _:
                found = self._link(row_id, user_id)
        return None if found is None else OutgoingFact(number, *found)

    def _event(
        self, number: int, what: str, row_id: int, user_id: int, events: dict[int, tuple[str, Value]]
    ) -> OutgoingFact | None:
        if row_id not in events:  # erased since, which its own row tells
            return None
        name = UserNames(self.db).name(user_id if what == "event" else self._owner(row_id, user_id))
        if name is None:
            return None
        key, value = events[row_id]
        value["recorded_at"] = self._since_forgotten(name, value["recorded_at"])
        return OutgoingFact(number, fact_key("event", key), dumped({"user": name, **value}))

    def _since_forgotten(self, name: UserName, at: int) -> int:
        """Return a time later than the user was last forgotten: what is stored was said since then."""
        row = self.db.conn.execute(
            "SELECT at FROM forgotten WHERE digest = ?", (name_digest(name),)
        ).fetchone()
        return at if row is None else max(at, int(row[0]) + 1)

    def _owner(self, event_id: int, user_id: int) -> int:
        row = self.db.conn.execute(_OWNER, {"user": user_id, "event": str(event_id)}).fetchone()
        return user_id if row is None else int(row[0])

    def _events(self, ids: Iterable[int]) -> dict[int, tuple[str, Value]]:
        rows = self.db.conn.execute(_EVENTS, (json.dumps(list(ids)),))
        return {row[0]: (row[1], _event_value(row[2:])) for row in rows}

    def _account(self, row_id: int, user_id: int) -> tuple[str, bytes | None] | None:
        row = self.db.conn.execute(
            "SELECT platform, external_id, name, created_at FROM accounts, users"
            " WHERE accounts.id = ? AND users.id = ?",
            (row_id, user_id),
        ).fetchone()
        if row is None:
            return None
        *account, name, at = row
        at = self._since_forgotten(UserName(*account), at)
        return fact_key("account", *account), dumped({"name": name, "at": at})

    def _setting(self, user_id: int, setting: str) -> tuple[str, bytes | None] | None:
        name = UserNames(self.db).name(user_id)
        if name is None:
            return None
        place = _place_of(self.db, setting)
        key = fact_key("setting", *name, *place)
        row = self.db.conn.execute(
            "SELECT value, created_at FROM settings JOIN users ON users.id = scope_id"
            " WHERE scope = 'user' AND scope_id = ? AND settings.name = ?",
            (user_id, setting),
        ).fetchone()
        if row is None:
            return key, None
        at = self._since_forgotten(name, row[1])
        return key, dumped({"value": row[0], "place": _community(self.db, setting), "at": at})

    def _link(self, row_id: int, guest: int) -> tuple[str, bytes | None] | None:
        names = UserNames(self.db)
        name, row = names.name(guest), self.db.conn.execute(_LINK, (row_id,)).fetchone()
        if name is None:
            return None
        host = None if row is None else names.name(row[0])
        return fact_key("link", *name), None if host is None else dumped({"host": host, "at": row[2]})


def fact_key(*parts: str) -> str:
    """Return the key of a fact in the log.

    >>> fact_key("account", "discord", "1")
    '["account","discord","1"]'
    """
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))


def name_digest(name: UserName) -> str:
    """Return what a forgotten user's name is kept as: it tells nobody who it was, but is recognised."""
    return blake2b("\0".join(name).encode(), digest_size=16).hexdigest()


def dumped(value: Value) -> bytes:
    """Return a value as it stands in the log."""
    return json.dumps({"v": VERSION, **value}, ensure_ascii=False, separators=(",", ":")).encode()


def _event_value(row: tuple[Any, ...]) -> Value:
    kind, artist, title, at, recorded_at, plays, ms_played, source, *place, undoes, also = row
    value = {
        "kind": kind,
        "artist": artist,
        "title": title,
        "at": at,
        "recorded_at": recorded_at,
        "plays": plays,
        "ms_played": ms_played,
        "source": source,
        "place": place if place[0] is not None else None,
        "undoes": undoes,
        "also": json.loads(also) if also != "[]" else None,
    }
    return {name: said for name, said in value.items() if said is not None}


def _community(db: Database, setting: str) -> list[str] | None:
    _, colon, number = setting.partition(":")
    if not colon:
        return None
    row = db.execute(
        "SELECT platform, external_id, kind, name FROM communities WHERE id = ?", (number,)
    ).fetchone()
    return None if row is None else list(row)


def _place_of(db: Database, setting: str) -> Iterator[str]:
    """Yield the name of a setting, then the place it is about, where there is one."""
    yield setting.partition(":")[0]
    place = _community(db, setting)
    if place is not None:
        yield from place[:2]
