"""Numbers of erased users, in a table and in a list beside the backups: a restore erases them again.

A number says nothing of a person: a user's id, and when that user was made.  The second tells users apart
after a restore, which gives ids out again.
"""

from collections.abc import Collection
from pathlib import Path

from sqlite_utils import Database

from storage.backups import beside
from storage.users.erasures import Erasures

LIST = "erased-users.json"
"""The list's name in a folder of backups; it holds the users of any number of databases."""

User = tuple[int, int]  # id, created_at


class Erased:
    """Verbs on erased users, over one connection."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def all(self) -> frozenset[User]:
        """Return everybody who was erased from this database."""
        rows = self.db.execute("SELECT user_id, created_at FROM erased_users").fetchall()
        return frozenset((int(user), int(made)) for user, made in rows)

    def repeat(self, gone: Collection[User]) -> int:
        """Erase those of `gone` who are here, inside a transaction; return how many were.

        All are written down again, since this database does not know of those erased later.
        """
        insert = "INSERT INTO erased_users (user_id, created_at) VALUES (?, ?) ON CONFLICT DO NOTHING"
        self.db.conn.executemany(insert, sorted(gone))
        here = "SELECT 1 FROM users WHERE id = ? AND created_at = ?"
        found = [user for user in sorted(gone) if self.db.execute(here, user).fetchone()]
        for user_id, _ in found:
            Erasures(self.db).forget(user_id)
        return len(found)


def listed(folder: Path, identity: str) -> frozenset[User] | None:
    """Return the users of a database who are listed as erased; None if `folder` has no list of it."""
    found = beside.listed(folder, LIST, identity)
    return None if found is None else frozenset((user, made) for user, made in found)


def write_list(folder: Path, identity: str, gone: frozenset[User]) -> None:
    """Add erased users of a database to the list in `folder`; others in it stay."""
    known = listed(folder, identity)
    if known is None or not gone <= known:
        beside.write_list(folder, LIST, identity, sorted(gone | (known or frozenset())))
