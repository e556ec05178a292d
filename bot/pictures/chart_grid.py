"""The picture of `/chart`: the most played songs as tiles, with covers or records made from their names."""

import hashlib
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from bot.pictures import Drawing, Look, fonts
from bot.pictures.canvas import Box, Canvas, fit, plain
from bot.pictures.charts import arc
from bot.pictures.page import MARGIN, backdrop
from bot.pictures.theme import THEMES
from bot.replies.i18n import number
from recommender.service.history import Count
from storage.records import Subject

_WIDTH = 1080
_TOP = 128
_GAP = 12
_LEAST, _MOST = 1, 5


def side_of(wanted: int, songs: int) -> int:
    """Return how many tiles a row has: as many as wanted, or as there are songs to fill the square.

    >>> side_of(4, 100), side_of(4, 11), side_of(3, 1)
    (4, 3, 1)
    """
    return max(_LEAST, min(wanted, _MOST, int(songs**0.5)))


def chart_grid(
    title: str,
    below: str,
    counts: Sequence[Count],
    wanted: int,
    look: Look,
    covers: Mapping[Subject, bytes] = MappingProxyType({}),
) -> Drawing:
    """Return the picture of the most played songs, `wanted` tiles a row where there are enough.

    `covers` are JPEG or PNG.
    """
    side = side_of(wanted, len(counts))
    room = _WIDTH - 2 * MARGIN
    tile = (room - _GAP * (side - 1)) / side
    tall = tile if side > 1 else room * 0.5
    canvas = Canvas("chart", _WIDTH, round(_TOP + side * (tall + _GAP) - _GAP + MARGIN), THEMES[look])
    backdrop(canvas)
    canvas.text(MARGIN + 4, 70, title, 42, weight=800, room=room - 8)
    canvas.text(MARGIN + 4, 102, below, 19, fill=canvas.theme.soft, room=room - 8)
    shown = counts[: side * side]
    for n, count in enumerate(shown):
        x, y = MARGIN + n % side * (tile + _GAP), _TOP + n // side * (tall + _GAP)
        _tile(canvas, Box(x, y, tile, tall), count, n + 1, covers.get(count.song.subject, b""))
    first = ", ".join(f"{n}. {count.song.label}" for n, count in enumerate(shown[:3], 1))
    return canvas.drawing(f"{title}: {first}")


def _tile(canvas: Canvas, box: Box, count: Count, rank: int, cover: bytes) -> None:
    theme = canvas.theme
    seed = hashlib.sha256(plain(count.song.label).encode()).digest()
    n = len(theme.hues)
    hue, other = theme.hues[seed[0] % n], theme.hues[(seed[0] + 1 + seed[1] % 3) % n]
    canvas.rect(box, theme.card, radius=18)
    canvas.rect(box, hue, radius=18, opacity=0.2)
    _pattern(canvas, box, seed, (hue, other))
    has_cover = canvas.image(box, cover, 18)
    canvas.rect(box, "none", radius=18, line=theme.line)
    pad = min(box.width * 0.075, 30)
    size = min(34.0, max(17.0, box.width * 0.088))
    lines = _wrapped(count.song.title or count.song.artist, box.width - 2 * pad, size)
    artist = count.song.artist if count.song.title is not None else ""
    y = box.bottom - pad - (size * 0.95 if artist else 0) - size * 1.14 * (len(lines) - 1)
    _ground(canvas, box, y - size * 1.5)
    if has_cover:
        _sky(canvas, box, pad + size * 1.5)
        hue = theme.ink
    canvas.text(box.x + pad, box.y + pad + size * 0.8, f"{rank}", size, weight=800, fill=hue)
    if count.plays:
        told = number(count.plays)
        soft = theme.ink if has_cover else theme.soft
        canvas.text(box.right - pad, box.y + pad + size * 0.7, told, size * 0.66, fill=soft, anchor="end")
    for n, line in enumerate(lines):
        room = box.width - 2 * pad
        canvas.text(box.x + pad, y + n * size * 1.14, line, size, weight=800, room=room)
    if artist:
        canvas.text(
            box.x + pad, box.bottom - pad, artist, size * 0.68, fill=theme.soft, room=box.width - 2 * pad
        )


def _pattern(canvas: Canvas, box: Box, seed: bytes, hues: tuple[str, str]) -> None:
    """Draw the grooves of a record, turned as the name has it."""
    small, at = min(box.width, box.height), (box.x + box.width / 2, box.y + box.height * 0.41)
    for n in range(4):
        radius = small * (0.235 - 0.05 * n)
        start, long = seed[4 + n] / 256, 0.3 + seed[8 + n] / 426
        canvas.path(arc(at, radius, start, start + long), line=hues[n % 2], thick=small * 0.026)
    canvas.circle(*at, small * 0.036, hues[1])


def _ground(canvas: Canvas, box: Box, top: float) -> None:
    """Darken (or lighten) a tile behind its text."""
    stops = ((0, canvas.theme.card, 0), (0.4, canvas.theme.card, 0.86), (1, canvas.theme.card, 0.94))
    paint = canvas.shade(stops, kind="linear", attrs='x1="0" y1="0" x2="0" y2="1"')
    top = max(top, box.y)
    canvas.rect(Box(box.x + 1, top, box.width - 2, box.bottom - top - 1), paint, radius=18)


def _sky(canvas: Canvas, box: Box, height: float) -> None:
    """Darken (or lighten) the upper edge of a cover behind its figures."""
    stops = ((0, canvas.theme.card, 0.9), (0.45, canvas.theme.card, 0.7), (1, canvas.theme.card, 0))
    paint = canvas.shade(stops, kind="linear", attrs='x1="0" y1="0" x2="0" y2="1"')
    canvas.rect(Box(box.x + 1, box.y + 1, box.width - 2, height), paint, radius=18)


def _wrapped(text: str, room: float, size: float) -> list[str]:
    """Return a name on one line, or on two broken between words."""
    text = plain(text) or "…"
    if fonts.width(text, size, 800) <= room:
        return [text]
    words = text.split(" ")
    for n in range(len(words) - 1, 0, -1):
        first = " ".join(words[:n])
        if fonts.width(first, size, 800) <= room:
            return [first, fit(" ".join(words[n:]), room, size, 800)]
    return [fit(text, room, size, 800)]
