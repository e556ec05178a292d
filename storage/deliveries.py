"""What a platform has handed over: kept until it is handled, and known for a while after that.

A platform forgets what it was told to have arrived.  So nothing is confirmed before it is in here, and a
process that dies in the middle finds it here when it starts again.
"""

from sqlite_utils import Database

MOST_TRIES = 3
"""So often a delivery is taken up again after a start; one that ends the process each time is given up."""


class Deliveries:
    """Verbs on deliveries, over one connection.  `source` names who delivers, `number` one delivery."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def keep(self, source: str, number: int, body: str, *, now: int) -> bool:
        """Keep a delivery; False where it is known already, handled or not."""
        cursor = self.db.execute(
            "INSERT OR IGNORE INTO deliveries (source, number, body, at) VALUES (?, ?, ?, ?)",
            (source, number, body, now),
        )
        return cursor.rowcount > 0

    def done(self, source: str, number: int) -> None:
        """Note that a delivery is handled; of what it said nothing stays."""
        self.db.execute("UPDATE deliveries SET body = NULL WHERE source = ? AND number = ?", (source, number))

    def taken_up(self, source: str, since: int) -> list[str]:
        """Return what has not been handled, in order, and count that it is tried again.

        What came before `since` (seconds since 1970), or has been tried `MOST_TRIES` times, is let go.
        """
        self.db.execute("DELETE FROM deliveries WHERE source = ? AND at < ?", (source, since))
        self.db.execute(
            "UPDATE deliveries SET body = NULL WHERE source = ? AND tries >= ?", (source, MOST_TRIES)
        )
        self.db.execute(
            "UPDATE deliveries SET tries = tries + 1 WHERE source = ? AND body IS NOT NULL", (source,)
        )
        rows = self.db.execute(
            "SELECT body FROM deliveries WHERE source = ? AND body IS NOT NULL ORDER BY number", (source,)
        )
        return [body for (body,) in rows]
