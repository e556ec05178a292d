"""What a terminal says it can: its primary device attributes (DA1), of which 4 is sixels."""

import os
import re
import select
import time
from typing import TextIO

_ASK = b"\x1b[c"
_ANSWER = re.compile(rb"\x1b\[\?([0-9;]+)c")
_PATIENCE = 0.3  # seconds


def attributes(out: TextIO) -> frozenset[int]:
    """Return the attributes of the terminal that `out` writes to; none where nothing answers."""
    try:
        import termios  # noqa: PLC0415 - Windows has none
        import tty  # noqa: PLC0415
    except ImportError:
        return frozenset()
    try:
        terminal = os.open(os.ttyname(out.fileno()), os.O_RDWR | os.O_NOCTTY)
    except OSError:  # a terminal without a name, as in a container that another one has started
        return frozenset()
    before = termios.tcgetattr(terminal)
    try:
        tty.setcbreak(terminal)  # the answer is neither shown nor waits for the end of a line
        os.write(terminal, _ASK)
        found = _ANSWER.search(_read(terminal))
    finally:
        termios.tcsetattr(terminal, termios.TCSANOW, before)
        os.close(terminal)
    return frozenset(int(one) for one in found[1].split(b";") if one) if found else frozenset()


def _read(terminal: int) -> bytes:
    answer, until = b"", time.monotonic() + _PATIENCE
    while not _ANSWER.search(answer):
        left = until - time.monotonic()
        if left <= 0 or not select.select([terminal], [], [], left)[0]:
            break
        answer += os.read(terminal, 256)
    return answer
