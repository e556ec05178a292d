"""Credentials that work, in a list beside the backups: a restore revives none that was ended since.

They are hashes of API tokens and of the cookies of signed-in browsers; a hash says nothing of a person.
"""

import json
from pathlib import Path

from sqlite_utils import Database

from storage.backups import beside

LIST = "credentials.json"
"""The list's name in a folder of backups; it holds the credentials of any number of databases."""

_ALL = "SELECT lower(hex(hash)) FROM api_tokens UNION ALL SELECT token FROM web_sessions"
_OTHERS = "{} NOT IN (SELECT value FROM json_each(?))"
_ENDED = (("api_tokens", "lower(hex(hash))"), ("web_sessions", "token"))


class Credentials:
    """Verbs on all credentials, over one connection."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def all(self) -> frozenset[str]:
        """Return the hashes of everything that signs somebody in, but links, which live for minutes."""
        return frozenset(row for (row,) in self.db.execute(_ALL).fetchall())

    def keep_only(self, valid: frozenset[str]) -> int:
        """End all others, and every link, inside a transaction; return how many others there were."""
        kept = json.dumps(sorted(valid))
        self.db.execute("DELETE FROM web_links")
        return sum(
            self.db.execute(f"DELETE FROM {table} WHERE {_OTHERS.format(column)}", (kept,)).rowcount
            for table, column in _ENDED
        )


def listed(folder: Path, identity: str) -> frozenset[str] | None:
    """Return the credentials of a database that work; None if `folder` has no list of it."""
    found = beside.listed(folder, LIST, identity)
    return None if found is None else frozenset(found)


def write_list(folder: Path, identity: str, valid: frozenset[str]) -> None:
    """Replace the credentials of a database in the list in `folder`."""
    if listed(folder, identity) != valid:
        beside.write_list(folder, LIST, identity, sorted(valid))
