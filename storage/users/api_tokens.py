"""API tokens: what a program may do for an account, known by a hash; and the answers it already got."""

import hmac
from typing import NamedTuple

from sqlite_utils import Database

from storage.records import Account

ANSWER_SECONDS = 86_400
"""Lifetime of a stored answer, for a program that asks again with the same key."""
ABANDONED_SECONDS = 60
"""After this time without an answer, a request is taken to have died with its process."""

API_ACCESS = """
CREATE TABLE api_tokens (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
    name TEXT NOT NULL,
    hash BLOB NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    used_at INTEGER,
    UNIQUE (account_id, name)
);
CREATE TABLE api_answers (
    token_id INTEGER NOT NULL REFERENCES api_tokens ON DELETE CASCADE,
    key TEXT NOT NULL,
    request BLOB NOT NULL,
    made_at INTEGER NOT NULL,
    status INTEGER,
    media_type TEXT,
    body BLOB,
    PRIMARY KEY (token_id, key)
) WITHOUT ROWID;
CREATE INDEX api_answers_made ON api_answers (made_at);
CREATE TABLE uploads (
    id TEXT PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
    name TEXT NOT NULL,
    size INTEGER NOT NULL,
    made_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    told TEXT
) WITHOUT ROWID;
CREATE INDEX uploads_account ON uploads (account_id)
"""
"""Tables of tokens, of answers by idempotency key (status NULL: not answered yet), and of files on the way.

A token belongs to an account: when accounts are linked or unlinked, it goes where its account goes.
"""

_TOKENS = """
    SELECT api_tokens.id, api_tokens.name, scopes, made_at, used_at, platform, external_id, accounts.name,
           user_id, hash
    FROM api_tokens JOIN accounts ON accounts.id = account_id
"""


class ApiToken(NamedTuple):
    """A token, without its secret."""

    id: int
    name: str
    scopes: frozenset[str]
    made_at: int
    used_at: int | None
    account: Account
    user_id: int


class StoredAnswer(NamedTuple):
    """The answer to a request with an idempotency key; `status` is None while it is being made."""

    request: bytes  # digest of what was asked
    status: int | None
    media_type: str
    body: bytes
    made_at: int  # when the first request with the key came


class ApiTokens:
    """Verbs on API tokens, over one connection."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def add(self, account: Account, name: str, digest: bytes, scopes: frozenset[str], *, now: int) -> bool:
        """Store a token of a known account; return False if the account has one with that name."""
        stored = self.db.execute(
            "INSERT INTO api_tokens (account_id, name, hash, scopes, made_at)"
            " SELECT id, ?, ?, ?, ? FROM accounts WHERE platform = ? AND external_id = ?"
            " ON CONFLICT (account_id, name) DO NOTHING",
            (name, digest, " ".join(sorted(scopes)), now, account.platform, account.external_id),
        )
        return stored.rowcount == 1

    def of_user(self, user_id: int) -> list[ApiToken]:
        """Return the tokens of all accounts of a user, oldest first."""
        rows = self.db.execute(f"{_TOKENS} WHERE user_id = ? ORDER BY api_tokens.id", (user_id,))
        return [_token(row) for row in rows]

    def find(self, digest: bytes) -> ApiToken | None:
        """Return the token with this hash, None if there is none (any more)."""
        row = self.db.execute(f"{_TOKENS} WHERE hash = ?", (digest,)).fetchone()
        # The index compares bytes one by one, but of a hash, which nobody can steer.
        return _token(row) if row is not None and hmac.compare_digest(row[-1], digest) else None

    def remove(self, token_id: int) -> None:
        """Remove a token and its answers."""
        self.db.execute("DELETE FROM api_tokens WHERE id = ?", (token_id,))

    def used(self, token_id: int, *, now: int) -> None:
        """Record when a token was last used."""
        self.db.execute("UPDATE api_tokens SET used_at = ? WHERE id = ?", (now, token_id))

    def begin(self, token_id: int, key: str, request: bytes, *, now: int) -> tuple[StoredAnswer, bool]:
        """Reserve an idempotency key; return what is stored under it, and whether it is ours to answer.

        A request that died with its process may be answered again. Answers older than `ANSWER_SECONDS` are
        removed first.
        """
        self.db.execute("DELETE FROM api_answers WHERE made_at <= ?", (now - ANSWER_SECONDS,))
        row = self.db.execute(
            "SELECT request, status, media_type, body, made_at FROM api_answers"
            " WHERE token_id = ? AND key = ?",
            (token_id, key),
        ).fetchone()
        if row is not None:
            stored = StoredAnswer(bytes(row[0]), row[1], row[2] or "", bytes(row[3] or b""), row[4])
            died = stored.status is None and stored.made_at <= now - ABANDONED_SECONDS
            return stored, died and stored.request == request
        self.db.execute(
            "INSERT INTO api_answers (token_id, key, request, made_at) VALUES (?, ?, ?, ?)",
            (token_id, key, request, now),
        )
        return StoredAnswer(request, None, "", b"", now), True

    def finish(self, token_id: int, key: str, answer: StoredAnswer | None) -> None:
        """Store the answer under its key; None frees the key, for another try."""
        if answer is None:
            self.db.execute("DELETE FROM api_answers WHERE token_id = ? AND key = ?", (token_id, key))
            return
        self.db.execute(
            "UPDATE api_answers SET status = ?, media_type = ?, body = ? WHERE token_id = ? AND key = ?",
            (answer.status, answer.media_type, answer.body, token_id, key),
        )


def _token(row: tuple[int, str, str, int, int | None, str, str, str, int, bytes]) -> ApiToken:
    number, name, scopes, made_at, used_at, platform, external_id, called, user_id, _ = row
    account = Account(platform, external_id, called)
    return ApiToken(number, name, frozenset(scopes.split()), made_at, used_at, account, user_id)
