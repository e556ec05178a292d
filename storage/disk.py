"""Files that hold people's data: readable by their owner alone, written so that they outlast a loss of power.

Rights do not depend on the umask: new files are 0600, new folders 0700.
"""

import errno
import os
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import IO

PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700
_OTHERS = 0o077  # rights of the group and of everybody else
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def private_folder(path: Path) -> None:
    """Make a folder and the folders above it that are missing; those that exist keep their rights."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(PRIVATE_FOLDER, exist_ok=True)
        folder.chmod(PRIVATE_FOLDER)


def private_file(path: Path) -> None:
    """Make an empty file if there is none; one that exists keeps its content and its rights."""
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
    """Open a new private file to write bytes; FileExistsError if there is one."""
    return open(path, "xb", opener=opened)


def exposed(paths: Iterable[Path]) -> list[Path]:
    """Return the files and folders of `paths` that others than the owner may read or write."""
    return [path for path in paths if path.exists() and path.stat().st_mode & _OTHERS]


def make_private(paths: Iterable[Path]) -> None:
    """Take all rights on these files and folders from others; PermissionError where they are not ours."""
    for path in paths:
        path.chmod(PRIVATE_FOLDER if path.is_dir() else PRIVATE_FILE)


def synced(path: Path) -> None:
    """Make a file, or the names in a folder, outlast a loss of power."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def checksum(path: Path) -> int:
    """Return the CRC-32 of a file's bytes: it tells damage, not malice, at a gigabyte a second."""
    found = 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            found = zlib.crc32(block, found)
    return found


def is_full(error: BaseException | None) -> bool:
    """Tell whether an error, or one that caused it, says that there is no space left on the disk."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _FULL:
            return True
        error = error.__cause__ or error.__context__
    return False
