"""The map of music: every artist a star, a user's own artists lit and named."""

from collections import Counter, defaultdict
from statistics import fmean

from bot.pictures import fonts
from bot.pictures.canvas import Box, Canvas, fit
from bot.pictures.theme import FAMILIES
from bot.replies.i18n import say
from recommender.service.portraits import MusicMap, Named, Star

_MOST_NAMES = 9
_REGION = 25  # stars that a genre needs for its name on the map
_LABEL = 15.0
_CELLS = 12
_TARGET = 14.0  # radius of what a finger hits


def music_map(canvas: Canvas, box: Box, found: MusicMap, page: str = "") -> None:
    """Draw the map: stars in the colours of their genres, the user's artists, and the middle of them.

    With `page`, such as "/artist/{}", each of the user's artists leads to the page of its id.
    """
    inside = box.inset(10)
    hues: defaultdict[str, list[Star]] = defaultdict(list)
    for star in found.stars:
        hues[_hue(canvas, star)].append(star)
    for hue, stars in hues.items():
        canvas.dots((_at(inside, star) for star in stars), 2.1, hue, 0.5)
    here = _at(inside, Star(*found.here, ""))
    canvas.light(*here, min(box.height, box.width) * 0.46, canvas.theme.hues[0], 0.3)
    for one in reversed(found.own):
        x, y = _at(inside, one.star)
        canvas.light(x, y, 13 + 12 * one.weight, _hue(canvas, one.star), 0.75)
    for one in reversed(found.own):
        x, y = _at(inside, one.star)
        radius = 3.2 + 3.2 * one.weight
        canvas.circle(x, y, radius, canvas.theme.ink, line=_hue(canvas, one.star))
    taken = [_around(*_at(inside, one.star), 6) for one in found.own]
    _names(canvas, box, [(one, _at(inside, one.star)) for one in found.own[:_MOST_NAMES]], taken)
    _regions(canvas, box, inside, found, taken)
    for one in reversed(found.own if page else ()):
        canvas.link(*_at(inside, one.star), _TARGET, page.format(one.artist_id), one.name)


def _at(box: Box, star: Star) -> tuple[float, float]:
    return box.x + box.width * star.x, box.y + box.height * star.y


def _hue(canvas: Canvas, star: Star) -> str:
    known = FAMILIES.get(star.family)
    return canvas.theme.star if known is None else canvas.theme.hues[known[0]]


def _around(x: float, y: float, by: float) -> Box:
    return Box(x - by, y - by, 2 * by, 2 * by)


def _names(
    canvas: Canvas, box: Box, places: list[tuple[Named, tuple[float, float]]], taken: list[Box]
) -> None:
    """Write names beside their stars where nothing is in the way; the strongest come first."""
    for one, (x, y) in places:
        name = fit(one.name, min(210, box.width * 0.45), _LABEL, 600)
        wide = fonts.width(name, _LABEL, 600)
        spots = [
            Box(x + 11, y - 9, wide, 18),
            Box(x - 11 - wide, y - 9, wide, 18),
            Box(x - wide / 2, y - 29, wide, 18),
            Box(x - wide / 2, y + 11, wide, 18),
            *(Box(at, y + down, wide, 18) for down in (-28, 10, -46, 28) for at in (x + 11, x - 11 - wide)),
        ]
        free = next((spot for spot in spots if _is_free(spot, box, taken)), None)
        if free is not None:
            canvas.halo(free.x, free.y + 14, name, _LABEL)
            taken.append(free)


def _regions(canvas: Canvas, box: Box, inside: Box, found: MusicMap, taken: list[Box]) -> None:
    """Write the names of genres where most of their stars are."""
    members: defaultdict[str, list[Star]] = defaultdict(list)
    for star in found.stars:
        members[star.family].append(star)
    for family, stars in sorted(members.items(), key=lambda pair: -len(pair[1])):
        if family not in FAMILIES or len(stars) < _REGION:
            continue
        middle = _thickest(stars)
        x, y = _at(inside, middle)
        label = say(FAMILIES[family][1]).upper()
        wide = fonts.width(label, 12, 600) + 2 * len(label)
        for down in (0, -26, 26, -52, 52):
            spot = Box(x - wide / 2, y - 8 + down, wide, 16)
            if _is_free(spot, box, taken):
                hue = _hue(canvas, middle)
                canvas.halo(spot.x, y + 4 + down, label, 12, fill=hue, spread=2)
                taken.append(spot)
                break


def _thickest(stars: list[Star]) -> Star:
    """Return the middle of the part of the map where most of these stars are."""
    cells = Counter((int(star.x * _CELLS), int(star.y * _CELLS)) for star in stars)

    def around(cell: tuple[int, int]) -> int:
        return sum(cells[cell[0] + dx, cell[1] + dy] for dx in (-1, 0, 1) for dy in (-1, 0, 1))

    best = max(sorted(cells), key=around)
    near = [
        star
        for star in stars
        if abs(int(star.x * _CELLS) - best[0]) <= 1 and abs(int(star.y * _CELLS) - best[1]) <= 1
    ]
    return Star(fmean(star.x for star in near), fmean(star.y for star in near), stars[0].family)


def _is_free(spot: Box, box: Box, taken: list[Box]) -> bool:
    if spot.x < box.x or spot.right > box.right or spot.y < box.y or spot.bottom > box.bottom:
        return False
    return all(
        spot.right < other.x or other.right < spot.x or spot.bottom < other.y or other.bottom < spot.y
        for other in taken
    )
