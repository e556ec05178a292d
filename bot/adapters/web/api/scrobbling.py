"""Scrobbling: the part of ListenBrainz' API that players use to send plays, with its errors and its limits.

Source: listenbrainz.readthedocs.io, "Core" and "JSON documentation".
"""

import json
from typing import Any

from fastapi import APIRouter, Request
from fastapi.routing import APIRoute
from starlette.responses import JSONResponse, Response

from bot.adapters.web.api.gate import Handler, known, secret_in, taken
from bot.adapters.web.api.listens import MOST_BODY, BadListens, checked
from bot.adapters.web.api.problems import Refused, refusal_of
from bot.replies.i18n import say
from recommender.service import MusicService

_SCOPE = "listen"
_DONE = {"status": "ok"}


def router(music: MusicService) -> APIRouter:
    """Return the routes, which no OpenAPI document of ours describes: ListenBrainz' does."""
    made = APIRouter(prefix="/1", route_class=_Scrobbled, include_in_schema=False)

    @made.post("/submit-listens")
    async def submit(request: Request) -> Response:
        """Take plays: `single`, `import`, or `playing_now`, which says nothing for good and is not kept."""
        secret = secret_in(request, "token", "bearer")
        if not request.headers.get("authorization"):
            raise Refused(401, "", "You need to provide an Authorization header.")
        holder = await known(music, request, secret)
        if holder is None:
            raise Refused(401, "", "Invalid authorization token.")
        if _SCOPE not in holder.scopes:
            raise Refused(
                403, "", say("This token lacks the scope {}. /web token makes another one.", _SCOPE)
            )
        headers = taken(music, holder, _SCOPE)
        try:
            kind, listens = checked(await _body(request), music.now())
        except BadListens as error:
            raise Refused(400, "", str(error), headers=headers) from error
        if kind != "playing_now":
            await music.scrobbles.submit(holder.listener, holder.account, listens)
        return JSONResponse(_DONE, headers=headers)

    @made.get("/validate-token")
    async def validate(request: Request) -> Response:
        """Tell whether a token is valid, and whose it is."""
        secret = secret_in(request, "token", "bearer") or request.query_params.get("token", "")
        if not secret:
            raise Refused(400, "", "You need to provide an Authorization token.")
        holder = await known(music, request, secret)
        if holder is None:
            return JSONResponse({"code": 200, "message": "Token invalid.", "valid": False})
        told = {"code": 200, "message": "Token valid.", "valid": True, "user_name": holder.account.name}
        return JSONResponse(told, headers=taken(music, holder, _SCOPE))

    return made


class _Scrobbled(APIRoute):
    """A route whose errors look like ListenBrainz'."""

    def get_route_handler(self) -> Handler:
        """Return the handler that never raises."""
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await inner(request)
            except Exception as error:  # noqa: BLE001 - each becomes an answer, and is logged
                refused = refusal_of(error)
            detail = refused.detail
            if "id" in refused.more:
                detail = f"{detail} ({refused.more['id']})"
            return JSONResponse({"code": refused.status, "error": detail}, refused.status, refused.headers)

        return handle


async def _body(request: Request) -> dict[str, Any]:
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > MOST_BODY:
            raise Refused(413, "", f"Payload too large. It may not exceed {MOST_BODY} bytes.")
    try:
        found = json.loads(content.decode())
    except (ValueError, RecursionError):
        raise BadListens("Cannot parse JSON document.") from None
    if not isinstance(found, dict):
        raise BadListens("Invalid JSON document submitted.")
    return found
