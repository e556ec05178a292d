"""Fonts of the pictures: the files shipped with them, and the width of a text.

The files are subsets (their licence is beside them): Inter for Latin, Greek and Cyrillic, Noto Sans for ten
more scripts and for emoji.  A widths table is read from each file: a picture cuts a name where it ends.
"""

import struct
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Literal

FOLDER = Path(__file__).parent / "fonts"
FAMILY = "Inter"
Weight = Literal[400, 600, 800]

_INTER: dict[int, str] = {400: "Inter-Regular", 600: "Inter-SemiBold", 800: "Inter-ExtraBold"}
_JOINERS = "\u200c\u200d\ufe0e\ufe0f"  # join and choose glyphs, and have no width
_UNKNOWN = 0.75  # of the font size: a letter in no font of ours, drawn by a font of the system
_SAFE = 1.02  # shaping and kerning change a width a little


def files() -> list[Path]:
    """Return all font files, those for Latin first."""
    return sorted(FOLDER.glob("*.?tf"), key=lambda path: (not path.name.startswith(FAMILY), path.name))


def width(text: str, size: float, weight: Weight = 400) -> float:
    """Return the width of `text` in pixels at a font size, rather too wide than too narrow."""
    own, others = widths(FOLDER / f"{_INTER[weight]}.ttf"), _others()
    total = 0.0
    for character in text:
        if character in _JOINERS:
            continue
        code = ord(character)
        known = own.get(code)
        total += _other(others, character) if known is None else known
    return total * size * _SAFE


def _other(others: Mapping[int, float], character: str) -> float:
    found = others.get(ord(character))
    if found is not None:
        return found
    if unicodedata.combining(character):
        return 0.0
    return 1.0 if unicodedata.east_asian_width(character) in "WF" else _UNKNOWN


def covers(text: str) -> bool:
    """Return whether the shipped fonts have every character of `text`."""
    own, others = widths(FOLDER / f"{_INTER[400]}.ttf"), _others()
    return all(ord(c) in own or ord(c) in others or c in _JOINERS for c in set(text) if c.isprintable())


@cache
def _others() -> dict[int, float]:
    merged: dict[int, float] = {}
    for path in reversed(files()):
        if not path.name.startswith(FAMILY):
            merged |= widths(path)
    return merged


@cache
def widths(path: Path) -> dict[int, float]:
    """Return the advance width of each character of an OpenType font, in shares of the font size."""
    data = path.read_bytes()
    count = struct.unpack_from(">H", data, 4)[0]
    records = (struct.unpack_from(">4s4xII", data, 12 + 16 * n) for n in range(count))
    tables = {tag: data[start : start + length] for tag, start, length in records}
    units = struct.unpack_from(">H", tables[b"head"], 18)[0]
    metrics = struct.unpack_from(">H", tables[b"hhea"], 34)[0]
    advances = struct.unpack_from(f">{'Hh' * metrics}", tables[b"hmtx"])[::2]
    return {code: advances[min(glyph, metrics - 1)] / units for code, glyph in _glyphs(tables[b"cmap"])}


def _glyphs(cmap: bytes) -> Iterator[tuple[int, int]]:
    """Yield (character, glyph) of a cmap table; its subtable of format 12 has all, format 4 the BMP."""
    count = struct.unpack_from(">H", cmap, 2)[0]
    starts = {struct.unpack_from(">I", cmap, 8 + 8 * n)[0] for n in range(count)}
    formats = {struct.unpack_from(">H", cmap, start)[0]: start for start in starts}
    if 12 in formats:
        start = formats[12]
        for n in range(struct.unpack_from(">I", cmap, start + 12)[0]):
            first, last, glyph = struct.unpack_from(">III", cmap, start + 16 + 12 * n)
            yield from ((code, glyph + code - first) for code in range(first, last + 1))
    elif 4 in formats:
        yield from _glyphs_of_segments(cmap, formats[4])


def _glyphs_of_segments(cmap: bytes, start: int) -> Iterator[tuple[int, int]]:
    n = struct.unpack_from(">H", cmap, start + 6)[0] // 2
    ends = struct.unpack_from(f">{n}H", cmap, start + 14)
    at = start + 16 + 2 * n
    firsts = struct.unpack_from(f">{n}H", cmap, at)
    deltas = struct.unpack_from(f">{n}H", cmap, at + 2 * n)
    offsets = struct.unpack_from(f">{n}H", cmap, at + 4 * n)
    for k in range(n):
        for code in range(firsts[k], min(ends[k], 0xFFFE) + 1):
            glyph = code
            if offsets[k]:
                place = at + 4 * n + 2 * k + offsets[k] + 2 * (code - firsts[k])
                glyph = struct.unpack_from(">H", cmap, place)[0]
            if glyph or not offsets[k]:
                yield code, (glyph + deltas[k]) % 65536
