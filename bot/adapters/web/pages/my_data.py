"""*My data*: import, export, connected services, settings, signed-in browsers, forget."""

import hmac

from fastapi import APIRouter, Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from bot.adapters.web.answers import answered, said
from bot.adapters.web.templating import page, short
from bot.adapters.web.visitor import Sent, SignedIn, check_origin, signed_in, take_cookie
from bot.commands import dispatch, press
from bot.replies import Problem
from bot.replies.buttons import Yes
from bot.replies.dates import date
from bot.replies.i18n import say

router = APIRouter()
_DAY = 86_400
ERASE = "erase"
"""The word that has to be typed, in the language of the page."""


@router.get("/data")
async def my_data(request: Request, visitor: SignedIn) -> Response:
    """Show everything that can be done with one's data."""
    music, listener = visitor.music, visitor.listener
    browsers = [
        (one.id, short(one.name), date(one.seen_at // _DAY), one.id == visitor.session.id)
        for one in await music.web.browsers(listener)
    ]
    imports = request.app.state.imports
    running = imports.of(visitor.session.user_id)
    line = await imports.line(visitor.context(), running) if running and running.reply is None else ""
    ended = said(running.reply) if running and running.reply is not None else ()
    return page(
        request,
        "data.html",
        browsers=browsers,
        running=running,
        line=line,
        ended=ended,
        linked=await music.connections.of(listener),
        offered=music.connections.offered,
        spotify=music.connections.spotify.is_there,
        erase=say(ERASE),
    )


@router.post("/import")
async def brought(request: Request) -> Response:
    """Take a file; the page of one's data shows how far its import is."""
    visitor = await signed_in(request)
    check_origin(request)
    imports = request.app.state.imports
    async with request.form(max_files=1, max_fields=10) as fields:
        if not hmac.compare_digest(str(fields.get("token", "")).encode(), visitor.token.encode()):
            raise HTTPException(403)
        file = fields.get("file")
        if not isinstance(file, UploadFile) or not file.filename:
            raise HTTPException(400, say("Choose a file first."))
        if imports.is_running(visitor.session.user_id):
            raise HTTPException(409, say("Your file before that is still being read. Wait until it is done."))
        await imports.begin(visitor.session.user_id, visitor.context(), short(file.filename)[:60], file.file)
    return RedirectResponse("/data#import", 303)


@router.post("/export")
async def exported(request: Request, form: Sent) -> Response:
    """Return the file with everything that is kept."""
    return await answered(request, form, form.context, await dispatch(form.context, "/export"), "/data")


@router.post("/connect")
async def connected(request: Request, form: Sent) -> Response:
    """Connect a service, or finish the sign-in at Spotify."""
    reply = await dispatch(form.context, f"/connect {form['service']} {form['name']}".strip())
    return await answered(request, form, form.context, reply, "/data")


@router.post("/disconnect")
async def disconnected(request: Request, form: Sent) -> Response:
    """Disconnect a service, which erases what came from it."""
    reply = await dispatch(form.context, f"/disconnect {form['service']}")
    return await answered(request, form, form.context, reply, "/data")


@router.post("/look")
async def looked(request: Request, form: Sent) -> Response:
    """Choose dark or light pages and pictures, or text."""
    reply = await dispatch(form.context, f"/settings pictures {form['look']}")
    if isinstance(reply, Problem):
        return await answered(request, form, form.context, reply, "/data")
    return RedirectResponse("/data", 303)


@router.post("/forget")
async def forgotten(request: Request, form: Sent) -> Response:
    """Erase everything about the visitor, if they typed the word."""
    if form["word"].strip().casefold() != say(ERASE).casefold():
        return _not_typed(request)
    reply = await press(form.context, str(Yes("forget")))
    if isinstance(reply, Problem):
        return await answered(request, form, form.context, reply, "/data")
    request.app.state.imports.forget(form.visitor.session.user_id)
    request.state.visitor = None
    response = page(request, "goodbye.html", lines=said(reply))
    take_cookie(request, response)
    return response


def _not_typed(request: Request) -> Response:
    problem = Problem(say('Nothing is erased: the word to type is "{}".', say(ERASE)))
    return page(request, "answer.html", status=400, reply=problem, lines=said(problem), back="/data")
