"""*History*: what somebody said and heard, with search, and the way back of each verdict."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from bot.adapters.web.templating import name, page
from bot.adapters.web.visitor import SignedIn
from bot.replies.buttons import Act
from bot.replies.dates import date
from bot.replies.explanations import MARKS
from recommender.types import Song
from storage.records import HistoryLine, Kind, Subject

router = APIRouter()
_LINES = 50
_LONGEST = 100
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One line of a history as a page shows it."""

    sign: str
    name: str
    when: str
    plays: int
    undone: bool
    undo: str  # payload that takes it back; "" where nothing does


@router.get("/history")
async def history(request: Request, visitor: SignedIn) -> Response:
    """Show a page of the history, newest first."""
    text = request.query_params.get("q", "").strip()[:_LONGEST]
    before = request.query_params.get("before", "")
    older = int(before) if before.isascii() and before.isdecimal() and len(before) <= 18 else None
    lines = await visitor.music.diary.lines(visitor.listener, _LINES + 1, older, text)
    more = lines[_LINES - 1].event_id if len(lines) > _LINES else None
    entries = [entry(line) for line in lines[:_LINES]]
    return page(request, "history.html", entries=entries, more=more, q=text)


def entry(line: HistoryLine) -> HistoryEntry:
    """Return a line of the log for a page."""
    song = Song(line.subject, line.artist, line.title)
    undo = ""
    if not line.undone and line.kind in (Kind.LIKE, Kind.DISLIKE, Kind.SKIP):
        undo = str(Act("undo", line.subject))
    elif not line.undone and line.kind is Kind.BLOCK:
        undo = str(Act("unblock", Subject(line.subject.artist_id)))
    when = date((line.at or line.recorded_at) // _DAY)
    return HistoryEntry(MARKS.get(line.kind, ""), name(song), when, line.plays or 0, line.undone, undo)
