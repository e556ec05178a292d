"""Colours of the pictures, dark and light."""

from dataclasses import dataclass

from bot.pictures import Look


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of one look; text reaches a contrast of 4.5 to 1 on `card` and on `page`."""

    page: str
    card: str
    line: str  # borders and grids
    ink: str  # what is read first
    soft: str  # what is read next
    rest: str  # the empty part of a bar
    star: str  # artists nobody points at
    glow: float  # strength of the coloured light behind the cards
    hues: tuple[str, ...]


DARK = Theme(
    page="#0b0c14",
    card="#14161f",
    line="#272a3a",
    ink="#f6f6fb",
    soft="#a2a7bd",
    rest="#232636",
    star="#5b617a",
    glow=0.5,
    hues=("#7f9dff", "#b68dff", "#ff7bb5", "#ff9466", "#ffcb5c", "#74dfa4", "#56ccf2", "#e3a6ff"),
)
LIGHT = Theme(
    page="#f3f1ec",
    card="#fffefb",
    line="#e2dfd6",
    ink="#191a22",
    soft="#5f6372",
    rest="#ebe8e0",
    star="#b9bcc9",
    glow=0.34,
    hues=("#3d62e3", "#7d4fdc", "#d63c8b", "#dd5a29", "#c58500", "#17935a", "#0a86b5", "#a03fc4"),
)
THEMES: dict[Look, Theme] = {"dark": DARK, "light": LIGHT}
FAMILIES = {
    "electronic": (0, "electronic"),
    "classical": (7, "classical"),
    "jazz": (1, "jazz"),
    "pop": (2, "pop"),
    "rock": (3, "rock"),
    "hip hop": (4, "hip hop"),
    "african": (5, "afro"),
    "folk": (5, "folk"),
    "country": (5, "country"),
    "blues": (6, "blues"),
    "r&b": (6, "r&b"),
    "asian": (7, "asia"),
    "caribbean and latin american": (2, "latin"),
    "reggae": (5, "reggae"),
}
"""Each genre family's hue, by its place among `Theme.hues`, and its name on a map."""
