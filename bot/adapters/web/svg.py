"""Drawings inside a page: their colours become the page's own, so that one drawing is dark and light."""

import re

from markupsafe import Markup

from bot.pictures import Drawing
from bot.pictures.theme import DARK

_NAMES = {
    DARK.page: "page",
    DARK.card: "card",
    DARK.line: "line",
    DARK.ink: "ink",
    DARK.soft: "soft",
    DARK.rest: "rest",
    DARK.star: "star",
    **{hue: f"h{n}" for n, hue in enumerate(DARK.hues)},
}
_COLOUR = re.compile('"(' + "|".join(_NAMES) + ')"')


def inline(drawing: Drawing) -> Markup:
    """Return a drawing in the dark look as markup for a page; its texts are escaped already."""
    svg = _COLOUR.sub(lambda found: f'"var(--{_NAMES[found[1]]})"', drawing.svg)
    return Markup(svg)  # noqa: S704 - made by `bot.pictures.canvas`, which escapes
