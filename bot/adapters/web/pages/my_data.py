"""*My data*: import, export, connected services, settings, signed-in browsers, forget."""

import hmac
from collections.abc import Sequence

from fastapi import APIRouter, Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from bot.adapters.web.answers import answered, said
from bot.adapters.web.templating import page, short
from bot.adapters.web.visitor import Sent, SignedIn, Visitor, check_origin, signed_in, take_cookie
from bot.commands import dispatch, press
from bot.handlers.importing import waits_or_runs
from bot.handlers.listening_history import imported
from bot.replies import Problem
from bot.replies.buttons import Yes
from bot.replies.dates import date
from bot.replies.i18n import say, told
from recommender.errors import MusicError
from recommender.service.file_uploads import UploadStatus, report_of

router = APIRouter()
_DAY = 86_400
_NEW_SECONDS = 3600  # how long the surprises of an import are told
_LONGEST_NAME = 60
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
    files = await music.uploads.all(listener)
    running = [
        (waits_or_runs(one.place, short(one.upload.name), one.share), one.share)
        for one in files
        if one.upload.state == "importing"
    ]
    return page(
        request,
        "data.html",
        browsers=browsers,
        running=running,
        ended=await _ended(visitor, files),
        linked=await music.connections.of(listener),
        offered=music.connections.offered,
        spotify=music.connections.spotify.is_there,
        erase=say(ERASE),
    )


async def _ended(visitor: Visitor, files: Sequence[UploadStatus]) -> tuple[str, ...]:
    """Return how the newest import went, its file first; () without one."""
    newest = next((one for one in reversed(files) if one.upload.state in ("done", "failed")), None)
    if newest is None:
        return ()
    about = newest.upload.told or {}
    if newest.upload.state == "failed":
        lines: Sequence[str] = [told(MusicError.from_json(about.get("error", about["failure"])))]
    else:
        is_new = newest.age < _NEW_SECONDS
        surprises = await visitor.music.diary.surprises(visitor.listener) if is_new else []
        lines = said(imported(report_of(about), surprises))
    return (short(newest.upload.name), *lines)


@router.post("/import")
async def brought(request: Request) -> Response:
    """Take a file; the page of one's data shows how far its import is."""
    visitor = await signed_in(request)
    check_origin(request)
    async with request.form(max_files=1, max_fields=10) as fields:
        if not hmac.compare_digest(str(fields.get("token", "")).encode(), visitor.token.encode()):
            raise HTTPException(403)
        file = fields.get("file")
        if not isinstance(file, UploadFile) or not file.filename:
            raise HTTPException(400, say("Choose a file first."))
        name = short(file.filename)[:_LONGEST_NAME]
        await visitor.music.uploads.take(visitor.listener, visitor.session.account, name, file.file)
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
    request.state.visitor = None
    response = page(request, "goodbye.html", lines=said(reply))
    take_cookie(request, response)
    return response


def _not_typed(request: Request) -> Response:
    problem = Problem(say('Nothing is erased: the word to type is "{}".', say(ERASE)))
    return page(request, "answer.html", status=400, reply=problem, lines=said(problem), back="/data")
