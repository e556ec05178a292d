"""Sign-ins that people have begun elsewhere and not finished yet."""

from sqlite_utils import Database

VALID_SECONDS = 600


class SignIns:
    """Verbs on sign-ins, over one connection; hand them to the writer."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def begin(self, user_id: int, state: str, secret: bytes, *, now: int) -> None:
        """Keep a sign-in; older ones of the same person, and all that are too old, are void."""
        self.db.execute(
            "DELETE FROM sign_ins WHERE user_id = ? OR made_at < ?", (user_id, now - VALID_SECONDS)
        )
        self.db.execute("INSERT INTO sign_ins VALUES (?, ?, ?, ?)", (state, user_id, secret, now))

    def finish(self, user_id: int, state: str, *, now: int) -> bytes | None:
        """Return what was kept with a sign-in of this person and void it; None if there is none open."""
        row = self.db.execute(
            "SELECT secret FROM sign_ins WHERE state = ? AND user_id = ? AND made_at >= ?",
            (state, user_id, now - VALID_SECONDS),
        ).fetchone()
        self.db.execute("DELETE FROM sign_ins WHERE state = ? AND user_id = ?", (state, user_id))
        return None if row is None else bytes(row[0])
