"""Private and durable files: only the owner can read them, and they survive a power failure.

Permissions do not depend on the umask: new files are 0600, new folders 0700.
"""

import errno
import os
import shutil
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import IO

PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700
LEAST_FREE = 200_000_000
"""Bytes that imports leave free: room for a snapshot of a large catalogue and the write-ahead log."""
_OTHERS = 0o077  # permissions of the group and of all others
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def private_folder(path: Path) -> None:
    """Create a folder and its missing parents; existing ones keep their permissions."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(PRIVATE_FOLDER, exist_ok=True)
        folder.chmod(PRIVATE_FOLDER)


def private_file(path: Path) -> None:
    """Create an empty file; an existing one keeps its contents and permissions."""
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE_FILE)
    except FileExistsError:
        return
    os.close(handle)
    path.chmod(PRIVATE_FILE)


def opened(path: Path | str, flags: int) -> int:
    """Open a file, a new one as private: an `opener` for `open`."""
    return os.open(path, flags, PRIVATE_FILE)


def created(path: Path) -> IO[bytes]:
    """Open a new private file for writing bytes; raise FileExistsError if it exists."""
    return open(path, "xb", opener=opened)


def exposed(paths: Iterable[Path]) -> list[Path]:
    """Return the files and folders of `paths` that users other than the owner can read or write."""
    return [path for path in paths if path.exists() and path.stat().st_mode & _OTHERS]


def make_private(paths: Iterable[Path]) -> None:
    """Remove others' permissions on these files and folders; raise PermissionError if the owner differs."""
    for path in paths:
        path.chmod(PRIVATE_FOLDER if path.is_dir() else PRIVATE_FILE)


def synced(path: Path) -> None:
    """Flush a file, or the names in a folder, so that it survives a power failure."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def checksum(path: Path) -> int:
    """Return the CRC-32 of a file's bytes: it detects damage, not tampering, at a gigabyte a second."""
    found = 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            found = zlib.crc32(block, found)
    return found


def is_nearly_full(folder: Path) -> bool:
    """Tell whether the disk of a folder has less than `LEAST_FREE` bytes left."""
    return shutil.disk_usage(folder).free < LEAST_FREE


def is_full(error: BaseException | None) -> bool:
    """Tell whether an error, or one of its causes, means that the disk is full."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _FULL:
            return True
        error = error.__cause__ or error.__context__
    return False
