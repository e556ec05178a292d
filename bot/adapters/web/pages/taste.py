"""*My taste*: the drawings, what Segue believes, and the thumbs that made it, each with its way back."""

import asyncio
from dataclasses import dataclass
from functools import lru_cache

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import Response

from bot.adapters.web.svg import inline
from bot.adapters.web.templating import name, page
from bot.adapters.web.visitor import SignedIn
from bot.pictures.taste_card import taste_panels
from bot.replies.buttons import Act
from bot.replies.dates import date
from bot.replies.i18n import language
from recommender.service.history import Habits
from recommender.service.portraits import Portrait
from recommender.types import Song, TasteProfile
from storage.records import HistoryLine, Kind

router = APIRouter()
_MOST = 100
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Thumb:
    """A verdict that stands."""

    sign: str
    name: str
    when: str
    undo: str  # payload that takes it back


@router.get("/taste")
async def taste(request: Request, visitor: SignedIn) -> Response:
    """Show a taste in pictures and words."""
    music, listener = visitor.music, visitor.listener
    known = await music.profile(listener)
    portrait = await music.portraits.of(listener)
    habits = await music.diary.habits(listener, "year")
    drawn = await asyncio.to_thread(_drawn, known, portrait, habits, language())
    thumbs = [thumb(line) for line in await music.reactions.verdicts(listener, _MOST)]
    own = [one.name for one in portrait.map.own] if portrait.map else []
    return page(request, "taste.html", known=known, panels=drawn, thumbs=thumbs, own=own)


@lru_cache(maxsize=32)
def _drawn(
    known: TasteProfile, portrait: Portrait, habits: Habits | None, _: str
) -> tuple[tuple[Markup, bool], ...]:
    """Return the panels of a taste in the language of the task, and whether each is the map.

    Drawing takes most of a page's time, and a taste is looked at more often than it changes.
    """
    panels = taste_panels(known, portrait, habits, "dark", "/artist/{}")
    return tuple((inline(panel), panel.name.startswith("map")) for panel in panels)


def thumb(line: HistoryLine) -> Thumb:
    """Return a line of the log as a thumb."""
    sign = "👍" if line.kind is Kind.LIKE else "👎"
    song = Song(line.subject, line.artist, line.title)
    return Thumb(sign, name(song), date(line.recorded_at // _DAY), str(Act("undo", line.subject)))
