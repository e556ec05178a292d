"""Updates delivered by a platform: stored until they are handled, and their ids for a while after.

A platform deletes an update once it is confirmed.  So an update is confirmed only after it is stored here,
and a process that crashes in between finds it again at its next start.
"""

from typing import NamedTuple

from sqlite_utils import Database

MOST_TRIES = 5
"""The maximum number of tries; a delivery that crashes the process every time is then set aside."""

_TAKEN_UP = """
    SELECT number, body, tries FROM deliveries
    WHERE source = ? AND body IS NOT NULL AND tries < ? ORDER BY number
"""
_SET_ASIDE = """
    SELECT number FROM deliveries WHERE source = ? AND body IS NOT NULL AND tries >= ? ORDER BY number
"""


class Delivery(NamedTuple):
    """A delivery that is not handled yet."""

    number: int
    body: str
    tries: int  # how often a process ended after starting to handle it


class Deliveries:
    """Verbs on deliveries, over one connection.  `source` names the platform, `number` one delivery."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def keep(self, source: str, number: int, body: str, *, now: int, sender: str = "") -> bool:
        """Store a delivery; return False if it is known, handled or not.

        `sender` is the sender's account id on the platform that `source` begins with.
        """
        cursor = self.db.execute(
            "INSERT OR IGNORE INTO deliveries (source, number, body, at, sender) VALUES (?, ?, ?, ?, ?)",
            (source, number, body, now, sender or None),
        )
        return cursor.rowcount > 0

    def done(self, source: str, number: int) -> None:
        """Mark a delivery as handled and delete its contents."""
        self.db.execute(
            "UPDATE deliveries SET body = NULL, sender = NULL WHERE source = ? AND number = ?",
            (source, number),
        )

    def taken_up(self, source: str, since: int) -> list[Delivery]:
        """Return the unhandled deliveries that are not set aside, in order.

        Deletes those handled or set aside before `since` (seconds since 1970).
        """
        self.db.execute(
            "DELETE FROM deliveries WHERE source = ? AND at < ? AND (body IS NULL OR tries >= ?)",
            (source, since, MOST_TRIES),
        )
        return [Delivery(*row) for row in self.db.execute(_TAKEN_UP, (source, MOST_TRIES))]

    def set_aside(self, source: str) -> list[int]:
        """Return the numbers of deliveries that crashed the process every time and are not tried again."""
        return [number for (number,) in self.db.execute(_SET_ASIDE, (source, MOST_TRIES))]

    def begin(self, source: str, number: int) -> None:
        """Count a try of a delivery, before it can crash the process."""
        self.db.execute(
            "UPDATE deliveries SET tries = tries + 1 WHERE source = ? AND number = ?", (source, number)
        )

    def rest(self, source: str) -> None:
        """Reset the count of tries: the process ends normally, so no delivery caused it."""
        self.db.execute(
            "UPDATE deliveries SET tries = 0 WHERE source = ? AND body IS NOT NULL AND tries < ?",
            (source, MOST_TRIES),
        )
