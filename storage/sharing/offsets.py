"""Offsets: how far each partition of a topic is applied, stored in the transaction that applies it."""

from typing import NamedTuple

from sqlite_utils import Database

FACTS = "segue.events"
"""The topic that machines share facts over."""
EPOCHS = "ALTER TABLE offsets ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0"
"""Statement of the migration: an epoch is one worker's time with a partition, counted from 1."""


class Position(NamedTuple):
    """The next message of a partition."""

    topic: str
    part: int
    next: int


class Offsets:
    """Verbs on offsets, over one connection."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def next(self, topic: str, part: int) -> int | None:
        """Return the offset of the next message to apply, None if none was ever applied."""
        row = self.db.conn.execute(
            "SELECT next FROM offsets WHERE topic = ? AND part = ?", (topic, part)
        ).fetchone()
        return None if row is None else int(row[0])

    def take(self, topic: str, part: int, *, now: int) -> int:
        """Begin a new epoch of a partition; return it. Who has an older one is fenced off."""
        taken = self.db.conn.execute(
            "INSERT INTO offsets (topic, part, next, at, epoch) VALUES (?, ?, 0, ?, 1)"
            " ON CONFLICT DO UPDATE SET epoch = epoch + 1 RETURNING epoch",
            (topic, part, now),
        )
        return int(taken.fetchone()[0])

    def epoch(self, topic: str, part: int) -> int:
        """Return the epoch of a partition, 0 before the first."""
        row = self.db.conn.execute(
            "SELECT epoch FROM offsets WHERE topic = ? AND part = ?", (topic, part)
        ).fetchone()
        return 0 if row is None else int(row[0])

    def at(self, topic: str) -> int | None:
        """Return when a message of this topic was last applied, in seconds since 1970."""
        row = self.db.execute("SELECT max(at) FROM offsets WHERE topic = ?", (topic,)).fetchone()
        return None if row[0] is None else int(row[0])

    def advance(self, position: Position, *, now: int) -> None:
        """Store that everything before `position` is applied; it may go back, for a replay."""
        self.db.conn.execute(
            "INSERT INTO offsets (topic, part, next, at) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE"
            " SET next = excluded.next, at = excluded.at",
            (*position, now),
        )

    def forget(self, topic: str) -> None:
        """Begin this topic anew: its messages are applied again, which changes nothing."""
        self.db.execute("DELETE FROM offsets WHERE topic = ?", (topic,))
