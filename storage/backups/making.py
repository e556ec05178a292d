"""Making a backup while other connections write."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from storage.backups import ENCRYPTED, FORMAT, MANIFEST, PLAIN, Cipher, Manifest, described, digest, is_busy
from storage.backups.frames import seal
from storage.disk import created, private_file, private_folder, synced
from storage.errors import BusyError, DiskFullError, NotADatabaseError, StorageError

_PATIENCE_SECONDS = 30.0


def make(database: Path, target: Path, *, made_by: str, now: int, cipher: Cipher | None = None) -> Manifest:
    """Copy the database into the new file `target`, compressed, and encrypted with a `cipher`.

    The copy is one committed state, at some moment after the call, and no write waits for it.  It is checked
    before it is packed; `target` appears when all of it is on disk.  Raises StorageError if `target` exists,
    NotADatabaseError if the database is damaged, DiskFullError if there is too little space.
    """
    if target.exists():
        raise StorageError(f"{target} exists already; choose another name.")
    private_folder(target.parent)
    _leave_room(database, target)
    copy, part = (target.with_name(f"{target.name}.{name}") for name in ("copying", "packing"))
    with _removed(copy), _removed(part):
        _copy(database, copy)
        identity, schema, counts = described(copy)
        manifest = Manifest(
            FORMAT,
            made_by,
            now,
            identity,
            schema,
            counts,
            copy.stat().st_size,
            digest(copy),
            cipher is not None,
        )
        _pack(copy, part, manifest, cipher)
        synced(part)
        part.replace(target)
    synced(target.parent)
    return manifest


def _leave_room(database: Path, target: Path) -> None:
    try:
        size = sum(
            path.stat().st_size
            for path in (database, database.with_name(f"{database.name}-wal"))
            if path.exists()
        )
    except OSError as error:
        raise StorageError(f"{database} cannot be read ({error.strerror}).") from error
    # The copy, and its compressed form, which is at most as long.
    if shutil.disk_usage(target.parent).free < 2 * size:
        raise DiskFullError(
            f"{target.parent} has no room for a backup: it takes up to {2 * size / 1e6:,.0f} MB. Make room "
            "there, and try again."
        )


@contextmanager
def _removed(path: Path) -> Iterator[None]:
    """Remove a working file before and after its use: a killed backup leaves one behind."""
    path.unlink(missing_ok=True)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _copy(database: Path, copy: Path) -> None:
    private_file(copy)
    uri = f"{database.absolute().as_uri()}?mode=ro"
    try:
        with (
            closing(sqlite3.connect(uri, uri=True, timeout=_PATIENCE_SECONDS)) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            # All pages in one step: one read transaction, which in WAL mode delays no writer.
            source.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")  # one file, without a write-ahead log
    except sqlite3.OperationalError as error:
        if is_busy(error):
            raise BusyError(f"{database} is busy: another program keeps it locked; try again.") from error
        raise StorageError(
            f"{database} cannot be copied ({error}); check the file and its rights."
        ) from error
    except sqlite3.DatabaseError as error:
        raise NotADatabaseError(f"{database} is no Segue database ({error}); choose another file.") from error


def _pack(copy: Path, part: Path, manifest: Manifest, cipher: Cipher | None) -> None:
    # A database of over 4 GB needs zip64 from the first byte on.
    with created(part) as file, ZipFile(file, "w", ZIP_DEFLATED) as backup:
        backup.writestr(MANIFEST, manifest.json())
        if cipher is None:
            backup.write(copy, PLAIN)
            return
        ident = bytes.fromhex(manifest.sha256)[:16]
        with copy.open("rb") as plain:
            backup.compression = ZIP_STORED  # compressed already, and encrypted bytes cannot be
            with backup.open(ENCRYPTED, "w", force_zip64=True) as sealed:
                seal(plain, sealed, cipher, ident)
