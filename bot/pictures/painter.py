"""Painter: drawings as PNG or JPEG, made by a process of its own.

resvg holds the interpreter lock while it draws, a quarter of a second, for which every chat would wait.  The
process starts with the first picture and ends when its standard input closes, so that it never outlives this
one.  Pictures of the same content are made once.
"""

import asyncio
import atexit
import hashlib
import logging
import os
import struct
import subprocess
import sys
import threading
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec

from bot.pictures import Drawing

_PATIENCE = 20.0  # seconds for one picture
_KEPT = 24_000_000  # bytes of pictures kept

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG, or a JPEG with covers on it, its file name, and its alternative text."""

    name: str
    content: bytes
    alt: str


class PaintError(Exception):
    """The painting process failed; the message is its own."""


class Painter:
    """One painting process, started when it is needed, and the latest pictures."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()

    async def paint(self, drawings: Sequence[Drawing]) -> tuple[Picture, ...]:
        """Return the drawings as pictures; none of them if one fails, which the log then says."""
        try:
            contents = [await asyncio.to_thread(self.picture, drawing.svg) for drawing in drawings]
        except (OSError, PaintError) as error:
            log.error("no picture could be made: %s", error)  # noqa: TRY400 - where it arose says nothing
            return ()
        return tuple(
            Picture(f"{drawing.name}.{_ending(content)}", content, drawing.alt)
            for drawing, content in zip(drawings, contents, strict=True)
        )

    def picture(self, svg: str) -> bytes:
        """Return a drawing as PNG or JPEG, on the thread that calls.  Raises `PaintError` or `OSError`."""
        data = svg.encode()
        key = hashlib.sha256(data).digest()
        with self._lock:
            if key not in self._kept:
                self._kept[key] = self._asked(data)
            self._kept.move_to_end(key)
            while len(self._kept) > 1 and sum(map(len, self._kept.values())) > _KEPT:
                self._kept.popitem(last=False)
            return self._kept[key]

    def close(self) -> None:
        """End the process, and forget the pictures."""
        with self._lock:
            self._kept.clear()
            self._end()

    def _asked(self, data: bytes) -> bytes:
        """Ask the process, and once more where the first one had ended meanwhile."""
        is_new = self._process is None or self._process.poll() is not None
        try:
            return self._answered(data)
        except (OSError, EOFError) as error:
            self._end()
            if is_new:
                raise PaintError(f"the painting process ended: {error}") from error
        try:
            return self._answered(data)
        except (OSError, EOFError) as error:
            self._end()
            raise PaintError("the painting process ended twice") from error

    def _answered(self, data: bytes) -> bytes:
        process = self._started()
        if process.stdin is None or process.stdout is None:
            raise TypeError("pipes were asked for")
        watchdog = threading.Timer(_PATIENCE, process.kill)
        watchdog.start()
        try:
            process.stdin.write(struct.pack(">I", len(data)) + data)
            process.stdin.flush()
            head = process.stdout.read(5)
            if len(head) < 5:
                raise EOFError("no answer")
            is_fine, length = struct.unpack(">?I", head)
            answer = process.stdout.read(length)
        finally:
            watchdog.cancel()
        if len(answer) < length:
            raise EOFError("half an answer")
        if not is_fine:
            raise PaintError(answer.decode(errors="replace"))
        return answer

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bot.pictures.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
                start_new_session=True,  # Ctrl-C is for the chat; the end of its input ends the process
            )
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with suppress(BrokenPipeError):  # what it never read is asked of the next process
                        pipe.close()


@cache
def painter() -> Painter:
    """Return the painter of this process."""
    found = Painter()
    atexit.register(found.close)
    return found


def can_paint() -> bool:
    """Return whether the extra `segue[pictures]` is installed."""
    return all(find_spec(module) is not None for module in ("resvg_py", "PIL"))


def _ending(content: bytes) -> str:
    return "png" if content.startswith(b"\x89PNG") else "jpg"
