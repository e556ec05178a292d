"""Visitors: who a request is from, by its cookie; forms, which carry a token against forgery."""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from itsdangerous import BadSignature, Signer
from starlette.datastructures import State
from starlette.exceptions import HTTPException
from starlette.responses import Response

from bot.adapters.web.templating import fresh_key
from bot.context import Context
from bot.replies.i18n import ENGLISH, LANGUAGES, speak
from recommender.service import MusicService
from recommender.types import Listener
from storage.records import Account, Community
from storage.users.web_sessions import LONGEST_SECONDS, WebSession

COOKIE, SECURE_COOKIE = "segue", "__Host-segue"
_KEY = re.compile(r"[0-9a-f]{16}")
_FORMS_PER_MINUTE = 240


class NobodySignedIn(Exception):
    """The request needs a visitor and has none."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """A signed-in person."""

    music: MusicService
    session: WebSession
    token: str  # that forms carry
    is_owner: bool  # whoever runs Segue

    def context(self, key: str = "", community: Community | None = None, place: str = "") -> Context:
        """Return the context of one action, as a chat would; forms that are sent twice share their key."""
        update = f"web:{self.session.id}:{key if _KEY.fullmatch(key) else fresh_key()}"
        chat = "" if community is None else community.external_id
        return Context(self.music, self.session.account, community, update, place, chat, "presses")

    @property
    def listener(self) -> Listener:
        """The user, in private."""
        return Listener(self.session.user_id, None, self.session.account.platform)


@dataclass(frozen=True, slots=True)
class SentForm:
    """A form that a visitor sent, from one of our pages."""

    visitor: Visitor
    values: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        """Return a field, "" if it is missing."""
        return self.values.get(name, "")

    @property
    def context(self) -> Context:
        """The context of its action."""
        return self.visitor.context(self["key"])


async def known(request: Request) -> Visitor | None:
    """Return the visitor of a request, None if nobody is signed in; the task speaks their language."""
    state = request.app.state
    speak(_preferred(request))
    try:
        token = Signer(state.key, salt="session").unsign(request.cookies.get(_cookie(request), "")).decode()
    except (BadSignature, UnicodeDecodeError):
        return None
    session = await state.music.web.find(token)
    if session is None:
        return None
    speak(session.language)
    is_owner = _runs_segue(state, session.account)
    visitor = Visitor(state.music, session, form_token(state.key, token), is_owner)
    request.state.visitor = visitor
    request.state.look = session.look
    return visitor


def _runs_segue(state: State, account: Account) -> bool:
    """Tell whether an account is an operator's: at the terminal, or named by its platform or the settings."""
    if account.platform == "terminal":
        return True
    if account.platform == "telegram":
        return account.external_id == str(state.settings.telegram_owner)
    return account.external_id in state.music.web.owners.get(account.platform, ())


async def signed_in(request: Request) -> Visitor:
    """Return the visitor of a request; raise `NobodySignedIn` without one."""
    found = await known(request)
    if found is None:
        raise NobodySignedIn
    return found


async def owner(request: Request) -> Visitor:
    """Return the visitor if they run Segue; for others the page does not exist."""
    found = await signed_in(request)
    if not found.is_owner:
        raise HTTPException(404)
    return found


async def sent(request: Request) -> SentForm:
    """Return a form that a visitor sent; raise 403 if it may be forged, 429 if they come too often."""
    visitor = await signed_in(request)
    check_origin(request)
    if request.app.state.limits.take(("forms", visitor.session.user_id), _FORMS_PER_MINUTE):
        raise HTTPException(429)
    fields = await request.form(max_files=0, max_fields=40)
    values = {name: value for name, value in fields.items() if isinstance(value, str)}
    if not hmac.compare_digest(values.get("token", "").encode(), visitor.token.encode()):
        raise HTTPException(403)
    return SentForm(visitor, values)


SignedIn = Annotated[Visitor, Depends(signed_in)]
Owner = Annotated[Visitor, Depends(owner)]
Sent = Annotated[SentForm, Depends(sent)]


def check_origin(request: Request) -> None:
    """Raise 403 if the browser says that another site sent this request."""
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site", "same-origin")
    if site not in ("same-origin", "none"):
        raise HTTPException(403)
    if origin is not None and urlsplit(origin).netloc.casefold() != request.headers["host"].casefold():
        raise HTTPException(403)


def form_token(key: str, session_token: str) -> str:
    """Return the token against forgery of a session's forms."""
    return Signer(key, salt="forms").get_signature(session_token).decode()


def give_cookie(request: Request, response: Response, token: str) -> None:
    """Sign the browser in."""
    state = request.app.state
    signed = Signer(state.key, salt="session").sign(token).decode()
    response.set_cookie(
        _cookie(request),
        signed,
        max_age=LONGEST_SECONDS,
        httponly=True,
        samesite="lax",
        secure=state.bound.is_secure,
    )


def take_cookie(request: Request, response: Response) -> None:
    """Remove the cookie."""
    response.delete_cookie(
        _cookie(request), httponly=True, samesite="lax", secure=request.app.state.bound.is_secure
    )


def client(request: Request) -> str:
    """Return the address that a request comes from."""
    return request.client.host if request.client else ""


def browser(request: Request) -> str:
    """Return the name of a browser, as much as its owner needs to know it again: "Firefox on Android"."""
    agent = request.headers.get("user-agent", "")
    names = {"Edg/": "Edge", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
    systems = ("Android", "iPhone", "iPad", "Windows", "Macintosh", "Linux")
    name = next((told for sign, told in names.items() if sign in agent), "Browser")
    system = next((one for one in systems if one in agent), "")
    return f"{name} on {system}" if system else name


def _cookie(request: Request) -> str:
    return SECURE_COOKIE if request.app.state.bound.is_secure else COOKIE


def _preferred(request: Request) -> str:
    """Return the first language that a browser prefers and Segue speaks."""
    wanted = (one.strip()[:2].lower() for one in request.headers.get("accept-language", "").split(","))
    return next((language for language in wanted if language in LANGUAGES), ENGLISH)
