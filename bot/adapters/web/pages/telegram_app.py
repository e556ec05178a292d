"""The page that Telegram opens as a Mini App: it signs in whom Telegram vouches for."""

import time

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from bot.adapters.web.mini_app import opened_by
from bot.adapters.web.templating import page
from bot.adapters.web.visitor import browser, check_origin, client, give_cookie, known
from bot.replies.i18n import language

router = APIRouter()
_PER_ADDRESS = 20


@router.get("/telegram")
async def app(request: Request) -> Response:
    """Show the page; its script sends what Telegram put into the address."""
    await known(request)
    return page(request, "telegram.html")


@router.post("/telegram")
async def opened(request: Request) -> Response:
    """Sign in the account that Telegram vouches for."""
    await known(request)
    check_origin(request)
    state = request.app.state
    if state.limits.take(("telegram", client(request)), _PER_ADDRESS):
        raise HTTPException(429)
    if state.settings.telegram_token is None:
        raise HTTPException(404)
    fields = await request.form(max_files=0, max_fields=4)
    secret = state.settings.telegram_token.get_secret_value()
    account = opened_by(str(fields.get("init", "")), secret, time.time())
    await state.music.arrive(account, spoke=False)
    response = RedirectResponse("/", 303)
    give_cookie(request, response, await state.music.web.begin(account, language(), browser(request)))
    return response
