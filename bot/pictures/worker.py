"""The painting process: drawings come in, PNG go out, each behind its length (`bot.pictures.painter`)."""

import os
import re
import struct
import sys
from html import unescape
from typing import BinaryIO

from bot.pictures import fonts

_TEXTS = re.compile(r"<text[^>]*>([^<]*)</text>")


def png(svg: str) -> bytes:
    """Return an SVG as PNG.  Raises `ValueError` where it is none.

    The fonts of the system are only read for a character that ours lack: there may be thousands.
    """
    import resvg_py  # noqa: PLC0415 - an extra: nothing else needs it

    text = unescape("".join(_TEXTS.findall(svg)))
    return resvg_py.svg_to_bytes(
        svg_string=svg,
        skip_system_fonts=fonts.covers(text),
        font_files=[str(path) for path in fonts.files()],
        font_family=fonts.FAMILY,
        sans_serif_family=fonts.FAMILY,
    )


def serve(asked: BinaryIO, answered: BinaryIO) -> None:
    """Answer every drawing until the input ends."""
    while len(head := asked.read(4)) == 4:
        svg = asked.read(struct.unpack(">I", head)[0]).decode()
        try:
            is_fine, answer = True, png(svg)
        except Exception as error:  # noqa: BLE001 - whatever resvg raises, whoever asked is told
            is_fine, answer = False, f"{type(error).__name__}: {error}".encode()
        answered.write(struct.pack(">?I", is_fine, len(answer)) + answer)
        answered.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
    os._exit(0)
