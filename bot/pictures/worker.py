"""The painting process: drawings come in, pictures go out, each behind its length (see `painter`)."""

import os
import re
import struct
import sys
from base64 import b64decode, b64encode
from html import unescape
from io import BytesIO
from typing import BinaryIO

from bot.pictures import fonts

MOST_BYTES = 600_000
"""The largest picture with covers on it."""
MOST_PIXELS = 1200
"""The longest side of a cover."""
_TEXTS = re.compile(r"<text[^>]*>([^<]*)</text>")
_IMAGES = re.compile(r'(<image [^>]*)href="data:image/(?:jpeg|png);base64,([^"]*)"/>')
_SIZE = re.compile(r'width="([0-9.]+)" height="([0-9.]+)"')
_RATIO = re.compile(r'preserveAspectRatio="[^"]*"')
_QUALITIES = (88, 80, 70, 55, 35)


def picture(svg: str) -> bytes:
    """Return an SVG as PNG, or as JPEG if there are covers on it, which PNG would make five times as large.

    A cover that cannot be decoded, or only with much memory, is left out.  Raises `ValueError` for no SVG.
    """
    if not _IMAGES.search(svg):
        return png(svg)
    return _jpeg(png(_IMAGES.sub(_fitted, svg)))


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


def _fitted(found: re.Match[str]) -> str:
    """Return an image of a drawing in the size in which it is drawn, "" if it cannot be decoded or is large.

    Pillow scales it three times as fast as resvg does, which then copies pixel by pixel.
    """
    from PIL import Image, ImageOps  # noqa: PLC0415 - only drawings with covers need it

    tag, encoded = found.groups()
    size = _SIZE.search(tag)
    out = BytesIO()
    try:
        with Image.open(BytesIO(b64decode(encoded)), formats=("JPEG", "PNG")) as image:
            if size is None or max(image.size) > MOST_PIXELS:  # its header alone has been read
                return ""
            wide, high = (round(float(side)) for side in size.groups())
            ImageOps.fit(image.convert("RGB"), (wide, high)).save(out, "JPEG", quality=95, subsampling=0)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return ""
    exact = _RATIO.sub('image-rendering="optimizeSpeed"', tag)
    return f'{exact}href="data:image/jpeg;base64,{b64encode(out.getvalue()).decode()}"/>'


def _jpeg(content: bytes) -> bytes:
    from PIL import Image  # noqa: PLC0415

    with Image.open(BytesIO(content)) as whole:
        image = whole.convert("RGB")
    encoded = b""
    for quality in _QUALITIES:
        out = BytesIO()
        image.save(out, "JPEG", quality=quality, subsampling=0)  # whole colours: there is text on it
        encoded = out.getvalue()
        if len(encoded) <= MOST_BYTES:
            break
    return encoded


def serve(asked: BinaryIO, answered: BinaryIO) -> None:
    """Answer every drawing until the input ends."""
    while len(head := asked.read(4)) == 4:
        svg = asked.read(struct.unpack(">I", head)[0]).decode()
        try:
            is_fine, answer = True, picture(svg)
        except Exception as error:  # noqa: BLE001 - whatever resvg raises, whoever asked is told
            is_fine, answer = False, f"{type(error).__name__}: {error}".encode()
        answered.write(struct.pack(">?I", is_fine, len(answer)) + answer)
        answered.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
    os._exit(0)
