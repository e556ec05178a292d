"""Checks of the SQLite library and the database file."""

import sqlite3
from pathlib import Path

from sqlite_utils import Database

from storage.errors import NotADatabaseError
from storage.store import Store


def sqlite_version() -> str:
    """Return the version of the SQLite library that Python uses."""
    return sqlite3.sqlite_version


def has_full_text_search() -> bool:
    """Tell whether SQLite has FTS5, which finds tracks by name."""
    with Database(memory=True) as db:
        return bool(db.execute("SELECT sqlite_compileoption_used('ENABLE_FTS5')").fetchone()[0])


def examine(path: Path) -> dict[str, int]:
    """Read the whole file and return the counts of the catalogue.

    Raises StorageError if the file cannot be opened or is damaged.
    """
    with Store.open(path, readonly=True) as store:
        try:
            found = store.db.execute("PRAGMA quick_check(1)").fetchone()[0]
            counts = store.music.counts()
        except sqlite3.DatabaseError as error:
            found = str(error)
        if found != "ok":
            raise NotADatabaseError(f"{path} is damaged ({found}); put back a copy, or start a new file.")
        return counts


def profile_differences(path: Path) -> int:
    """Return how many rows of kept profiles differ from a full reading of the log.

    Raises StorageError if the file cannot be opened or is damaged.
    """
    with Store.open(path, readonly=True) as store:
        try:
            return store.profiles.differences()
        except sqlite3.DatabaseError as error:
            raise NotADatabaseError(f"{path} is damaged ({error}); put back a copy.") from error
