"""Restoring a backup: verified first, into a new place, without the people who were erased since."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from zipfile import BadZipFile, ZipFile
from zlib import error as ZlibError  # noqa: N812 - a class with the name of a variable

from storage.backups import ENCRYPTED, PLAIN, Cipher, Manifest, described, retire
from storage.backups.erased import Erased, listed
from storage.backups.frames import opened
from storage.disk import created, private_folder, synced
from storage.errors import NotADatabaseError, StorageError
from storage.sharing.outbox import Outbox
from storage.store import Store

_DAMAGE = (BadZipFile, EOFError, KeyError, ZlibError)


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did."""

    manifest: Manifest
    erased: int  # users erased again, since they were erased after the backup
    has_list: bool  # whether there was a list of erased users to go by
    replaced: Path | None  # where the database before is now


def verify(path: Path, cipher: Cipher | None = None) -> Manifest:
    """Unpack a backup, check all of it and return its manifest; nothing is kept.

    Raises StorageError as `restore` does.
    """
    with _unpacked(path, path.with_name(f"{path.name}.verifying"), cipher) as manifest:
        return manifest


def restore(path: Path, database: Path, *, cipher: Cipher | None = None, replace: bool = False) -> Restored:
    """Put the database of a backup at `database`, in the schema of today.

    Users in the list of erased ones beside the backup, or in the database that is replaced, are erased again.
    A database that is there is only moved aside if `replace`; its trained models are removed.  Raises
    StorageError if it is there otherwise, or if the backup is newer than this Segue; BusyError if the
    database is in use; NotADatabaseError if the backup is damaged.
    """
    if database.exists() and not replace:
        raise StorageError(f"{database} exists already; give another place, or --replace to move it aside.")
    private_folder(database.parent)
    part = database.with_name(f"{database.name}.restoring")
    with _unpacked(path, part, cipher) as manifest:
        gone = listed(path.parent, manifest.identity) or frozenset()
        has_list = listed(path.parent, manifest.identity) is not None
        if database.exists() and (there := _erased_in(database, manifest.identity)) is not None:
            gone, has_list = gone | there, True
        with Store.open(part) as store:
            with store.db.atomic():
                again = Erased(store.db).repeat(gone)
                Outbox(store.db).close()
            store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        replaced = retire(database) if database.exists() else None
        synced(part)
        part.replace(database)
        synced(database.parent)
        shutil.rmtree(database.with_name(f"{database.name}.models"), ignore_errors=True)
    return Restored(manifest, again, has_list, replaced)


def _erased_in(database: Path, identity: str) -> frozenset[tuple[int, int]] | None:
    """Return who was erased from the database that is to be replaced; None if it cannot tell."""
    try:
        with Store.open(database, readonly=True) as store:
            return Erased(store.db).all() if store.identity() == identity else None
    except StorageError:  # damaged, or older than its list of erased users: this is why it is replaced
        return None


@contextmanager
def _unpacked(path: Path, part: Path, cipher: Cipher | None) -> Iterator[Manifest]:
    """Unpack the database into `part`, verified; it is removed at the end if it is still there."""
    part.unlink(missing_ok=True)
    try:
        with ZipFile(path) as backup:
            manifest = Manifest.read(backup, path)
            _write(part, manifest, _content(backup, manifest, cipher))
        if (manifest.identity, manifest.schema, manifest.counts) != described(part):
            raise NotADatabaseError(f"{path} does not hold what its manifest says; choose another backup.")
        yield manifest
    except _DAMAGE as error:
        raise NotADatabaseError(f"{path} is damaged ({error}); choose another backup.") from error
    finally:
        for suffix in ("", "-wal", "-shm"):
            part.with_name(part.name + suffix).unlink(missing_ok=True)


def _content(backup: ZipFile, manifest: Manifest, cipher: Cipher | None) -> Iterator[bytes]:
    if not manifest.encrypted:
        with backup.open(PLAIN) as file:
            while block := file.read(1 << 20):
                yield block
        return
    if cipher is None:
        raise StorageError("The backup is encrypted: set SEGUE_TOKEN_KEY to the key it was made with.")
    with backup.open(ENCRYPTED) as file:
        yield from opened(file, cipher, bytes.fromhex(manifest.sha256)[:16])


def _write(part: Path, manifest: Manifest, content: Iterator[bytes]) -> None:
    """Write the database; stop at the first byte too many, and check that its hash is the manifest's."""
    found, size = sha256(), 0
    with created(part) as file:
        for block in content:
            size += len(block)
            if size > manifest.size:
                break
            found.update(block)
            file.write(block)
    if size != manifest.size or found.hexdigest() != manifest.sha256:
        raise NotADatabaseError("The backup is damaged: its checksum differs; choose another one.")
