"""A lock between processes: one of those on a database shares its facts."""

import asyncio
import os
import sys
from pathlib import Path

_RETRY_SECONDS = 0.5


class Lock:
    """A lock on a file; the system releases it when the process ends, however it ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    async def wait(self) -> None:
        """Wait until no other process has the lock."""
        while not self.take():  # noqa: ASYNC110 - no other process tells when it ends
            await asyncio.sleep(_RETRY_SECONDS)

    def take(self) -> bool:
        """Take the lock; return False if another process has it."""
        file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(file)
        except OSError:
            os.close(file)
            return False
        self._file = file
        return True

    def release(self) -> None:
        """Give the lock to whoever waits."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> None:
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
