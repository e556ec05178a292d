"""One-time links to the web companion, and the browsers signed in by them; tokens are kept as hashes."""

import hashlib
from dataclasses import dataclass

from sqlite_utils import Database

from storage.records import Account

LINK_SECONDS = 600
"""Lifetime of a sign-in link."""
IDLE_SECONDS = 30 * 24 * 3600
"""Longest pause between visits of a signed-in browser."""
LONGEST_SECONDS = 180 * 24 * 3600
"""Longest time that a browser stays signed in."""
MOST_SESSIONS = 20
"""Browsers of one account at a time; one more signs the oldest out."""

_SIGNED_IN = """
    SELECT web_sessions.id, platform, external_id, accounts.name, language, seen_at, user_id,
           coalesce(settings.value, '')
    FROM web_sessions JOIN accounts ON accounts.id = account_id
    LEFT JOIN settings ON scope = 'user' AND scope_id = user_id AND settings.name = 'pictures'
    WHERE web_sessions.token = ? AND seen_at > ? AND made_at > ?
"""
_OF_USER = "account_id IN (SELECT id FROM accounts WHERE user_id = ?)"


@dataclass(frozen=True, slots=True)
class WebSession:
    """A signed-in browser."""

    id: int
    account: Account
    language: str
    seen_at: int
    user_id: int
    look: str  # of pictures and pages, "" for the browser's own


@dataclass(frozen=True, slots=True)
class Browser:
    """A signed-in browser as its owner sees it in a list."""

    id: int
    name: str  # "Firefox on Android"
    made_at: int
    seen_at: int


class WebSessions:
    """Verbs on links and signed-in browsers, over one connection; all but reads belong to the writer."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def offer(self, account: Account, token: str, language: str, *, now: int) -> None:
        """Store a new link for an account; it replaces the account's older ones."""
        row = self._account(account)
        self.db.execute(
            "DELETE FROM web_links WHERE account_id = ? OR made_at <= ?", (row, now - LINK_SECONDS)
        )
        self.db.execute("INSERT INTO web_links VALUES (?, ?, ?, ?)", (digest(token), row, language, now))

    def is_open(self, token: str, *, now: int) -> bool:
        """Tell whether a link is valid still."""
        row = self.db.execute(
            "SELECT 1 FROM web_links WHERE token = ? AND made_at > ?", (digest(token), now - LINK_SECONDS)
        ).fetchone()
        return row is not None

    def spend(self, link: str, token: str, browser: str, *, now: int) -> bool:
        """Turn a link into a session with this token; False if the link is unknown, spent or too old."""
        row = self.db.execute(
            "DELETE FROM web_links WHERE token = ? RETURNING account_id, language, made_at", (digest(link),)
        ).fetchone()
        if row is None or row[2] <= now - LINK_SECONDS:
            return False
        self._begin(row[0], token, row[1], browser, now)
        return True

    def begin(self, account: Account, token: str, language: str, browser: str, *, now: int) -> None:
        """Start a session for an account that has proved itself otherwise."""
        self._begin(self._account(account), token, language, browser, now)

    def _begin(self, account_id: int, token: str, language: str, browser: str, now: int) -> None:
        self.db.execute(
            "DELETE FROM web_sessions WHERE seen_at <= ? OR made_at <= ?",
            (now - IDLE_SECONDS, now - LONGEST_SECONDS),
        )
        self.db.execute(
            "INSERT INTO web_sessions (token, account_id, language, browser, made_at, seen_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (digest(token), account_id, language, browser, now, now),
        )
        self.db.execute(
            "DELETE FROM web_sessions WHERE account_id = :account AND id NOT IN"
            " (SELECT id FROM web_sessions WHERE account_id = :account ORDER BY seen_at DESC, id DESC"
            " LIMIT :n)",
            {"account": account_id, "n": MOST_SESSIONS},
        )

    def find(self, token: str, *, now: int) -> WebSession | None:
        """Return the session with this token, None if there is none or it has run out."""
        since = (digest(token), now - IDLE_SECONDS, now - LONGEST_SECONDS)
        row = self.db.execute(_SIGNED_IN, since).fetchone()
        if row is None:
            return None
        number, platform, external_id, name, *others = row
        return WebSession(number, Account(platform, external_id, name), *others)

    def see(self, session_id: int, *, now: int) -> None:
        """Note a visit."""
        self.db.execute("UPDATE web_sessions SET seen_at = ? WHERE id = ?", (now, session_id))

    def of(self, user_id: int, *, now: int) -> list[Browser]:
        """Return a user's signed-in browsers, the latest visit first."""
        rows = self.db.execute(
            f"SELECT id, browser, made_at, seen_at FROM web_sessions WHERE {_OF_USER}"
            " AND seen_at > ? AND made_at > ? ORDER BY seen_at DESC, id DESC",
            (user_id, now - IDLE_SECONDS, now - LONGEST_SECONDS),
        )
        return [Browser(*row) for row in rows.fetchall()]

    def end(self, user_id: int, session_id: int | None = None) -> int:
        """End one of a user's sessions, by default all, and every open link; return how many ended."""
        self.db.execute(f"DELETE FROM web_links WHERE {_OF_USER}", (user_id,))
        only = "" if session_id is None else " AND id = ?"
        values = (user_id,) if session_id is None else (user_id, session_id)
        return int(self.db.execute(f"DELETE FROM web_sessions WHERE {_OF_USER}{only}", values).rowcount)

    def _account(self, account: Account) -> int:
        row = self.db.execute(
            "SELECT id FROM accounts WHERE platform = ? AND external_id = ?",
            (account.platform, account.external_id),
        ).fetchone()
        if row is None:
            raise LookupError("an account that has not arrived")
        return int(row[0])


def digest(token: str) -> str:
    """Return the form in which a token is stored: random tokens need no salt."""
    return hashlib.sha256(token.encode()).hexdigest()
