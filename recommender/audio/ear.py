"""The ear: a child process that hears files, so that a decoder that crashes or hangs ends alone.

The child reads one path a line and answers one JSON line each. Where the system supports it, it may use
no more than `_MEMORY` bytes and `_SECONDS` of processor time for a file; the parent waits no longer than
`_PATIENCE`. An unused child ends after `_IDLE` seconds.
"""

import asyncio
import base64
import json
import logging
import os
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from recommender.audio.decoding import UNREADABLE
from recommender.audio.file_names import FileNames
from recommender.audio.hearing import Hearing
from recommender.errors import MusicError, NotKnown, Unavailable

MISSING = "I cannot hear here: the operator has to install the extra segue[audio]."

_MEMORY = 360 << 20  # bytes of data; with its libraries the child stays under 400 MB
_SECONDS = 40  # of processor time for one file
_PATIENCE = 60.0  # seconds until the child is killed
_IDLE = 300.0  # seconds
_ARRAYS = {"vector": "<f4", "tags": "<f4", "fingerprint": "<u4"}
_TOO_LONG = "That file took too long to read, so I stopped. Cut out a minute of it and send that."

log = logging.getLogger(__name__)


def can_hear() -> bool:
    """Tell whether the extra `segue[audio]` is installed."""
    return find_spec("av") is not None


class Ear:
    """One child process that hears one file at a time; it starts with the first file."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._child: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()

    def read(self, path: Path, folder: Path | None = None) -> tuple[Hearing, FileNames]:
        """Hear a file and read its names; blocks for up to a minute.

        `folder`: see `file_names.names_of`. Raises NotKnown if it is no sound, and
        Unavailable without the extra.
        """
        if not can_hear():
            raise Unavailable(MISSING)
        with self._lock:
            said = self._ask(json.dumps([str(path.absolute()), str(folder or "")]))
        if "sentence" in said:
            raise NotKnown(said["sentence"])
        return from_json(said["heard"]), FileNames(**said["names"])

    def hear(self, path: Path) -> Hearing:
        """Hear a file, as `read` does."""
        return self.read(path)[0]

    async def heard(self, path: Path) -> Hearing:
        """Hear a file without blocking the event loop."""
        return await asyncio.to_thread(self.hear, path)

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._end()

    def __enter__(self) -> Self:
        """Return the ear."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the child."""
        self.close()

    def _ask(self, line: str) -> dict[str, Any]:
        child = self._running()
        if child.stdin is None or child.stdout is None:
            raise TypeError("pipes were asked for")
        late = threading.Timer(_PATIENCE, child.kill)
        late.start()
        try:
            child.stdin.write(line + "\n")
            child.stdin.flush()
            answer = child.stdout.readline()
        except BrokenPipeError:
            answer = ""
        finally:
            late.cancel()
        if answer:
            return dict(json.loads(answer))
        status = child.wait()
        self._end()
        log.warning("the process that hears files ended with status %d", status)
        return {"sentence": _TOO_LONG if status in (-9, -24) else UNREADABLE}

    def _running(self) -> subprocess.Popen[str]:
        if self._child is None or self._child.poll() is not None:
            self._end()
            one = {
                "OMP_NUM_THREADS": "1",
                "OPENBLAS_NUM_THREADS": "1",
                "PYTHONPATH": os.pathsep.join(sys.path),
            }
            self._child = subprocess.Popen(  # noqa: S603 - this interpreter and this module
                [sys.executable, "-m", __name__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
                env={**os.environ, **one},
            )
        return self._child

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        with suppress(ProcessLookupError):
            child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            with suppress(BrokenPipeError):
                if pipe is not None:
                    pipe.close()


def to_json(heard: Hearing) -> dict[str, Any]:
    """Return what was heard as JSON values; arrays as base64 of little-endian numbers."""
    said = asdict(heard)
    return said | {name: _packed(said[name], kind) for name, kind in _ARRAYS.items()}


def from_json(said: dict[str, Any]) -> Hearing:
    """Return what `to_json` was given."""
    arrays = {name: np.frombuffer(base64.b64decode(said[name]), dtype=kind) for name, kind in _ARRAYS.items()}
    return Hearing(**(said | arrays))


def _packed(values: ArrayLike, kind: str) -> str:
    return base64.b64encode(np.asarray(values, dtype=kind).tobytes()).decode()


def _limit() -> None:
    """Limit memory and processor time, where the system can."""
    try:
        import resource  # noqa: PLC0415 - only in the child
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + _SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _answer(path: Path, folder: Path | None) -> dict[str, Any]:
    from recommender.audio.decoding import samples  # noqa: PLC0415 - only in the child
    from recommender.audio.file_names import names_of  # noqa: PLC0415 - only in the child
    from recommender.audio.hearing import hear  # noqa: PLC0415 - only in the child

    try:
        return {"heard": to_json(hear(samples(path))), "names": names_of(path, folder).to_json()}
    except MusicError as error:
        return {"sentence": error.sentence}
    except (MemoryError, OSError):
        return {"sentence": UNREADABLE}


def _main() -> int:
    ended = threading.Timer(_IDLE, os._exit, [0])
    ended.daemon = True
    ended.start()
    for line in sys.stdin:
        ended.cancel()
        _limit()
        path, folder = json.loads(line)
        answer = _answer(Path(path), Path(folder) if folder else None)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
        ended = threading.Timer(_IDLE, os._exit, [0])
        ended.daemon = True
        ended.start()
    return 0


if __name__ == "__main__":
    sys.exit(_main())
