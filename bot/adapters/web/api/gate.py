"""The gate of the API, which every request passes: its token, scope, rate, size and idempotency key."""

import hashlib
import math
import secrets
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, NamedTuple, cast

from fastapi import Depends, Header, Request, Security
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.responses import Response

from bot.adapters.web.api.problems import ApiRefusal, problem, refusal_of, responses
from bot.replies.i18n import LANGUAGES, say, speaking
from recommender.service import MusicService
from recommender.service.api_access import Holder, Scope, is_same
from storage.users.api_tokens import StoredAnswer

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

SCOPE = "x-segue-scope"
"""Field of an operation that names the scope it needs; "" for any token."""
RATES: dict[str, int] = {
    "": 120,
    "read": 300,
    "react": 300,
    "listen": 600,
    "import": 300,
    "export": 6,
    "forget": 6,
}
"""Requests a minute that a person may make, by scope, with all tokens together."""
MOST_BODY = 64 << 10
"""Largest body of JSON, in bytes."""
WRONG_TOKENS = 30
"""Wrong tokens a minute from one address, after which it has to wait."""
_LONGEST_KEY = 255
_JSON = "application/json"
_FREED = 500  # answers from this status on are not kept: another try may go better

_bearer = HTTPBearer(auto_error=False, description="A token from `/web token` in the chat.")


def operation(scope: str, *statuses: int, extra: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the arguments of a route that needs a scope and may answer with these problems."""
    return {
        "openapi_extra": {SCOPE: scope, **(extra or {})},
        "responses": responses(*statuses),
        "response_model_exclude_none": True,
    }


class Caller(NamedTuple):
    """Who asks, and the name of the request: the same for the same idempotency key."""

    holder: Holder
    request_id: str


def _caller(
    request: Request,
    _: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
    __: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            min_length=1,
            max_length=_LONGEST_KEY,
            description="Any unique text. A request that repeats it within 24 hours is not done again: "
            "it gets the same answer.",
        ),
    ] = None,
) -> Caller:
    return cast("Caller", request.state.caller)


def _reader(request: Request, _: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]) -> Caller:
    return cast("Caller", request.state.caller)


Writer = Annotated[Caller, Depends(_caller)]
"""The caller of an operation that changes something, which takes idempotency keys."""
Reader = Annotated[Caller, Depends(_reader)]
"""The caller of an operation that may be repeated anyway."""


def secret_in(request: Request, *schemes: str) -> str:
    """Return the token in the Authorization header, "" without one of these schemes."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    return secret.strip() if scheme.casefold() in schemes else ""


async def known(music: MusicService, request: Request, secret: str) -> Holder | None:
    """Return the holder of a token; None for a wrong one, which an address may try so many times a minute."""
    holder = await music.access.holder(secret) if secret else None
    if holder is None:
        address = request.client.host if request.client else ""
        wait = music.limits.take(("wrong token", address), WRONG_TOKENS)
        if wait:
            raise ApiRefusal(429, "too-many-requests", _slower(wait), headers=_wait(wait))
    return holder


def taken(music: MusicService, holder: Holder, scope: str) -> dict[str, str]:
    """Count a request of this person; return the headers that tell the rate, or raise `ApiRefusal`.

    Headers: draft-ietf-httpapi-ratelimit-headers, and those that ListenBrainz' clients read.
    """
    key, rate = ("api", holder.listener.user_id, scope), RATES[scope]
    wait = music.limits.take(key, rate)
    left, full = music.limits.left(key, rate)
    name = scope or "any"
    headers = {
        "RateLimit-Policy": f'"{name}";q={rate};w=60',
        "RateLimit": f'"{name}";r={left};t={math.ceil(wait or full)}',
        "X-RateLimit-Limit": str(rate),
        "X-RateLimit-Remaining": str(left),
        "X-RateLimit-Reset-In": str(math.ceil(wait or full)),
    }
    if wait:
        raise ApiRefusal(429, "too-many-requests", _slower(wait), headers={**headers, **_wait(wait)})
    return headers


def _slower(wait: float) -> str:
    return say("That is too often. Try again in {} seconds.", math.ceil(wait))


def _wait(seconds: float) -> dict[str, str]:
    return {"Retry-After": str(math.ceil(seconds))}


def gated(music: MusicService) -> type[APIRoute]:
    """Return the class of routes behind the gate."""

    class Gated(APIRoute):
        """A route that only callers with a token reach, and whose errors are problems."""

        def get_route_handler(self) -> Handler:
            """Return the handler behind the gate."""
            inner = super().get_route_handler()
            scope = cast("Scope", (self.openapi_extra or {}).get(SCOPE, ""))

            async def handle(request: Request) -> Response:
                headers: dict[str, str] = {}
                with speaking(_language(request)):
                    try:
                        holder = await _allowed(music, request, scope)
                        headers = taken(music, holder, scope)
                        response = await _once(music, holder, request, inner)
                    except Exception as error:  # noqa: BLE001 - each becomes a problem, and is logged
                        response = problem(refusal_of(error))
                for name, value in headers.items():
                    response.headers.setdefault(name, value)
                return response

            return handle

    return Gated


async def _allowed(music: MusicService, request: Request, scope: str) -> Holder:
    holder = await known(music, request, secret_in(request, "bearer", "token"))
    if holder is None:
        detail = say("Send a token: Authorization: Bearer TOKEN. /web token in the chat makes one.")
        raise ApiRefusal(401, "no-token", detail, headers={"WWW-Authenticate": 'Bearer realm="segue"'})
    if scope and scope not in holder.scopes:
        detail = say("This token lacks the scope {}. /web token makes another one.", scope)
        wanted = f'Bearer realm="segue", error="insufficient_scope", scope="{scope}"'
        raise ApiRefusal(403, "wrong-scope", detail, headers={"WWW-Authenticate": wanted})
    return holder


async def _once(music: MusicService, holder: Holder, request: Request, inner: Handler) -> Response:
    """Answer a request; one with a known idempotency key gets the stored answer."""
    if request.method == "POST":
        await _whole_body(request)
    key = request.headers.get("idempotency-key")
    if key is None or request.method != "POST":
        request.state.caller = Caller(holder, secrets.token_hex(16))
        return await inner(request)
    if not 1 <= len(key) <= _LONGEST_KEY:
        raise ApiRefusal(422, "invalid", say("An Idempotency-Key has 1 to {} characters.", _LONGEST_KEY))
    asked = b"\0".join([request.method.encode(), str(request.url.path).encode(), await request.body()])
    stored, is_ours = await music.access.begin(holder, key, asked)
    if not is_ours:
        return _again(stored, asked)
    name = hashlib.sha256(f"{holder.token_id}:{stored.made_at}:{key}".encode()).hexdigest()[:32]
    request.state.caller = Caller(holder, name)
    try:
        response = await inner(request)
    except BaseException as error:
        refused = refusal_of(error) if isinstance(error, Exception) else None
        keeps = refused is not None and refused.status < _FREED
        response = problem(refused) if refused is not None else Response(status_code=_FREED)
        await music.access.finish(holder, key, _storable(response, stored) if keeps else None)
        if refused is None:
            raise
        return response
    await music.access.finish(holder, key, _storable(response, stored))
    return response


async def _whole_body(request: Request) -> None:
    """Read the body, which the request keeps; raise `ApiRefusal` if it is too large or breaks off."""
    size = int(request.headers.get("content-length", "0"))
    if size <= MOST_BODY:
        try:
            size = len(await request.body())
        except Exception as error:
            raise ApiRefusal(400, "invalid", say("The body did not come in whole, or too slowly.")) from error
    if size and request.headers.get("content-type", "").partition(";")[0].strip().casefold() != _JSON:
        raise ApiRefusal(415, "no-json", say("Send the body as Content-Type: {}.", _JSON))
    if size > MOST_BODY:
        raise ApiRefusal(413, "too-large", say("A body may have {} kB.", MOST_BODY >> 10))


def _storable(response: Response, stored: StoredAnswer) -> StoredAnswer:
    media_type = response.headers.get("content-type", "")
    return stored._replace(
        status=response.status_code, media_type=media_type, body=bytes(cast("bytes", response.body))
    )


def _again(stored: StoredAnswer, asked: bytes) -> Response:
    if not is_same(stored, asked):
        raise ApiRefusal(422, "key-reused", say("That Idempotency-Key was used for another request."))
    if stored.status is None:
        detail = say("The first request with that Idempotency-Key is still being answered.")
        raise ApiRefusal(409, "in-progress", detail, headers={"Retry-After": "1"})
    headers = {"Idempotency-Replayed": "true", "Content-Type": stored.media_type}
    return Response(stored.body, stored.status, headers)


def _language(request: Request) -> str:
    """Return the first language of Accept-Language that Segue speaks."""
    wanted = (
        part.partition(";")[0].strip()[:2] for part in request.headers.get("accept-language", "").split(",")
    )
    return next((one for one in wanted if one in LANGUAGES), "en")
