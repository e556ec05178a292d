"""Uploads: files of listening histories that arrive in pieces, and what became of them."""

import json
from typing import Any, Literal, NamedTuple, cast

from sqlite_utils import Database

from storage.records import Account

UploadState = Literal["receiving", "importing", "done", "failed"]

_UPLOADS = """
    SELECT uploads.id, uploads.name, size, made_at, state, told, platform, external_id, accounts.name, user_id
    FROM uploads JOIN accounts ON accounts.id = account_id
"""


class Upload(NamedTuple):
    """A file on its way, or read."""

    id: str
    name: str
    size: int  # bytes, once it is whole
    made_at: int
    state: UploadState
    told: dict[str, Any] | None  # the report, or the sentence of a failure
    account: Account
    user_id: int


class Uploads:
    """Verbs on uploads, over one connection."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def add(self, account: Account, upload_id: str, name: str, size: int, *, now: int) -> None:
        """Store a new upload of a known account."""
        self.db.execute(
            "INSERT INTO uploads (id, account_id, name, size, made_at, state)"
            " SELECT ?, id, ?, ?, ?, 'receiving' FROM accounts WHERE platform = ? AND external_id = ?",
            (upload_id, name, size, now, account.platform, account.external_id),
        )

    def find(self, user_id: int, upload_id: str) -> Upload | None:
        """Return an upload of this user, None if there is none with that id."""
        row = self.db.execute(
            f"{_UPLOADS} WHERE user_id = ? AND uploads.id = ?", (user_id, upload_id)
        ).fetchone()
        return None if row is None else _upload(row)

    def of_user(self, user_id: int) -> list[Upload]:
        """Return the uploads of a user, oldest first."""
        rows = self.db.execute(f"{_UPLOADS} WHERE user_id = ? ORDER BY made_at, uploads.id", (user_id,))
        return [_upload(row) for row in rows]

    def importing(self) -> list[Upload]:
        """Return the uploads of all users whose import has begun and not ended."""
        rows = self.db.execute(f"{_UPLOADS} WHERE state = 'importing' ORDER BY made_at, uploads.id")
        return [_upload(row) for row in rows]

    def ids(self) -> frozenset[str]:
        """Return the ids of all uploads."""
        return frozenset(row[0] for row in self.db.execute("SELECT id FROM uploads"))

    def enter(self, upload_id: str, state: UploadState, told: dict[str, Any] | None = None) -> None:
        """Store the state of an upload, and what to tell of it."""
        text = None if told is None else json.dumps(told, ensure_ascii=False)
        self.db.execute("UPDATE uploads SET state = ?, told = ? WHERE id = ?", (state, text, upload_id))

    def remove(self, upload_id: str) -> None:
        """Remove an upload."""
        self.db.execute("DELETE FROM uploads WHERE id = ?", (upload_id,))

    def remove_older(self, made_at: int) -> None:
        """Remove uploads that were begun before a time."""
        self.db.execute("DELETE FROM uploads WHERE made_at < ?", (made_at,))


def _upload(row: tuple[Any, ...]) -> Upload:
    upload_id, name, size, made_at, state, told, platform, external_id, called, user_id = row
    read = None if told is None else cast("dict[str, Any]", json.loads(told))
    return Upload(
        upload_id, name, size, made_at, state, read, Account(platform, external_id, called), user_id
    )
