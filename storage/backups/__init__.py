"""Backups: copies of the database in one file each, which is verified before it is used.

A backup is a zip file of `manifest.json` and the database: `segue.db`, or `segue.db.encrypted` in frames of
Fernet (see `storage.backups.frames`).  Without encryption any zip program can unpack it.
"""

import json
import sqlite3
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol, Self
from zipfile import BadZipFile, ZipFile

from storage.errors import BusyError, NotADatabaseError, StorageError

MANIFEST, PLAIN, ENCRYPTED = "manifest.json", "segue.db", "segue.db.encrypted"
FORMAT = 1
COUNTED = ("users", "accounts", "communities", "artists", "tracks", "events", "slates", "connections")
"""Tables whose rows a manifest counts."""

_DAMAGE = (BadZipFile, KeyError, ValueError, TypeError)


class Cipher(Protocol):
    """What encrypts frames: `cryptography.fernet.MultiFernet`."""

    def encrypt(self, msg: bytes) -> bytes:
        """Return a Fernet token."""
        ...

    def decrypt(self, msg: bytes) -> bytes:
        """Return its content; raise `InvalidToken` if no key fits."""
        ...


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds."""

    format: int
    made_by: str  # version and commit of Segue
    created_at: int  # seconds since 1970
    identity: str  # of the database, see `Store.identity`; "" before it had one
    schema: list[str]  # names of the migrations applied
    counts: dict[str, int]  # rows by table
    size: int  # of the database, in bytes
    sha256: str  # of the database
    encrypted: bool

    @classmethod
    def read(cls, backup: ZipFile, path: Path) -> Self:
        """Read the manifest of an open backup; raise NotADatabaseError if there is none."""
        try:
            found = cls(**json.loads(backup.read(MANIFEST)))
        except _DAMAGE as error:
            raise NotADatabaseError(f"{path} is no backup of Segue; choose another file.") from error
        if found.format > FORMAT:
            raise StorageError(f"{path} was made by a newer Segue ({found.made_by}); upgrade Segue.")
        return found

    def json(self) -> str:
        """Return the manifest as JSON."""
        return json.dumps(asdict(self), indent=2) + "\n"

    def figures(self) -> dict[str, Any]:
        """Return the manifest with the number of migrations in place of their names."""
        return {**asdict(self), "schema": len(self.schema)}


def described(path: Path) -> tuple[str, list[str], dict[str, int]]:
    """Return the identity, the migrations and the counts of a database of any earlier schema.

    Raises NotADatabaseError if the file is damaged or violates its foreign keys.
    """
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if found == "ok" and (row := connection.execute("PRAGMA foreign_key_check").fetchone()):
            found = f"a row of {row[0]} names a row of {row[2]} that is not there"
        if found != "ok":
            raise NotADatabaseError(f"The database is damaged ({found}); `segue check` says more.")
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        named = "SELECT value FROM settings WHERE scope = 'app' AND name = 'identity'"
        identity = connection.execute(named).fetchone()
        schema = connection.execute("SELECT name FROM _sqlite_migrations ORDER BY id").fetchall()
        counts = {
            table: int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
            for table in COUNTED
            if table in tables
        }
    except sqlite3.DatabaseError as error:
        raise NotADatabaseError(f"The database is damaged ({error}); `segue check` says more.") from error
    finally:
        connection.close()
    return identity[0] if identity else "", [name for (name,) in schema], counts


def digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal digits."""
    found = sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            found.update(block)
    return found.hexdigest()


def is_busy(error: sqlite3.Error) -> bool:
    """Tell whether another connection holds the lock that was wanted."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def retire(database: Path) -> Path:
    """Rename a database with its write-ahead log out of the way; return its new path.

    Raises BusyError if another program has it open.  An earlier retired database is replaced.
    """
    connection = sqlite3.connect(database, timeout=0)
    try:
        # Leaving WAL needs the file for itself, and folds the log into it.
        connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.DatabaseError as error:
        if is_busy(error):
            raise BusyError(f"{database} is in use: stop Segue, then restore.") from error
        # A damaged one is moved as it is, with all its files.
    finally:
        connection.close()
    kept = database.with_name(f"{database.name}.replaced")
    for suffix in ("-wal", "-shm", ""):
        old, new = (path.with_name(path.name + suffix) for path in (database, kept))
        new.unlink(missing_ok=True)
        if old.exists():
            old.replace(new)
    return kept
