"""Sixels: pictures as DEC's VT340 takes them, six rows at a time, each colour as a line of its own."""

import re
from io import BytesIO

import numpy as np

_COLOURS = 128
_RUN = re.compile(r"(.)\1{3,}")


def sixels(content: bytes, width: int) -> str:
    """Return a PNG or JPEG, scaled to `width` pixels, as a sixel sequence."""
    from PIL import Image  # noqa: PLC0415 - comes with the extra that draws

    with Image.open(BytesIO(content)) as whole:
        size = (width, round(whole.height * width / whole.width))
        image = whole.convert("RGB").resize(size).quantize(_COLOURS)
    pixels, palette = np.asarray(image), np.reshape(image.getpalette() or (), (-1, 3))
    parts = [f'\x1bPq"1;1;{width};{size[1]}']
    parts += [f"#{n};2;{r};{g};{b}" for n, (r, g, b) in enumerate(palette * 100 // 255)]
    for top in range(0, size[1], 6):
        band = pixels[top : top + 6]
        weights = 1 << np.arange(len(band))[:, np.newaxis]
        for colour in np.unique(band):
            row = ((band == colour) * weights).sum(axis=0) + ord("?")
            parts.append(f"#{colour}{_short(bytes(row.astype(np.uint8)).decode())}$")
        parts.append("-")
    return "".join(parts) + "\x1b\\\n"


def _short(row: str) -> str:
    return _RUN.sub(lambda run: f"!{len(run[0])}{run[1]}", row)
