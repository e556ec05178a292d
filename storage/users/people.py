"""Users, their accounts, communities, friends and settings."""

from collections.abc import Iterable
from typing import Any

from sqlite_utils import Database

from storage.chats.cards import current
from storage.records import Account, Community
from storage.users.erasures import Erasures
from storage.users.export import export

_CALLED = "accounts.platform = ? AND accounts.external_id = ? AND accounts.name = ?"
_MET = f"""
    SELECT accounts.user_id, communities.id FROM accounts
    JOIN memberships ON memberships.user_id = accounts.user_id
    JOIN communities ON communities.id = memberships.community_id
    WHERE {_CALLED} AND communities.platform = ? AND communities.external_id = ?
    AND communities.kind = ? AND communities.name = ?
"""


class People:
    """Verbs on users and communities, over one connection."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def ensure(self, account: Account, *, now: int) -> int:
        """Return the user of an account; create the user of a new account, update a changed name."""
        row = self.db.execute(
            "SELECT user_id, name FROM accounts WHERE platform = ? AND external_id = ?",
            (account.platform, account.external_id),
        ).fetchone()
        if row is None:
            return self._create(account, now)
        if row[1] != account.name:
            self.db.execute(
                "UPDATE accounts SET name = ? WHERE platform = ? AND external_id = ?",
                (account.name, account.platform, account.external_id),
            )
        return int(row[0])

    def met(self, account: Account, community: Community | None) -> tuple[int, int | None] | None:
        """Return (user, community) if both are stored under their current names and the user is a member.

        Returns None if `ensure`, `ensure_community` or `join` has something to write.
        """
        names = (account.platform, account.external_id, account.name)
        if community is None:
            row = self.db.execute(f"SELECT user_id, NULL FROM accounts WHERE {_CALLED}", names).fetchone()
        else:
            place = (community.platform, community.external_id, community.kind, community.name)
            row = self.db.execute(_MET, (*names, *place)).fetchone()
        return None if row is None else (int(row[0]), row[1])

    def _create(self, account: Account, now: int) -> int:
        with self.db.atomic():
            user_id = self.db.execute("INSERT INTO users (created_at) VALUES (?)", (now,)).lastrowid
            self.db.execute(
                "INSERT INTO accounts (platform, external_id, user_id, name) VALUES (?, ?, ?, ?)",
                (account.platform, account.external_id, user_id, account.name),
            )
        return int(user_id or 0)

    def find(self, platform: str, external_id: str) -> int | None:
        """Return the user of an account, None if the account is unknown."""
        row = self.db.execute(
            "SELECT user_id FROM accounts WHERE platform = ? AND external_id = ?", (platform, external_id)
        ).fetchone()
        return None if row is None else int(row[0])

    def ensure_community(self, community: Community) -> int:
        """Return the id of a community; create a new one, update a changed name."""
        platform = community.platform
        names = (platform, current(self.db, platform, community.external_id))
        row = self.db.execute(
            "SELECT id, kind, name FROM communities WHERE platform = ? AND external_id = ?", names
        ).fetchone()
        if row is None:
            values = (*names, community.kind, community.name)
            cursor = self.db.execute(
                "INSERT INTO communities (platform, external_id, kind, name) VALUES (?, ?, ?, ?)", values
            )
            return int(cursor.lastrowid or 0)
        if row[1:] != (community.kind, community.name):
            self.db.execute(
                "UPDATE communities SET kind = ?, name = ? WHERE id = ?",
                (community.kind, community.name, row[0]),
            )
        return int(row[0])

    def join(self, community_id: int, user_id: int, *, now: int) -> None:
        """Add a user to a community; joining twice changes nothing."""
        self.db.execute(
            "INSERT INTO memberships (community_id, user_id, joined_at) VALUES (?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            (community_id, user_id, now),
        )

    def leave(self, community_id: int, user_id: int) -> None:
        """Remove a user from a community."""
        self.db.execute(
            "DELETE FROM memberships WHERE community_id = ? AND user_id = ?", (community_id, user_id)
        )

    def communities(self) -> list[tuple[int, int]]:
        """Return all memberships as (community_id, user_id), in order."""
        return self.db.execute("SELECT community_id, user_id FROM memberships ORDER BY 1, 2").fetchall()

    def user_ids(self) -> list[int]:
        """Return all users, ascending."""
        return [user_id for (user_id,) in self.db.execute("SELECT id FROM users ORDER BY id")]

    def befriend(self, pairs: Iterable[tuple[int, int]]) -> int:
        """Store friendships in both directions; return the number of new pairs."""
        both = [(a, b) for pair in pairs for a, b in (pair, pair[::-1]) if a != b]
        cursor = self.db.conn.executemany(
            "INSERT INTO friends (user_id, friend_id) VALUES (?, ?) ON CONFLICT DO NOTHING", both
        )
        return max(cursor.rowcount, 0) // 2

    def talks_on(self, platform: str) -> None:
        """Mark a platform as a chat: its events were said there, events from other sources are imported."""
        self.db.execute("INSERT OR IGNORE INTO chats (platform) VALUES (?)", (platform,))

    def chats(self) -> frozenset[str]:
        """Return the platforms marked as chats."""
        return frozenset(row[0] for row in self.db.execute("SELECT platform FROM chats"))

    def setting(self, scope: str, scope_id: int, name: str) -> str | None:
        """Return a setting of a user or community (`scope`), None if it is not set."""
        row = self.db.execute(
            "SELECT value FROM settings WHERE scope = ? AND scope_id = ? AND name = ?",
            (scope, scope_id, name),
        ).fetchone()
        return None if row is None else str(row[0])

    def set_setting(self, scope: str, scope_id: int, name: str, value: str) -> None:
        """Store a setting of a user or community (`scope`)."""
        self.db.execute(
            "INSERT INTO settings (scope, scope_id, name, value) VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET value = excluded.value",
            (scope, scope_id, name, value),
        )

    def exists(self, user_id: int) -> bool:
        """Tell whether a user exists; the id of an erased user is never used again."""
        return self.db.execute("SELECT 1 FROM users WHERE id = ?", (user_id,)).fetchone() is not None

    def forget(self, user_id: int, *, now: int | None = None) -> dict[str, int]:
        """Erase a user everywhere; see `Erasures.forget`."""
        return Erasures(self.db).forget(user_id, now=now)

    def export(self, user_id: int) -> dict[str, Any]:
        """Return all stored data of a user, with the names of tracks and artists, ready for JSON.

        Raises UnknownIdError if the user does not exist.
        """
        return export(self.db, user_id)
