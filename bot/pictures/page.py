"""The frame of every picture: the light behind it, its heading and figures, the name of Segue."""

from collections.abc import Sequence
from typing import NamedTuple

from bot.pictures import fonts
from bot.pictures.canvas import Canvas

WIDTH = 1200
MARGIN = 36
HEAD = 138
"""Height of the heading of a wide picture, in pixels from the top."""

_LABEL = 15.0
_REACH = 300  # of the light, down from the upper edge; light is what takes longest to draw


class Figure(NamedTuple):
    """A number, large, with its noun below it."""

    value: str
    noun: str


def backdrop(canvas: Canvas) -> None:
    """Draw the coloured light behind everything."""
    box, theme = canvas.box, canvas.theme
    canvas.aurora(0, box.width * 0.62, _REACH, theme.hues[0], theme.glow)
    canvas.aurora(box.right, box.width * 0.6, _REACH, theme.hues[2], theme.glow)


def header(canvas: Canvas, title: str, below: str, figures: Sequence[Figure] = ()) -> None:
    """Draw the backdrop and, on top of a wide picture, its title, a line below it, and figures."""
    backdrop(canvas)
    x = canvas.box.right - MARGIN - 4
    for figure in reversed(figures):
        wide = max(fonts.width(figure.value, 36, 800), fonts.width(figure.noun, _LABEL))
        canvas.text(x, 74, figure.value, 36, weight=800, anchor="end")
        canvas.text(x, 100, figure.noun, _LABEL, fill=canvas.theme.soft, anchor="end")
        x -= wide + 34
    room = x - MARGIN - 4
    base = 74 if below else 86
    canvas.text(MARGIN + 4, base, title, 42, weight=800, room=room)
    if below:
        canvas.text(MARGIN + 4, 104, below, 18, fill=canvas.theme.soft, room=room)


def signature(canvas: Canvas, x: float, y: float) -> None:
    """Draw the name of Segue, small, ending at `x` on the base line `y`."""
    canvas.text(x, y, "segue", 17, weight=800, fill=canvas.theme.soft, anchor="end")
