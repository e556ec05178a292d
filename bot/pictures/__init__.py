"""Pictures: SVG drawings of a taste, a year, a comparison, a session.  Pure functions.

A `Drawing` is used twice: inline on a page, and as a PNG (`bot.pictures.painter`) in a chat.
"""

from dataclasses import dataclass
from typing import Literal

Look = Literal["dark", "light"]


@dataclass(frozen=True, slots=True)
class Drawing:
    """One picture as SVG, with its name as a file (no ending) and its alternative text."""

    name: str
    svg: str
    alt: str
    width: int  # in pixels
    height: int
