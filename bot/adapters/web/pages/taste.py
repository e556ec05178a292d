"""*My taste*: the drawings, what Segue believes, and the thumbs that made it, each with its way back."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from bot.adapters.web.svg import inline
from bot.adapters.web.templating import name, page
from bot.adapters.web.visitor import SignedIn
from bot.pictures.taste_card import taste_panels
from bot.replies.buttons import Act
from bot.replies.dates import date
from recommender.types import Song
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
    panels = taste_panels(known, portrait, habits, "dark")
    thumbs = [thumb(line) for line in await music.verdicts(listener, _MOST)]
    drawn = [(inline(panel), panel.name.startswith("map")) for panel in panels]
    own = [one.name for one in portrait.map.own] if portrait.map else []
    return page(request, "taste.html", known=known, panels=drawn, thumbs=thumbs, own=own)


def thumb(line: HistoryLine) -> Thumb:
    """Return a line of the log as a thumb."""
    sign = "👍" if line.kind is Kind.LIKE else "👎"
    song = Song(line.subject, line.artist, line.title)
    return Thumb(sign, name(song), date(line.recorded_at // _DAY), str(Act("undo", line.subject)))
