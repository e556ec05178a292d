"""Results of streamed requests: stored with the offset of their request, sent afterwards, kept for a day.

A stored result is the answer to its request for good: the same request is not answered a second time.
"""

import json
from collections.abc import Iterable
from typing import NamedTuple

from sqlite_utils import Database

KEPT_SECONDS = 86_400
_ADD = """
    INSERT INTO results (request, user_id, part, position, topic, body, at) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (request) DO NOTHING
"""
_WAITING = """
    SELECT request, user_id, part, position, topic, body, id FROM results
    WHERE NOT sent AND part IN (SELECT value FROM json_each(?)) AND id > ? ORDER BY id LIMIT ?
"""


class Outgoing(NamedTuple):
    """A result, or a message that cannot be read, on its way to a topic."""

    request: str  # names the request, and its user
    user_id: int | None
    part: int  # the partition of the request, and of its result
    position: int  # the offset of the request
    topic: str
    body: bytes
    id: int = 0  # set by the database


class Results:
    """Verbs on results, over one connection."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def has(self, requests: str) -> frozenset[str]:
        """Return which of these requests (a JSON list) are answered."""
        rows = self.db.execute(
            "SELECT request FROM results WHERE request IN (SELECT value FROM json_each(?))", (requests,)
        )
        return frozenset(row for (row,) in rows)

    def add(self, some: Iterable[Outgoing], *, now: int) -> None:
        """Store results, without those of known requests and of users who were forgotten meanwhile."""
        some = list(some)
        users = json.dumps([one.user_id for one in some])
        found = self.db.execute("SELECT id FROM users WHERE id IN (SELECT value FROM json_each(?))", (users,))
        known = {None, *(user for (user,) in found)}
        rows = [(*one[:-1], now) for one in some if one.user_id in known]
        self.db.conn.executemany(_ADD, rows)

    def waiting(self, parts: str, after: int, n: int) -> list[Outgoing]:
        """Return at most `n` results of these partitions (a JSON list) that are not sent, in order."""
        rows = self.db.execute(_WAITING, (parts, after, n))
        return [Outgoing(*row) for row in rows]

    def sent(self, ids: str) -> None:
        """Store that these results (a JSON list of ids) are in their topics."""
        self.db.execute("UPDATE results SET sent = 1 WHERE id IN (SELECT value FROM json_each(?))", (ids,))

    def sent_until(self, part: int, position: int) -> None:
        """Store that a topic has the results of a partition up to this offset, whoever sent them."""
        self.db.execute(
            "UPDATE results SET sent = 1 WHERE part = ? AND position <= ? AND NOT sent", (part, position)
        )

    def prune(self, *, now: int) -> None:
        """Remove the results that were sent more than a day ago."""
        self.db.execute("DELETE FROM results WHERE sent AND at < ?", (now - KEPT_SECONDS,))
