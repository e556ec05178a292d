"""*Session*: the live view of people who listen together, votes from the phone, and the QR code to them."""

from collections.abc import AsyncIterator

import segno
from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response, StreamingResponse

from bot.adapters.web.answers import said
from bot.adapters.web.templating import environment, name, page, short
from bot.adapters.web.visitor import Sent, SignedIn, Visitor
from bot.commands import press
from bot.replies import Problem, SessionReply
from bot.replies.buttons import OnSession, OnSong, parse
from bot.replies.i18n import language
from bot.replies.session_card import people, why
from recommender.errors import NotKnown
from recommender.sessions import OpenSession
from recommender.sessions.state import LiveSession

router = APIRouter()
_ALIVE_SECONDS = 15.0
"""Seconds after which a silent stream shows that it is there, and its reader that they still may read it."""


@router.get("/session")
async def sessions(request: Request, visitor: SignedIn) -> Response:
    """Show the running sessions of the visitor's places; the only one at once."""
    found = await visitor.music.sessions.open_to(visitor.listener)
    if len(found) == 1:
        return RedirectResponse(f"/session/{found[0].id}", 303)
    return page(request, "sessions.html", found=found)


@router.get("/session/{session_id}")
async def session(request: Request, visitor: SignedIn, session_id: int) -> Response:
    """Show a session; its card follows what happens."""
    await _mine(visitor, session_id)
    live = await visitor.music.sessions.look(session_id)
    card = Markup(drawn(live))  # noqa: S704 - a template made it
    return page(request, "session.html", live=live, card=card, qr=_code(visitor, session_id))


@router.get("/session/{session_id}/events")
async def events(request: Request, visitor: SignedIn, session_id: int) -> Response:
    """Stream the card of a session, whenever it has changed, as server-sent events."""
    await _mine(visitor, session_id)
    if not request.app.state.rooms.has_room(visitor.session.user_id):
        raise HTTPException(503)
    stream = _events(request, visitor, session_id, language())
    return StreamingResponse(
        stream,
        media_type="text/event-stream",
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )


async def _events(request: Request, visitor: Visitor, session_id: int, spoken: str) -> AsyncIterator[str]:
    rooms, user_id, seen = request.app.state.rooms, visitor.session.user_id, 0
    room = rooms.enter(session_id, user_id)
    try:
        yield "retry: 2000\n\n"
        while True:
            version = await rooms.next(room, seen, _ALIVE_SECONDS)
            if not await _may_read(visitor, session_id):
                yield "event: over\ndata:\n\n"
                return
            if version == seen:
                yield ": still here\n\n"
                continue
            seen = version
            lines = rooms.drawn(room, spoken).splitlines()
            yield "event: card\n" + "".join(f"data: {line}\n" for line in lines) + "\n"
    finally:
        rooms.leave(session_id, user_id)


async def _may_read(visitor: Visitor, session_id: int) -> bool:
    """Tell whether a visitor is signed in still, and may see the session."""
    browsers = await visitor.music.web.browsers(visitor.listener)
    if visitor.session.id not in {one.id for one in browsers}:
        return False
    return any(one.id == session_id for one in await visitor.music.sessions.open_to(visitor.listener))


@router.post("/session/{session_id}")
async def pressed(request: Request, form: Sent, session_id: int) -> Response:
    """Vote, join or leave as a button of the card in the chat does."""
    here = await _mine(form.visitor, session_id)
    payload = form["do"]
    if not isinstance(parse(payload), OnSong | OnSession):
        raise HTTPException(400)
    context = form.visitor.context(form["key"], here.community, here.place)
    reply = await press(context, payload)
    if isinstance(reply, SessionReply):
        return RedirectResponse(f"/session/{session_id}", 303)
    back = f"/session/{session_id}"
    status = 409 if isinstance(reply, Problem) else 200
    return page(request, "answer.html", status=status, reply=reply, lines=said(reply), back=back)


async def _mine(visitor: Visitor, session_id: int) -> OpenSession:
    """Return a session of a place that the visitor is a member of; raise `NotKnown` for any other."""
    for one in await visitor.music.sessions.open_to(visitor.listener):
        if one.id == session_id:
            return one
    raise NotKnown("I no longer know that session. /session start opens a new one.")


def drawn(live: LiveSession) -> str:
    """Return the card of a session, the same for everybody who speaks a language."""
    turns = [(name(turn.song), short(why(turn))) for turn in live.next]
    votes = () if live.now is None else [(kind.value, n) for kind, n in live.now.votes.items()]
    now = ("", "") if live.now is None else (name(live.now.song), short(why(live.now)))
    song_id = None if live.now is None else live.now.song_id
    values = {"live": live, "turns": turns, "votes": dict(votes), "now": now, "song_id": song_id}
    return environment().get_template("session_card.html").render(people=short(people(live)), **values)


def _code(visitor: Visitor, session_id: int) -> Markup:
    """Return the QR code of a session's address, for phones in the room."""
    code = segno.make(f"{visitor.music.web.address}/session/{session_id}", error="m")
    return Markup(code.svg_inline(border=3, omitsize=True))  # noqa: S704 - numbers only
