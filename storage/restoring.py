"""Restoring a backup: verified first, into a new place, without who was erased or what was ended since."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile, ZipFile
from zlib import error as ZlibError  # noqa: N812 - a class with the name of a variable

from storage.backups import ENCRYPTED, PLAIN, Cipher, Manifest, credentials, described, erased, retire
from storage.backups.credentials import Credentials
from storage.backups.erased import Erased, User
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
    ended: int  # API tokens and browsers' sign-ins that do not work again
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
    Of API tokens and signed-in browsers only those in that database work on, else those in the list of them
    beside the backup, else none.
    A database that is there is only moved aside if `replace`; its trained models are removed.  Raises
    StorageError if it is there otherwise, or if the backup is newer than this Segue; BusyError if the
    database is in use; NotADatabaseError if the backup is damaged.
    """
    if database.exists() and not replace:
        raise StorageError(f"{database} exists already; give another place, or --replace to move it aside.")
    private_folder(database.parent)
    part = database.with_name(f"{database.name}.restoring")
    with _unpacked(path, part, cipher) as manifest:
        since = _since(path.parent, database, manifest.identity)
        with Store.open(part) as store:
            with store.db.atomic():
                again = Erased(store.db).repeat(since.gone)
                ended = Credentials(store.db).keep_only(since.valid)
                Outbox(store.db).close()
            store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        replaced = retire(database) if database.exists() else None
        synced(part)
        part.replace(database)
        synced(database.parent)
        shutil.rmtree(database.with_name(f"{database.name}.models"), ignore_errors=True)
    return Restored(manifest, again, ended, since.has_list, replaced)


class _Since(NamedTuple):
    """What is known of the time since a backup."""

    gone: frozenset[User]  # who was erased
    valid: frozenset[str]  # credentials that still work
    has_list: bool  # whether anything tells of erased users


def _since(folder: Path, database: Path, identity: str) -> _Since:
    gone, valid = erased.listed(folder, identity), credentials.listed(folder, identity)
    has_list = gone is not None
    gone, valid = gone or frozenset(), valid or frozenset()
    try:
        if database.exists():
            with Store.open(database, readonly=True) as store:
                if store.identity() == identity:
                    return _Since(gone | Erased(store.db).all(), Credentials(store.db).all(), has_list=True)
    except StorageError:  # damaged, or older than these tables: this is why it is replaced
        pass
    return _Since(gone, valid, has_list)


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
