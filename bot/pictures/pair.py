"""The picture of `/compare` and of a `/blend` of two: two circles, what they share, and the song for both."""

from collections.abc import Sequence

from bot.pictures import Drawing, Look, fonts
from bot.pictures.canvas import Anchor, Box, Canvas, fit
from bot.pictures.page import MARGIN, WIDTH, backdrop
from bot.pictures.theme import THEMES
from bot.replies.i18n import listed, percent, say
from recommender.service.comparisons import Comparison
from recommender.types import Song

_RADIUS = 172.0
_LEAST, _MOST = 132.0, 290.0  # width of what two circles share, for no agreement and for full
_MIDDLE = 236.0  # height of the centres
_SIDE = 292.0  # width of a list beside the circles
_CARDS = 452
_TALL = 172
_PILL = 38.0


def pair_picture(name: str, found: Comparison, look: Look) -> Drawing:
    """Return two users' tastes as a picture; `name` is the first of them."""
    has_cards = bool(found.shared or found.both)
    canvas = Canvas("pair", WIDTH, _CARDS + (_TALL + MARGIN if has_cards else 0), THEMES[look])
    backdrop(canvas)
    _circles(canvas, found.agreement)
    theme = canvas.theme
    _person(canvas, MARGIN + 6, name, found.i_show, theme.hues[0])
    _person(canvas, WIDTH - MARGIN - 6 - _SIDE, found.name, found.they_show, theme.hues[2], is_right=True)
    cards = Box(MARGIN, _CARDS, WIDTH - 2 * MARGIN, _TALL)
    if found.shared and found.both:
        wide = (cards.width - 18) * 0.56
        _shared(canvas, cards._replace(width=wide), found.shared)
        _song(canvas, Box(cards.x + wide + 18, cards.y, cards.width - wide - 18, _TALL), found.both)
    elif found.shared:
        _shared(canvas, cards, found.shared)
    elif found.both:
        _song(canvas, cards, found.both)
    told = [say("{} and {} have {} in common.", name, found.name, percent(found.agreement))]
    if found.shared:
        told.append(say("Both like: {}.", listed(found.shared)))
    return canvas.drawing(" ".join(told))


def _circles(canvas: Canvas, agreement: float) -> None:
    theme, middle = canvas.theme, WIDTH / 2
    shared = _LEAST + (_MOST - _LEAST) * min(max(agreement, 0.0), 1.0)
    away = _RADIUS - shared / 2
    for x, hue in ((middle - away, theme.hues[0]), (middle + away, theme.hues[2])):
        canvas.circle(x, _MIDDLE, _RADIUS, hue, opacity=0.3)
    for x, hue in ((middle - away, theme.hues[0]), (middle + away, theme.hues[2])):
        canvas.circle(x, _MIDDLE, _RADIUS, "none", line=hue)
    size = min(62.0, shared * 0.4)
    canvas.text(middle, _MIDDLE + size * 0.2, percent(agreement), size, weight=800, anchor="middle")
    below = say("in common")
    canvas.text(middle, _MIDDLE + size * 0.2 + 28, below, 16, anchor="middle", room=shared - 16)


def _person(
    canvas: Canvas, x: float, name: str, artists: Sequence[str], hue: str, *, is_right: bool = False
) -> None:
    """Write a name, and what this user could show the other, at the outer edge."""
    at = x + _SIDE if is_right else x
    anchor: Anchor = "end" if is_right else "start"
    y, step = _MIDDLE - 88, 34.0
    canvas.text(at, y, name, 36, weight=800, anchor=anchor, room=_SIDE)
    canvas.rect(Box(at - 44 if is_right else at, y + 14, 44, 5), hue, radius=3)
    for k, artist in enumerate(artists):
        canvas.text(
            at,
            y + 30 + step * (k + 0.7),
            artist,
            19,
            fill=canvas.theme.soft,
            anchor=anchor,
            room=_SIDE - 10,
        )


def _shared(canvas: Canvas, box: Box, names: Sequence[str]) -> None:
    """Draw the artists both like as pills, as many as there is room for."""
    inside = canvas.card(box, say("Both like"))
    x, y = inside.x, inside.y + 6
    for name in names:
        text = fit(name, inside.width - 36, 18, 600)
        wide = fonts.width(text, 18, 600) + 34
        if x + wide > inside.right:
            x, y = inside.x, y + _PILL + 8
        if y + _PILL > inside.bottom + 12:
            return
        canvas.rect(Box(x, y, wide, _PILL), canvas.theme.rest, radius=_PILL / 2)
        canvas.text(x + wide / 2, y + 25, text, 18, weight=600, anchor="middle")
        x += wide + 10


def _song(canvas: Canvas, box: Box, song: Song) -> None:
    inside = canvas.card(box, say("A song for both"))
    canvas.light(inside.right - 34, inside.y + 36, 58, canvas.theme.hues[4], 0.7)
    canvas.text(inside.x, inside.y + 42, song.title or song.artist, 32, weight=800, room=inside.width - 96)
    if song.title is not None:
        below = canvas.theme.soft
        canvas.text(inside.x, inside.y + 76, song.artist, 20, fill=below, room=inside.width - 96)
