"""Sign-ins to external services that users have begun and not finished."""

from sqlite_utils import Database

VALID_SECONDS = 600


class SignIns:
    """Verbs on sign-ins, over one connection; hand them to the writer."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def begin(self, user_id: int, state: str, secret: bytes, *, now: int) -> None:
        """Store a sign-in; delete older ones of the same user, and all expired ones."""
        self.db.execute(
            "DELETE FROM sign_ins WHERE user_id = ? OR made_at < ?", (user_id, now - VALID_SECONDS)
        )
        self.db.execute("INSERT INTO sign_ins VALUES (?, ?, ?, ?)", (state, user_id, secret, now))

    def finish(self, user_id: int, state: str, *, now: int) -> bytes | None:
        """Return the secret of this user's open sign-in and delete it; None if there is none."""
        row = self.db.execute(
            "SELECT secret FROM sign_ins WHERE state = ? AND user_id = ? AND made_at >= ?",
            (state, user_id, now - VALID_SECONDS),
        ).fetchone()
        self.db.execute("DELETE FROM sign_ins WHERE state = ? AND user_id = ?", (state, user_id))
        return None if row is None else bytes(row[0])
