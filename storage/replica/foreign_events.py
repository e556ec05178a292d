"""Events of other machines: their facts, as rows of the log of events."""

from typing import Any

from storage.errors import InvalidFactError
from storage.records import Kind
from storage.replica.foreign_names import ForeignNames, SaidUser
from storage.sharing.outbox import Outbox, Value
from storage.sharing.user_names import UserName
from storage.store import Store

LATEST_SECONDS = 86_400
"""Furthest that a fact's time may be ahead of this machine's clock; more means a wrong clock, or worse."""

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
    ON CONFLICT (key) DO UPDATE SET user_id = excluded.user_id, source = excluded.source,
        recorded_at = excluded.recorded_at
    WHERE (events.user_id, events.source, events.recorded_at)
        IS NOT (excluded.user_id, excluded.source, excluded.recorded_at)
    ON CONFLICT DO NOTHING
"""
_KINDS = frozenset(Kind)


class ForeignEvents:
    """Applies facts of events within one transaction of the writer, many at a time."""

    def __init__(self, store: Store, names: ForeignNames, *, now: int) -> None:
        """Apply to `store`; `now` in seconds since 1970."""
        self._db, self._names, self._now = store.db, names, now
        self._erasing = bool(self._db.execute("SELECT 1 FROM outbox WHERE what = 'gone' LIMIT 1").fetchone())
        self._events: list[tuple[Any, ...]] = []
        self._guests: list[tuple[int, str]] = []  # (link, key) of events that a link moves

    def take(self, fact: str, key: str, value: Value | None, mine: int) -> None:
        """Take what a fact says of the event with this key; raise InvalidFactError for nonsense.

        `mine`: the newest fact of this machine that came back.
        """
        if value is None:
            self.flush()
            self._db.execute("DELETE FROM events WHERE key = ?", (key,))
            return
        if value["recorded_at"] > self._now + LATEST_SECONDS:
            raise InvalidFactError("a fact from the future")
        if self._erasing and Outbox(self._db).waits("gone", key, None, after=mine):
            return  # erased here, which the log is about to tell
        name = UserName(*value["user"])
        if value["recorded_at"] <= self._names.forgotten(name):
            self._names.refuse(fact, name)
            return
        said = self._names.said(name)
        if value.get("undoes") is not None:
            self.flush()
            self._undo(key, said, value)
        else:
            self._events.append(self._row(key, said, value))
            if value.get("also"):
                self._also(key, value["also"])
        self._guests += [(link, key) for link in said.links]

    def _row(self, key: str, said: SaidUser, value: Value) -> tuple[Any, ...]:
        kind, place = value["kind"], value.get("place")
        if kind not in _KINDS or kind == Kind.UNDO or not value["source"]:
            raise InvalidFactError(f"an event of an unknown kind, {kind!r}")
        subject = self._names.subject(value["artist"], value.get("title"))
        return (
            key,
            said.host_id,
            None if place is None else self._names.place(*place),
            *subject,
            kind,
            value.get("at"),
            value["recorded_at"],
            value.get("plays"),
            value.get("ms_played"),
            value["source"],
        )

    def flush(self) -> None:
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
        self.flush()
        self._db.execute(
            "DELETE FROM event_sources WHERE event_id = (SELECT id FROM events WHERE key = ?)", (key,)
        )
        self._db.conn.executemany(
            "INSERT INTO event_sources SELECT id, ? FROM events WHERE key = ?",
            [(one, key) for one in sources],
        )

    def _undo(self, key: str, said: SaidUser, value: Value) -> None:
        """Take an event back; of two undos of one event the one with the lesser key stands."""
        target = self._db.execute("SELECT id FROM events WHERE key = ?", (value["undoes"],)).fetchone()
        if target is None:  # erased
            return
        self._db.execute("DELETE FROM events WHERE undoes = ? AND key > ?", (target[0], key))
        self._db.execute(_UNDO, (key, said.host_id, value["recorded_at"], value["source"], target[0]))
