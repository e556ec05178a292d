"""A small SVG builder: every text is escaped, cleaned, and cut to the room it has.

The markup keeps to what both browsers and resvg draw: shapes, paths, gradients, text.
"""

import unicodedata
from base64 import b64encode
from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby, islice
from typing import Literal, NamedTuple

from bot.pictures import Drawing, fonts
from bot.pictures.fonts import Weight
from bot.pictures.theme import Theme

Anchor = Literal["start", "middle", "end"]
_JOINERS = "\u200c\u200d"
_MOST_MARKS = 3  # accents on one letter; more would climb over the lines above
_LONGEST = 400  # characters looked at: a name may be megabytes long
_IMAGES = {b"\xff\xd8\xff": "jpeg", b"\x89PNG": "png"}
_HIDDEN = ("Cc", "Cf", "Cs", "Cn", "Co")


class Box(NamedTuple):
    """A rectangle: its upper left corner, width and height in pixels."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.y + self.height

    @property
    def middle(self) -> tuple[float, float]:
        """The centre."""
        return self.x + self.width / 2, self.y + self.height / 2

    def inset(self, by: float) -> "Box":
        """Return the box that is smaller by `by` on each side."""
        return Box(self.x + by, self.y + by, self.width - 2 * by, self.height - 2 * by)


def columns(box: Box, weights: Sequence[float], gap: float) -> list[Box]:
    """Divide a box into columns whose widths have these proportions."""
    room = box.width - gap * (len(weights) - 1)
    found, x = [], box.x
    for weight in weights:
        width = room * weight / sum(weights)
        found.append(Box(x, box.y, width, box.height))
        x += width + gap
    return found


def plain(text: str) -> str:
    """Return `text` on one line, without what would change its neighbours or is no XML."""
    kept: list[str] = []
    for is_mark, run in groupby(text[:_LONGEST], lambda c: unicodedata.category(c).startswith("M")):
        kept += islice(run, _MOST_MARKS if is_mark else None)
    shown = ("" if _is_hidden(c) else " " if c.isspace() else c for c in kept)
    return " ".join("".join(shown).split())


def _is_hidden(character: str) -> bool:
    return (
        character not in _JOINERS and not character.isspace() and (unicodedata.category(character) in _HIDDEN)
    )


def fit(text: str, room: float, size: float, weight: Weight = 400) -> str:
    """Return `text` cleaned, and with an ellipsis where it is wider than `room` pixels.

    >>> fit("a", 100, 10), fit("a" * 50, 30, 10)
    ('a', 'aaa…')
    """
    text = plain(text) or "…"
    if fonts.width(text, size, weight) <= room:
        return text
    low, high = 0, len(text)
    while low < high:  # the longest beginning that has room for the ellipsis
        middle = (low + high + 1) // 2
        fits = fonts.width(f"{text[:middle]}…", size, weight) <= room
        low, high = (middle, high) if fits else (low, middle - 1)
    return f"{text[:low].rstrip(f' {_JOINERS}')}…"


class Canvas:
    """A picture in the making."""

    def __init__(self, name: str, width: int, height: int, theme: Theme) -> None:
        """`name` is the name of the file, and begins every id: several pictures may share a page."""
        self.name = name
        self.theme = theme
        self.box = Box(0, 0, width, height)
        self._parts: list[str] = []
        self._defs: list[str] = []
        self._role = "img"

    def rect(
        self, box: Box, fill: str, *, radius: float = 0, line: str | None = None, opacity: float = 1
    ) -> None:
        """Draw a rectangle."""
        radius = min(radius, box.width / 2, box.height / 2)
        self._add(
            f'<rect x="{_n(box.x)}" y="{_n(box.y)}" width="{_n(max(box.width, 0))}" '
            f'height="{_n(max(box.height, 0))}" rx="{_n(radius)}" {_paint(fill, line, opacity)}/>'
        )

    def circle(
        self, x: float, y: float, radius: float, fill: str, *, line: str | None = None, opacity: float = 1
    ) -> None:
        """Draw a circle."""
        self._add(f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}" {_paint(fill, line, opacity)}/>')

    def dots(self, places: Iterable[tuple[float, float]], radius: float, fill: str, opacity: float) -> None:
        """Draw many circles of one kind as one path, a quarter of the bytes: lines without length."""
        lines = "".join(f"M{x:.1f} {y:.1f}h.01" for x, y in places)
        self.path(lines, line=fill, thick=2 * radius, opacity=opacity)

    def link(self, x: float, y: float, radius: float, address: str, name: str) -> None:
        """Make a circle lead to an address; `name` is shown over it.  What is below is still seen."""
        self._role = "group"  # an image has no parts that one could reach
        told = escape(plain(name))
        self._add(
            f'<a href="{escape(address)}" aria-label="{told}"><title>{told}</title>'
            f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}" fill="#000" fill-opacity="0"/></a>'
        )

    def path(
        self,
        d: str,
        fill: str = "none",
        *,
        line: str | None = None,
        thick: float = 1,
        dash: str = "",
        opacity: float = 1,
    ) -> None:
        """Draw a path in SVG's own notation."""
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self._add(
            f'<path d="{d}" stroke-width="{_n(thick)}" stroke-linejoin="round" stroke-linecap="round"'
            f"{dashed} {_paint(fill, line, opacity)}/>"
        )

    def image(self, box: Box, content: bytes, radius: float) -> bool:
        """Draw a JPEG or PNG, cut to fill the box; return False, and draw nothing, for anything else."""
        kind = next((kind for start, kind in _IMAGES.items() if content.startswith(start)), "")
        if not kind:
            return False
        place = f'x="{_n(box.x)}" y="{_n(box.y)}" width="{_n(box.width)}" height="{_n(box.height)}"'
        name = f"{self.name}-{len(self._defs)}"
        self._defs.append(f'<clipPath id="{name}"><rect {place} rx="{_n(radius)}"/></clipPath>')
        self._add(
            f'<image {place} preserveAspectRatio="xMidYMid slice" clip-path="url(#{name})" '
            f'href="data:image/{kind};base64,{b64encode(content).decode()}"/>'
        )
        return True

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        *,
        fill: str | None = None,
        weight: Weight = 400,
        anchor: Anchor = "start",
        room: float = 1e9,
    ) -> float:
        """Write `text` on the base line `y`, cut to `room` pixels; return its width."""
        shown = fit(text, room, size, weight)
        self._add(
            f'<text x="{_n(x)}" y="{_n(y)}" font-size="{_n(size)}" font-weight="{weight}" '
            f'text-anchor="{anchor}" fill="{fill or self.theme.ink}">'
            f"{escape(shown)}</text>"
        )
        return fonts.width(shown, size, weight)

    def halo(
        self, x: float, y: float, text: str, size: float, *, fill: str | None = None, spread: float = 0
    ) -> None:
        """Write `text` on the base line `y`, legible on anything: the colour of the card surrounds it."""
        told, card = escape(text), self.theme.card
        place = f'x="{_n(x)}" y="{_n(y)}" font-size="{_n(size)}" font-weight="600"'
        place += f' letter-spacing="{_n(spread)}"' if spread else ""
        self._add(f'<text {place} fill="{card}" stroke="{card}" stroke-width="4" opacity="0.8">{told}</text>')
        self._add(f'<text {place} fill="{fill or self.theme.ink}">{told}</text>')

    def shade(
        self, stops: Sequence[tuple[float, str, float]], *, kind: str = "radial", attrs: str = ""
    ) -> str:
        """Return a paint that runs through (place, colour, opacity)."""
        name = f"{self.name}-{len(self._defs)}"
        inside = "".join(
            f'<stop offset="{_n(at)}" stop-color="{colour}" stop-opacity="{_n(opacity)}"/>'
            for at, colour, opacity in stops
        )
        self._defs.append(f'<{kind}Gradient id="{name}" {attrs}>{inside}</{kind}Gradient>')
        return f"url(#{name})"

    def light(self, x: float, y: float, radius: float, colour: str, opacity: float) -> None:
        """Draw a soft light that fades from the middle out."""
        stops = ((0, colour, opacity), (0.5, colour, opacity * 0.38), (1, colour, 0))
        self.circle(x, y, radius, self.shade(stops))

    def aurora(self, x: float, width: float, height: float, colour: str, opacity: float) -> None:
        """Draw a light at the upper edge around `x`, that reaches so far to both sides and down."""
        stretch = f"translate({_n(x)} 0) scale({_n(width / height)} 1)"
        attrs = f'gradientUnits="userSpaceOnUse" cx="0" cy="0" r="{_n(height)}" gradientTransform="{stretch}"'
        paint = self.shade(((0, colour, opacity), (0.5, colour, opacity * 0.42), (1, colour, 0)), attrs=attrs)
        left, right = max(0, x - width), min(self.box.right, x + width)
        self.rect(Box(left, 0, right - left, height), paint)

    def card(self, box: Box, title: str = "", note: str = "") -> Box:
        """Draw a panel with its title, and a note at the right of it; return the room inside."""
        self.rect(box, self.theme.card, radius=20, line=self.theme.line)
        inside = box.inset(24)
        if not title:
            return inside
        wide = self.text(inside.x, inside.y + 15, title, 19, weight=600, room=inside.width)
        room = inside.width - wide - 8
        if note and fonts.width(note, 14) <= room:
            self.text(inside.right, inside.y + 15, note, 14, fill=self.theme.soft, anchor="end")
        return Box(inside.x, inside.y + 34, inside.width, inside.height - 34)

    def drawing(self, alt: str) -> Drawing:
        """Return the finished picture."""
        width, height = int(self.box.width), int(self.box.height)
        told = escape(plain(alt))
        svg = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
            f'height="{height}" role="{self._role}" font-family="{fonts.FAMILY}, sans-serif" '
            f'aria-label="{told}">'
            f"<title>{told}</title><defs>{''.join(self._defs)}</defs>"
            f'<rect width="{width}" height="{height}" fill="{self.theme.page}"/>{"".join(self._parts)}</svg>'
        )
        return Drawing(self.name, svg, plain(alt), width, height)

    def _add(self, markup: str) -> None:
        self._parts.append(markup)


def _paint(fill: str, line: str | None, opacity: float) -> str:
    stroke = f' stroke="{line}"' if line else ""
    # Not `opacity`, for which resvg draws each shape on a layer of its own.
    faint = f' fill-opacity="{_n(opacity)}" stroke-opacity="{_n(opacity)}"' if opacity < 1 else ""
    return f'fill="{fill}"{stroke}{faint}'


def _n(value: float) -> str:
    """Return a number as SVG: at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
