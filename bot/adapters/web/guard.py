"""Guard of every request (its host name, the size and pace of its body) and headers of every answer."""

import asyncio
from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.adapters.web.binding import Binding
from bot.adapters.web.mishaps import BodyRefused, answer

FORM_BYTES = 64 << 10
"""Largest body of a request."""
FILE_BYTES = 200 << 20
"""Largest file of an import, with what surrounds it."""
_LARGER: Mapping[str, int] = {"/import": FILE_BYTES, "/api/": 32 << 20, "/1/": 10 << 20}
CHUNK_SECONDS = 20.0
"""Longest pause within a body."""
FRAMED = "/telegram"
"""The only page that may stand in a frame, of Telegram's web clients alone."""
_TELEGRAM = "https://web.telegram.org https://webk.telegram.org https://weba.telegram.org"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; media-src https:; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {}"
)
_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # with no-referrer, browsers would send no Origin with forms
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
}


class Guard:
    """The outermost layer of the app."""

    def __init__(self, app: ASGIApp, bound: Binding) -> None:
        self._app = app
        self._bound = bound

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check one request and pass it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._dress(scope["path"], MutableHeaders(scope=message))
            await send(message)

        refused = self._refused(scope["path"], headers)
        if refused:
            await answer(scope, refused)(scope, receive, sent)
            return
        await self._app(scope, _bounded(receive, most(scope["path"])), sent)

    def _refused(self, path: str, headers: Headers) -> int:
        host = headers.get("host", "")
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
        if name.strip("[]").casefold() not in self._bound.names:
            return 421
        length = headers.get("content-length", "0")
        if not length.isdecimal():
            return 400
        return 413 if int(length) > most(path) else 0

    def _dress(self, path: str, headers: MutableHeaders) -> None:
        framed = path == FRAMED
        headers["content-security-policy"] = _POLICY.format(_TELEGRAM if framed else "'none'")
        for name, value in _HEADERS.items():
            if not (framed and name == "cross-origin-opener-policy"):
                headers.setdefault(name, value)
        headers.setdefault("cache-control", "no-store")
        if self._bound.is_secure:
            headers["strict-transport-security"] = "max-age=31536000"


def most(path: str) -> int:
    """Return the largest body, in bytes, that may come to a path."""
    return next((size for start, size in _LARGER.items() if path.startswith(start)), FORM_BYTES)


def _bounded(receive: Receive, most_bytes: int) -> Receive:
    """Receive a body in time and up to a size; afterwards wait for the end of the connection."""
    got, is_whole = 0, False

    async def received() -> Message:
        nonlocal got, is_whole
        if is_whole:
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), CHUNK_SECONDS)
        except TimeoutError:
            raise BodyRefused(408) from None
        got += len(message.get("body", b""))
        is_whole = not message.get("more_body", False)
        if got > most_bytes:
            raise BodyRefused(413)
        return message

    return received
