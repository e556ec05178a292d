"""What a platform has handed over: kept until it is handled, and known for a while after that.

A platform forgets what it was told to have arrived.  So nothing is confirmed before it is in here, and a
process that dies in the middle finds it here when it starts again.
"""

from typing import NamedTuple

from sqlite_utils import Database

MOST_TRIES = 5
"""So often handling a delivery is begun after a start; one that ends the process each time is set aside."""

_TAKEN_UP = """
    SELECT number, body, tries FROM deliveries
    WHERE source = ? AND body IS NOT NULL AND tries < ? ORDER BY number
"""
_SET_ASIDE = """
    SELECT number FROM deliveries WHERE source = ? AND body IS NOT NULL AND tries >= ? ORDER BY number
"""


class Delivery(NamedTuple):
    """A delivery that nobody has handled."""

    number: int
    body: str
    tries: int  # how often a process ended after it had begun to handle it


class Deliveries:
    """Verbs on deliveries, over one connection.  `source` names who delivers, `number` one delivery."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def keep(self, source: str, number: int, body: str, *, now: int, sender: str = "") -> bool:
        """Keep a delivery; False where it is known already, handled or not.

        `sender` is the account of who sent it, on the platform that `source` begins with.
        """
        cursor = self.db.execute(
            "INSERT OR IGNORE INTO deliveries (source, number, body, at, sender) VALUES (?, ?, ?, ?, ?)",
            (source, number, body, now, sender or None),
        )
        return cursor.rowcount > 0

    def done(self, source: str, number: int) -> None:
        """Note that a delivery is handled; of what it said nothing stays."""
        self.db.execute(
            "UPDATE deliveries SET body = NULL, sender = NULL WHERE source = ? AND number = ?",
            (source, number),
        )

    def taken_up(self, source: str, since: int) -> list[Delivery]:
        """Return what has not been handled and not been set aside, in order.

        What was handled, or set aside, before `since` (seconds since 1970) is erased.
        """
        self.db.execute(
            "DELETE FROM deliveries WHERE source = ? AND at < ? AND (body IS NULL OR tries >= ?)",
            (source, since, MOST_TRIES),
        )
        return [Delivery(*row) for row in self.db.execute(_TAKEN_UP, (source, MOST_TRIES))]

    def set_aside(self, source: str) -> list[int]:
        """Return the numbers of what ended the process every time and is not tried again."""
        return [number for (number,) in self.db.execute(_SET_ASIDE, (source, MOST_TRIES))]

    def begin(self, source: str, number: int) -> None:
        """Count that a delivery is tried, before it can do any harm."""
        self.db.execute(
            "UPDATE deliveries SET tries = tries + 1 WHERE source = ? AND number = ?", (source, number)
        )

    def rest(self, source: str) -> None:
        """Note that the process ends by itself: no delivery that is left over had any part in it."""
        self.db.execute(
            "UPDATE deliveries SET tries = 0 WHERE source = ? AND body IS NOT NULL AND tries < ?",
            (source, MOST_TRIES),
        )
