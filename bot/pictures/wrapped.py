"""The three pictures of `/wrapped`, tall as a phone: figures, favourites, months and hours of a year."""

from collections.abc import Sequence

from bot.pictures import Drawing, Look, charts
from bot.pictures.canvas import Box, Canvas
from bot.pictures.page import Figure, signature
from bot.pictures.theme import THEMES
from bot.replies.dates import date, month
from bot.replies.i18n import counted, number, say
from recommender.service.history import Count, Year
from recommender.types import Share

_WIDTH, _HEIGHT = 720, 1280
_MARGIN = 48
_GAP = 16
_INNER = _WIDTH - 2 * _MARGIN
_LIGHTS = ((0, 2), (2, 4), (5, 6))  # hues of the light behind each picture


def wrapped_pictures(name: str, year: Year, look: Look) -> tuple[Drawing, ...]:
    """Return a year of a user's listening in three pictures."""
    return (_figures(name, year, look), _favourites(name, year, look), _times(name, year, look))


def _canvas(number_of: int, look: Look) -> Canvas:
    canvas = Canvas(f"wrapped-{number_of}", _WIDTH, _HEIGHT, THEMES[look])
    left, right = (canvas.theme.hues[hue] for hue in _LIGHTS[number_of - 1])
    canvas.aurora(0, _WIDTH * 0.95, 620, left, canvas.theme.glow)
    canvas.aurora(_WIDTH, _WIDTH * 0.9, 620, right, canvas.theme.glow)
    signature(canvas, _WIDTH - _MARGIN, _HEIGHT - 34)
    return canvas


def _heading(canvas: Canvas, text: str, year: int) -> None:
    canvas.text(_MARGIN, 104, text, 46, weight=800, room=_INNER - 110)
    canvas.text(_WIDTH - _MARGIN, 104, f"{year}", 24, weight=600, anchor="end", fill=canvas.theme.soft)


def _figures(name: str, year: Year, look: Look) -> Drawing:
    canvas = _canvas(1, look)
    theme = canvas.theme
    paint = canvas.shade(
        ((0, theme.hues[0], 1), (0.55, theme.hues[1], 1), (1, theme.hues[2], 1)), kind="linear"
    )
    canvas.text(_MARGIN, 132, name, 40, weight=600, room=_INNER)
    canvas.text(_MARGIN - 8, 330, f"{year.year}", 236, weight=800, fill=paint, room=_INNER + 40)
    canvas.text(_MARGIN, 398, say("wrapped"), 40, weight=600, fill=theme.soft)
    figures = _told(year)
    rows = (len(figures) + 1) // 2
    for n, figure in enumerate(figures):
        is_last_alone = n == len(figures) - 1 and n % 2 == 0
        wide = _INNER if is_last_alone else (_INNER - _GAP) / 2
        box = Box(_MARGIN + n % 2 * (wide + _GAP), 460 + n // 2 * (184 + _GAP), wide, 184)
        _figure(canvas, box, figure)
    top = 460 + rows * (184 + _GAP)
    _highlight(canvas, Box(_MARGIN, top, _INNER, _HEIGHT - 96 - top), year)
    alt = ", ".join(f"{figure.value} {figure.noun}" for figure in figures)
    return canvas.drawing(f"{say('{}: {} wrapped', name, year.year)}: {alt}")


def _told(year: Year) -> list[Figure]:
    counts = [counted(year.minutes, "minute")] if year.minutes else []
    counts += [counted(year.plays, "play"), counted(year.artist_count, "artist")]
    found = [Figure(*count.split(" ", 1)) for count in counts]
    return [*found, Figure(number(year.new_artists), say("new to you"))] if year.discovery else found


def _figure(canvas: Canvas, box: Box, figure: Figure) -> None:
    inside = canvas.card(box)
    size = 58 if len(figure.value) <= 7 else 46
    canvas.text(inside.x, inside.y + 72, figure.value, size, weight=800, room=inside.width)
    canvas.text(inside.x, inside.y + 116, figure.noun, 24, fill=canvas.theme.soft, room=inside.width)


def _highlight(canvas: Canvas, box: Box, year: Year) -> None:
    """Draw the discovery of the year, else its artist."""
    found = year.discovery or next(iter(year.artists), None)
    if found is None:
        return
    title = say("Discovery of the year") if year.discovery else say("Artist of the year")
    inside = canvas.card(box)
    middle = inside.y + inside.height / 2
    canvas.light(inside.right - 84, middle, 106, canvas.theme.hues[2], 0.6)
    canvas.text(inside.x, middle - 48, title, 24, fill=canvas.theme.soft, room=inside.width)
    canvas.text(inside.x, middle + 16, found.song.artist, 50, weight=800, room=inside.width)
    told = counted(found.plays, "play")
    canvas.text(inside.x, middle + 62, told, 24, fill=canvas.theme.soft, room=inside.width)


def _favourites(name: str, year: Year, look: Look) -> Drawing:
    canvas = _canvas(2, look)
    _heading(canvas, say("Favourites"), year.year)
    lists = [(say("Artists"), year.artists), (say("Songs"), year.tracks)]
    shown = [(title, counts) for title, counts in lists if counts]
    top, room = 150.0, _HEIGHT - 150 - 84.0
    tall = (room - _GAP * (len(shown) - 1)) / max(len(shown), 1)
    for n, (title, counts) in enumerate(shown):
        box = Box(_MARGIN, top + n * (tall + _GAP), _INNER, tall)
        inside = canvas.card(box, title)
        if len(counts) > 1 or len(shown) > 1:
            _ranking(canvas, inside, counts, canvas.theme.hues[2 + 2 * n])
        else:
            charts.bars(canvas, inside, [Share(counts[0].song.label, 1.0)])
    first = ", ".join(count.song.label for count in year.artists[:3])
    return canvas.drawing(f"{name}, {year.year}. {say('Artists')}: {first}")


def _ranking(canvas: Canvas, box: Box, counts: Sequence[Count], hue: str) -> None:
    step = min(132.0, box.height / len(counts))
    y = box.y + (box.height - step * len(counts)) / 2
    most = max(counts[0].plays, 1)
    for rank, count in enumerate(counts, 1):
        middle = y + step / 2
        canvas.text(box.x + 22, middle + 12, f"{rank}", 38, weight=800, fill=hue, anchor="middle")
        title = count.song.title or count.song.artist
        room = box.width - 68 - 90
        below = count.song.artist if count.song.title is not None else ""
        canvas.text(box.x + 66, middle - 6, title, 27, weight=600, room=room)
        plays = number(count.plays)
        canvas.text(box.right, middle - 6, plays, 22, fill=canvas.theme.soft, anchor="end")
        if below:
            canvas.text(box.x + 66, middle + 24, below, 20, fill=canvas.theme.soft, room=box.width - 66)
        else:
            track = Box(box.x + 66, middle + 11, box.width - 66, 9)
            canvas.rect(track, canvas.theme.rest, radius=5)
            canvas.rect(track._replace(width=max(9, track.width * count.plays / most)), hue, radius=5)
        y += step


def _times(name: str, year: Year, look: Look) -> Drawing:
    canvas = _canvas(3, look)
    _heading(canvas, say("Through the year"), year.year)
    _months(canvas, canvas.card(Box(_MARGIN, 150, _INNER, 330)), year.months)
    best = max(range(24), key=year.hours.__getitem__)
    day = Box(_MARGIN, 150 + 330 + _GAP, _INNER, 470)
    charts.clock(canvas, canvas.card(day, say("Through the day (UTC)"), f"{best}:00"), year.hours)
    facts = (
        (say("Most on one day"), counted(year.busiest[1], "play"), date(year.busiest[0])),
        (say("Longest streak"), counted(year.streak.days, "day"), say("from {}", date(year.streak.first))),
    )
    wide = (_INNER - _GAP) / 2
    for n, (title, value, when) in enumerate(facts):
        inside = canvas.card(Box(_MARGIN + n * (wide + _GAP), day.bottom + _GAP, wide, 204))
        canvas.text(inside.x, inside.y + 26, title, 21, fill=canvas.theme.soft, room=inside.width)
        canvas.text(inside.x, inside.y + 88, value, 40, weight=800, room=inside.width)
        canvas.text(inside.x, inside.y + 130, when, 21, fill=canvas.theme.soft, room=inside.width)
    told = ". ".join(f"{title}: {value}, {when}" for title, value, when in facts)
    return canvas.drawing(f"{name}, {year.year}. {told}")


def _months(canvas: Canvas, box: Box, months: Sequence[int]) -> None:
    theme, most = canvas.theme, max(*months, 1)
    step, tall = box.width / 12, box.height - 40
    paint = canvas.shade(
        ((0, theme.hues[5], 1), (1, theme.hues[6], 1)), kind="linear", attrs='x1="0" y1="1" x2="0" y2="0"'
    )
    for n, count in enumerate(months):
        height = max(8.0, tall * count / most)
        bar = Box(box.x + n * step + 5, box.y + tall - height, step - 10, height)
        canvas.rect(bar, paint if count else theme.rest, radius=10)
        canvas.text(
            bar.x + bar.width / 2,
            box.bottom - 4,
            month(n + 1),
            17,
            fill=theme.ink if count == most else theme.soft,
            weight=800 if count == most else 400,
            anchor="middle",
            room=step + 2,
        )
