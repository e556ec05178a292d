"""The taste card of `/profile`: genres, the map of music, artists, sounds, decades, the listening clock."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.pictures import Drawing, Look, charts
from bot.pictures.canvas import Box, Canvas, columns
from bot.pictures.music_map import music_map
from bot.pictures.page import HEAD, MARGIN, WIDTH, Figure, header
from bot.pictures.theme import THEMES
from bot.replies.i18n import counted, listed, number, percent, say, share
from bot.wishes.wording import tags
from recommender.service.history import Habits
from recommender.service.listening_stats import DAY
from recommender.service.portraits import Portrait
from recommender.types import Share, TasteProfile

_GAP = 18
_TALL = 352  # of a row of panels
_PHONE = 440  # the width of a panel alone
_ALONE = 430  # of the only row
_MOODS = 4

Draw = Callable[[Canvas, Box], None]


@dataclass(frozen=True, slots=True)
class _Panel:
    title: str
    weight: float  # of its width in a row
    draw: Draw
    note: str = ""
    key: str = "panel"


def taste_card(
    name: str, profile: TasteProfile, portrait: Portrait, habits: Habits | None, look: Look
) -> Drawing:
    """Return the picture of a taste; what is not known has no panel, and the others take its room."""
    panels = list(_panels(profile, portrait, habits))
    rows = [panels] if len(panels) <= 3 else [panels[:2], panels[2:]]
    tall = _TALL if len(rows) > 1 else _ALONE
    height = HEAD + len(rows) * (tall + _GAP) - _GAP + MARGIN
    canvas = Canvas("taste", WIDTH, height, THEMES[look])
    header(canvas, say("The taste of {}", name), _below(profile, habits), _figures(profile, habits))
    for n, row in enumerate(rows):
        line = Box(MARGIN, HEAD + n * (tall + _GAP), WIDTH - 2 * MARGIN, tall)
        for panel, box in zip(row, columns(line, [p.weight for p in row], _GAP), strict=True):
            panel.draw(canvas, canvas.card(box, panel.title, panel.note))
    return canvas.drawing(_alt(name, profile))


def taste_panels(
    profile: TasteProfile, portrait: Portrait, habits: Habits | None, look: Look, page: str = ""
) -> tuple[Drawing, ...]:
    """Return each panel of the taste card as a picture of its own, to stand below each other on a phone.

    With `page`, artists on the map lead to their pages: see `music_map`.
    """
    found = []
    for n, panel in enumerate(_panels(profile, portrait, habits, page)):
        canvas = Canvas(f"{panel.key}{n}", _PHONE, _TALL, THEMES[look])
        panel.draw(canvas, canvas.card(canvas.box, panel.title, panel.note))
        found.append(canvas.drawing(f"{panel.title}. {panel.note}".strip()))
    return tuple(found)


def _panels(profile: TasteProfile, portrait: Portrait, habits: Habits | None, page: str = "") -> list[_Panel]:
    """Return the panels that there is something to show in, the most telling first."""
    found: list[_Panel] = []
    if profile.tags:
        found.append(_Panel(say("Genres"), 1.0, lambda c, b: charts.ring(c, b, profile.tags)))
    if place := portrait.map:
        title = say("On the map of music")
        found.append(_Panel(title, 1.25, lambda c, b: music_map(c, b, place, page), key="map"))
    if profile.artists:
        found.append(_Panel(say("Artists"), 1.15, lambda c, b: charts.bars(c, b, profile.artists)))
    if portrait.sounds:
        found.append(_Panel(say("How it sounds"), 1.1, lambda c, b: charts.radar(c, b, portrait.sounds)))
    if profile.decades:
        found.append(_Panel(say("Decades"), 0.9, lambda c, b: charts.decades(c, b, profile.decades)))
    if habits is not None:
        hours = habits.hours
        best = f"{max(range(24), key=hours.__getitem__)}:00 UTC"
        found.append(_Panel(say("When you listen"), 1.1, lambda c, b: charts.clock(c, b, hours), best))
    return found


def _below(profile: TasteProfile, habits: Habits | None) -> str:
    moods = " · ".join(tags(mood.name for mood in profile.moods[:_MOODS]))
    if habits is None:
        return moods
    since = say("since {}", datetime.fromtimestamp(habits.since * DAY, UTC).year)
    return f"{moods} · {since}" if moods else since


def _figures(profile: TasteProfile, habits: Habits | None) -> list[Figure]:
    counts = ((profile.plays, "play"), (profile.likes, "like"), (profile.dislikes, "dislike"))
    found = [Figure(number(n), counted(n, noun).partition(" ")[2]) for n, noun in counts if n]
    if habits is not None and habits.streak.days > 1 and len(found) < 3:
        found.append(Figure(number(habits.streak.days), say("days in a row")))
    if profile.outlook is not None:
        found.append(Figure(percent(profile.outlook.sure), say("known")))
    return found[:4]


def _alt(name: str, profile: TasteProfile) -> str:
    parts = [say("The taste of {}", name)]
    for heading, shares in ((say("Artists"), profile.artists), (say("Genres"), profile.tags)):
        if shares:
            parts.append(f"{heading}: {listed(tuple(map(_told, shares[:3])))}")
    return ". ".join(parts)


def _told(one: Share) -> str:
    return f"{one.name} {share(one.weight)}"
