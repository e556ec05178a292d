"""Errors on the web: each page of an error has a sentence, and a code that the log has too."""

import logging
import secrets
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.adapters.web.templating import page
from bot.replies.i18n import say, told
from recommender.errors import MusicError, NotKnown
from storage.errors import BusyError, DiskFullError, InvalidFactError

log = logging.getLogger(__name__)

FOR_PROGRAMS = ("/api/", "/1/")
"""Paths whose errors are for programs: problem+json (RFC 9457)."""
_SAID = {
    400: "That request was incomplete. Go back, reload the page and try again.",
    403: "That form is too old, or came from another page. Go back, reload the page and try again.",
    404: "There is nothing at this address.",
    405: "That page cannot be asked in this way.",
    408: "Your request came in too slowly.",
    413: "That is more than I can take at once.",
    421: "I am not reached by that name. The setting is SEGUE_WEB_URL.",
    429: "That was too often. Wait a minute and try again.",
    503: "I am busy. Wait a moment and try again.",
}
_BROKEN = (
    "Something went wrong on my side, and I wrote it down as {}. Please try again; "
    "if it happens again, tell that code to whoever runs me."
)


def install(app: FastAPI) -> None:
    """Answer the errors of an app."""
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _unreadable)
    for kind in (MusicError, BusyError, DiskFullError, InvalidFactError):
        app.add_exception_handler(kind, _told)


def answer(scope: Scope, status: int, sentence: str = "", *, code: str = "") -> Response:
    """Return the answer to a request that failed: a page, or JSON for programs."""
    said = sentence or say(_SAID.get(status, "That did not work."))
    if scope["path"].startswith(FOR_PROGRAMS):
        body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": said}
        body |= {"code": code} if code else {}
        return JSONResponse(body, status, media_type="application/problem+json")
    return page(Request(scope), "mishap.html", status=status, sentence=said, code=code)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it
    known = error.detail if error.detail != HTTPStatus(error.status_code).phrase else ""
    response = answer(request.scope, error.status_code, known)
    response.headers.update(error.headers or {})
    return response


async def _unreadable(request: Request, _: Exception) -> Response:
    return answer(request.scope, 400)


async def _told(request: Request, error: Exception) -> Response:
    assert isinstance(error, MusicError | BusyError | DiskFullError | InvalidFactError)  # noqa: S101
    status = 404 if isinstance(error, NotKnown) else 503 if isinstance(error, BusyError) else 409
    return answer(request.scope, status, told(error))


class Mishaps:
    """Answers every unexpected error with a page, and logs it under the code on that page."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        began = False

        async def sent(message: Message) -> None:
            nonlocal began
            began = True
            await send(message)

        try:
            await self._app(scope, receive, sent)
        except Exception:
            if scope["type"] != "http":
                raise
            code = secrets.token_hex(3)
            # Not the whole path: it may hold a one-time link.
            log.exception("code %s: a page below /%s failed", code, scope["path"].split("/")[1][:20])
            count(scope)
            if not began:
                await answer(scope, 500, say(_BROKEN, code), code=code)(scope, receive, send)


def count(scope: Scope) -> None:
    """Count an unexpected error, for the operator's page."""
    state = scope["app"].state
    state.mishaps = getattr(state, "mishaps", 0) + 1
