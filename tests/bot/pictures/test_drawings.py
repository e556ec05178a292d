"""Drawings are safe to put on a page, fit their frame, and look as they did when somebody looked at them.

A change that is meant: `GOLDEN=1 pytest tests/bot/pictures`, and look at what changed.
"""

import io
import os
from html import unescape
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from people import NAMES, count, cover, portrait, profile
from PIL import Image

from bot.pictures import fonts
from bot.pictures.canvas import Canvas, fit, plain
from bot.pictures.chart_grid import chart_grid
from bot.pictures.taste_card import taste_panels
from bot.pictures.theme import THEMES
from bot.pictures.worker import picture, png

GOLDEN = Path(__file__).parent / "golden"
IS_MADE = bool(os.environ.get("GOLDEN"))
SVG = "{http://www.w3.org/2000/svg}"
ALLOWED = {"svg", "title", "defs", "rect", "circle", "path", "text", "stop"}
ALLOWED |= {"radialGradient", "linearGradient", "clipPath", "image"}


def test_a_drawing_is_markup_without_anything_active(drawing):
    root = ET.fromstring(drawing.svg)  # noqa: S314 - our own
    assert {one.tag.removeprefix(SVG) for one in root.iter()} <= ALLOWED
    names = {name for one in root.iter() for name in one.attrib}
    assert not [name for name in names if name.startswith("on") or "style" in name]
    assert all(one.get("href").startswith("data:image/") for one in root.iter(f"{SVG}image"))
    ids = [one.get("id") for one in root.iter() if one.get("id")]
    assert len(ids) == len(set(ids))
    assert all(name.startswith(f"{drawing.name}-") for name in ids)
    assert root.get("aria-label") == drawing.alt


def test_every_text_of_a_drawing_lies_within_it(drawing):
    for one in ET.fromstring(drawing.svg).iter(f"{SVG}text"):  # noqa: S314 - our own
        size, x, text = float(one.get("font-size")), float(one.get("x")), one.text or ""
        wide = fonts.width(text, size, int(one.get("font-weight")))
        left = x - {"start": 0, "middle": 0.5, "end": 1}[one.get("text-anchor", "start")] * wide
        assert left >= -2, text
        assert left + wide <= drawing.width + 2, text
        assert size <= float(one.get("y")) + 2 <= drawing.height + 2, text


def test_a_picture_is_small_and_looks_as_it_did(drawing, case):
    content = picture(drawing.svg)
    assert len(content) <= 600_000
    found = Image.open(io.BytesIO(content)).convert("RGB")
    assert found.size == (drawing.width, drawing.height)
    small = found.resize((found.width // 4, found.height // 4), Image.Resampling.BOX)
    path = GOLDEN / f"{case}.png"
    if IS_MADE:
        small.quantize(256).save(path, optimize=True)
    expected = Image.open(path).convert("RGB")
    assert small.size == expected.size
    difference = np.abs(np.asarray(small, dtype=float) - np.asarray(expected, dtype=float))
    assert difference.mean() < 3.0
    assert np.mean(difference.max(axis=2) > 80) < 0.004


def test_even_covers_of_noise_make_no_large_picture():
    songs = [count(n, "Ann") for n in range(25)]
    covers = {song.song.subject: cover(n, noise=1.0) for n, song in enumerate(songs)}
    content = picture(chart_grid("Noise", "Songs of all time", songs, 5, "dark", covers).svg)
    assert content.startswith(b"\xff\xd8")
    assert len(content) <= 600_000


@pytest.mark.parametrize("look", THEMES)
def test_text_of_both_looks_has_contrast(look):
    theme = THEMES[look]
    for ink in (theme.ink, theme.soft):
        for ground in (theme.card, theme.page):
            assert contrast(ink, ground) >= 4.5


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours as WCAG 2 defines it."""

    def luminance(colour: str) -> float:
        parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_a_width_is_what_the_font_draws():
    for text, weight in (("Illinois", 400), ("WWWW", 600), ("Röyksopp", 800), ("坂本龍一", 400)):
        canvas = Canvas("width", 600, 80, THEMES["dark"])
        canvas.text(10, 60, text, 50, fill="#ffffff", weight=weight)
        drawn = np.asarray(Image.open(io.BytesIO(png(canvas.drawing("").svg))).convert("L"), dtype=int)
        columns = np.flatnonzero((drawn > 100).any(axis=0))
        assert columns[-1] - columns[0] == pytest.approx(fonts.width(text, 50, weight), rel=0.08)


def test_the_shipped_fonts_have_these_scripts():
    for text in (
        "Ärzte",
        "Кино",
        "Χάρις",
        "فيروز",
        "רותם",
        "坂本龍一",
        "아이유",
        "ไทย",
        "हिन्दी",
        "🎧",
        "ქართული",
    ):
        assert fonts.covers(text), text
    assert not fonts.covers("\U00013000")


def test_a_name_is_cut_where_its_room_ends_and_between_its_characters():
    assert fit("Queen", 200, 20) == "Queen"
    short = fit("A very long name of a band", 100, 20)
    assert short.endswith("…")
    assert fonts.width(short, 20) <= 100
    assert fit("", 100, 20) == "…"
    assert plain("a\u202eb\x00\n c\ud800") == "ab c"


def test_a_star_that_leads_somewhere_is_named_and_the_map_is_then_no_plain_image():
    panels = taste_panels(profile(NAMES), portrait(NAMES), None, "dark", "/artist/{}")
    [linked] = [panel for panel in panels if panel.name.startswith("map")]
    root = ET.fromstring(linked.svg)  # noqa: S314 - our own
    found = {one.get("href"): one.get("aria-label") for one in root.iter(f"{SVG}a")}
    assert found == {f"/artist/{n}": name for n, name in enumerate(NAMES)}
    assert root.get("role") == "group"


def test_markup_in_a_name_is_text():
    canvas = Canvas("x", 900, 80, THEMES["dark"])
    canvas.text(10, 60, '</text><script>"&', 20)
    drawing = canvas.drawing('"><script>')
    assert "<script" not in drawing.svg
    [text] = ET.fromstring(drawing.svg).iter(f"{SVG}text")  # noqa: S314 - our own
    assert text.text == '</text><script>"&'
    assert unescape(drawing.alt) == '"><script>'
