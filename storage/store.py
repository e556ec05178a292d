"""The store: one connection to the database and its verbs."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

from sqlite_utils import Database

from storage.backups.making import make
from storage.backups.rotation import before_upgrade
from storage.catalogue.music import Music
from storage.catalogue.upkeep import bring_up, is_behind
from storage.catalogue.vocabulary import Vocabulary
from storage.disk import private_file
from storage.errors import BusyError, NewerSchemaError, NotADatabaseError, StorageError
from storage.listening.listens import Listens
from storage.listening.log import Log
from storage.listening.profiles import ProfileCache, Profiles
from storage.listening.slates import Slates
from storage.migrations import IDENTITY, migrations
from storage.users.people import People

# SQLite's own busy handler sleeps up to 100 ms at a time; the writer retries by itself, faster.
_BUSY_TIMEOUT_MS = 10_000
_OPENING_SECONDS = 20.0
_CACHE_KIB = 65_536
_MMAP_BYTES = 1 << 30
# A WAL that a big import has grown is cut back to this size at the next checkpoint.
_WAL_BYTES = 64 << 20
# Four times SQLite's default: indexes on random keys write to the same pages again and again.
_CHECKPOINT_PAGES = 4000


class Store:
    """One connection to the database, by noun: `store.people`, `.music`, `.log`, `.slates`, `.profiles` ...

    A store belongs to the thread that opened it.  Writing verbs need a transaction: hand them to
    `storage.writer.Writer`.
    """

    def __init__(self, db: Database, vocabulary: Vocabulary, cache: ProfileCache | None = None) -> None:
        self.db = db
        self.vocabulary = vocabulary
        self.people = People(db)
        self.music = Music(db)
        self.log = Log(db)
        self.slates = Slates(db)
        self.listens = Listens(db)
        self.profiles = Profiles(db, cache)

    @classmethod
    def open(
        cls,
        path: Path | str,
        *,
        readonly: bool = False,
        vocabulary: Vocabulary | None = None,
        cache: ProfileCache | None = None,
    ) -> Self:
        """Open the database at `path`; when writable, create it or migrate its schema.

        Stores on the same database may share one `vocabulary`, which search keeps in memory, and those that
        only read one `cache` of profiles. Raises StorageError if the file is not a Segue database or a newer
        version wrote it.
        """
        path = Path(path)
        connection = _connect(path, readonly=readonly)
        try:
            with _readable_errors(path):
                db = Database(connection)
                _tune(db, readonly=readonly)
                _refuse_strangers(db, path)
                if readonly:
                    _refuse_older(db, path)
                else:
                    _migrate(db, path)
        except BaseException:
            connection.close()
            raise
        return cls(db, vocabulary or Vocabulary(), cache)

    def identity(self) -> str:
        """Return the random name of this database; copies of it share the name."""
        return self.people.setting("app", 0, IDENTITY) or ""

    def close(self) -> None:
        """Close the connection; the last connection to close folds the write-ahead log into the file."""
        self.db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _connect(path: Path, *, readonly: bool) -> sqlite3.Connection:
    if not readonly:
        with suppress(OSError):  # SQLite names the fault better; its other files copy this one's rights
            private_file(path)
    uri = f"{path.absolute().as_uri()}?mode={'ro' if readonly else 'rwc'}"
    try:
        return sqlite3.connect(uri, uri=True, timeout=_BUSY_TIMEOUT_MS / 1000, cached_statements=512)
    except sqlite3.Error as error:
        raise StorageError(f"{path} cannot be opened ({error}); check the folder and its rights.") from error


@contextmanager
def _readable_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise BusyError(f"{path} is busy: another program keeps it locked; try again.") from error
        raise StorageError(f"{path} cannot be opened ({error}); check the file and its rights.") from error
    except sqlite3.DatabaseError as error:
        raise NotADatabaseError(f"{path} is no Segue database ({error}); choose another file.") from error


def _tune(db: Database, *, readonly: bool) -> None:
    if not readonly:
        _enter_wal(db)
    for pragma in (
        "synchronous = FULL",
        "foreign_keys = ON",
        "secure_delete = ON",  # an erased user leaves no bytes in the file
        f"cache_size = -{_CACHE_KIB}",
        f"mmap_size = {_MMAP_BYTES}",
        f"journal_size_limit = {_WAL_BYTES}",
        f"wal_autocheckpoint = {_CHECKPOINT_PAGES}",
        "temp_store = MEMORY",
    ):
        db.execute(f"PRAGMA {pragma}")


def _enter_wal(db: Database) -> None:
    # Two processes that open a new file at once can collide here, where SQLite does not wait by itself.
    deadline = time.monotonic() + _OPENING_SECONDS
    while True:
        try:
            if db.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                db.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _refuse_strangers(db: Database, path: Path) -> None:
    with db.atomic():  # one snapshot: another process may be creating the schema right now
        applied = {migration.name for migration in migrations.applied(db)}
        if not applied and db.table_names():
            raise NotADatabaseError(f"{path} is the database of another program; choose another file.")
    with Database(memory=True) as empty:
        ours = {migration.name for migration in migrations.pending(empty)}
    if newer := applied - ours:
        steps = ", ".join(sorted(newer))
        raise NewerSchemaError(
            f"{path} comes from a newer Segue ({steps}); upgrade Segue. To go back to this one, restore a "
            "backup from before the upgrade: segue restore FILE."
        )


def _refuse_older(db: Database, path: Path) -> None:
    if migrations.pending(db):
        raise StorageError(f"{path} is from an older Segue; start Segue once to bring it up to date.")


def _migrate(db: Database, path: Path) -> None:
    if not migrations.pending(db) and not is_behind(db):
        return
    db.execute("BEGIN IMMEDIATE")  # of two processes the second finds nothing to do
    try:
        if migrations.applied(db) and (migrations.pending(db) or is_behind(db)):
            now = int(time.time())
            make(path, before_upgrade(path, now), made_by="an upgrade of Segue", now=now)
        migrations.apply(db)
        if is_behind(db):
            bring_up(db)
    except BaseException:
        db.rollback()
        raise
    db.commit()
