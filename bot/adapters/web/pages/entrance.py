"""Signing in by a one-time link from the chat, and signing out."""

import hmac

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from bot.adapters.web.templating import page
from bot.adapters.web.visitor import (
    Sent,
    browser,
    check_origin,
    client,
    form_token,
    give_cookie,
    known,
    take_cookie,
)
from bot.replies.i18n import say

router = APIRouter()

_PER_ADDRESS = 20
"""Tries of one address in a minute."""
_WRONG_IN_ALL = 300
"""Wrong links in a minute from all addresses; valid links work on."""
_SPENT = "That link is spent or older than ten minutes. Send /web in the chat for a new one."


@router.get("/sign-in")
async def how(request: Request) -> Response:
    """Tell how to sign in."""
    if await known(request) is not None:
        return RedirectResponse("/", 303)
    return page(request, "sign_in.html", link="", token="")


@router.get("/in/{link}")
async def offered(request: Request, link: str) -> Response:
    """Show the button that spends a link; previews of chats fetch this page, and spend nothing."""
    await known(request)
    _bound(request)
    if not await request.app.state.music.web.is_open(link):
        raise _wrong(request)
    return page(request, "sign_in.html", link=link, token=form_token(request.app.state.key, link))


@router.post("/in/{link}")
async def spent(request: Request, link: str) -> Response:
    """Spend a link and sign the browser in."""
    await known(request)
    check_origin(request)
    _bound(request)
    fields, expected = await request.form(max_files=0), form_token(request.app.state.key, link)
    if not hmac.compare_digest(str(fields.get("token", "")).encode(), expected.encode()):
        raise HTTPException(403)
    token = await request.app.state.music.web.sign_in(link, browser(request))
    if token is None:
        raise _wrong(request)
    response = RedirectResponse("/", 303)
    give_cookie(request, response, token)
    return response


@router.post("/sign-out")
async def left(request: Request, form: Sent) -> Response:
    """Sign out this browser, or another one of the same user by its number."""
    number = form["session"]
    chosen = int(number) if number.isdecimal() and len(number) < 18 else form.visitor.session.id
    await form.visitor.music.web.sign_out(form.visitor.listener, chosen)
    if chosen != form.visitor.session.id:
        return RedirectResponse("/data", 303)
    response = RedirectResponse("/sign-in", 303)
    take_cookie(request, response)
    return response


def _bound(request: Request) -> None:
    if request.app.state.limits.take(("in", client(request)), _PER_ADDRESS):
        raise HTTPException(429)


def _wrong(request: Request) -> HTTPException:
    if request.app.state.limits.take(("in", "wrong"), _WRONG_IN_ALL):
        return HTTPException(429)
    return HTTPException(404, say(_SPENT))
