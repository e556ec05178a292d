"""*For me*: recommendations as cards, thumbs, reasons, the adventurous slider, and a line to say."""

import re

from fastapi import APIRouter, Request
from starlette.responses import Response

from bot.adapters.web.answers import answered, listed
from bot.adapters.web.visitor import Sent, SignedIn, Visitor
from bot.commands import delivered, dispatch, press
from bot.replies import Problem, SlateReply
from recommender.errors import NothingToDo
from recommender.service.permissions import ChatRef, OneSlate

router = APIRouter()
_MOST_DIGITS = 18


@router.get("/")
async def for_me(request: Request, visitor: SignedIn) -> Response:
    """Show the newest list, or the one that is asked for; a first list is made."""
    wanted = request.query_params.get("list", "")
    is_number = wanted.isascii() and wanted.isdecimal() and len(wanted) <= _MOST_DIGITS
    if is_number:
        here = ChatRef(visitor.listener.platform)
        await visitor.music.permissions.check(visitor.listener, here, OneSlate(int(wanted)))
    try:
        slate = await visitor.music.slate(visitor.listener, int(wanted) if is_number else None)
    except NothingToDo:
        return await _first(request, visitor)
    return await listed(request, visitor, slate)


async def _first(request: Request, visitor: Visitor) -> Response:
    context = visitor.context()
    reply = await dispatch(context, "/recommend")
    if isinstance(reply, SlateReply):
        problem = await delivered(context, reply)
        if problem is None:
            return await listed(request, visitor, reply.slate, reply.title, reply.note)
        reply = problem
    raise NothingToDo("{}", reply.sentence if isinstance(reply, Problem) else "")


@router.post("/say")
async def said(request: Request, form: Sent) -> Response:
    """Answer a line as a private chat does."""
    context = form.context
    return await answered(request, form, context, await dispatch(context, form["line"], chatty=True))


@router.post("/press")
async def pressed(request: Request, form: Sent) -> Response:
    """Answer a button as a private chat does."""
    context = form.context
    return await answered(request, form, context, await press(context, form["do"]), _back(form["back"]))


@router.post("/adventurous")
async def adventurous(request: Request, form: Sent) -> Response:
    """Set how adventurous lists are, and show a list that is."""
    level = form["level"]
    context = form.context
    reply = await dispatch(context, f"/settings adventurous {level}" if level.isdecimal() else "/settings")
    if not isinstance(reply, Problem):
        reply = await dispatch(form.visitor.context(), "/recommend")
    return await answered(request, form, context, reply)


_PAGES = ("/", "/taste", "/history", "/data", "/session")
_ARTIST = re.compile(r"/artist/[0-9]{1,18}")


def _back(path: str) -> str:
    """Return one of our own pages, whatever a form says."""
    return path if path in _PAGES or _ARTIST.fullmatch(path) else "/"
