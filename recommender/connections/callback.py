"""OAuth callback: the redirect page of Spotify's sign-in on this machine.

It is open only during a sign-in, reveals nothing it receives, and identifies a sign-in only by its random
`state`. Users on other machines paste the address instead.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs, urlsplit

from recommender.errors import MusicError, NotKnown
from storage.errors import StorageError

log = logging.getLogger(__name__)

_LONGEST = 8192  # bytes of a request
_PATIENCE = 5.0  # seconds for a request to arrive
_HERE = ("127.0.0.1", "::1")
_PAGE = """\
HTTP/1.1 {status}\r
Content-Type: text/html; charset=utf-8\r
Content-Security-Policy: default-src 'none'\r
Referrer-Policy: no-referrer\r
Cache-Control: no-store\r
Connection: close\r
\r
<!doctype html><title>Segue</title><p>{words}</p>
"""


class Callback:
    """HTTP listener at the redirect address."""

    def __init__(self, redirect: str, came: Callable[[str], Awaitable[None]], *, seconds: float) -> None:
        """`came` receives the requested address; the listener stays open for `seconds`."""
        self._url = urlsplit(redirect)
        self._came, self._seconds = came, seconds
        self._server: asyncio.Server | None = None
        self._end: asyncio.TimerHandle | None = None

    async def open(self) -> bool:
        """Start listening; False if the address is on another machine or taken."""
        url = self._url
        if url.scheme != "http" or url.hostname not in _HERE or url.port is None:
            return False
        if self._end is not None:
            self._end.cancel()
        if self._server is None:
            try:
                self._server = await asyncio.start_server(
                    self._answer, url.hostname, url.port, limit=_LONGEST
                )
            except OSError as error:  # e.g. another Segue; pasting the address still works
                log.info("nobody listens at the redirect address: %s", error)
                return False
        self._end = asyncio.get_running_loop().call_later(self._seconds, self._stop)
        return True

    async def close(self) -> None:
        """Stop listening."""
        server = self._server
        self._stop()
        if server is not None:
            await server.wait_closed()

    def _stop(self) -> None:
        if self._end is not None:
            self._end.cancel()
        if self._server is not None:
            self._server.close()
        self._server = self._end = None

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            line = await asyncio.wait_for(reader.readline(), _PATIENCE)
            status, words = await self._heard(line.decode("ascii", "replace"))
            writer.write(_PAGE.format(status=status, words=words).encode())
            await writer.drain()
        except (TimeoutError, ValueError, ConnectionError):
            log.debug("a request to the redirect address came to nothing")
        finally:
            writer.close()

    async def _heard(self, line: str) -> tuple[str, str]:
        method, _, rest = line.partition(" ")
        target = rest.partition(" ")[0]
        if method != "GET" or urlsplit(target).path != self._url.path:
            return "404 Not Found", "There is nothing here."
        try:
            await self._came(target)
        except (MusicError, StorageError):
            return "400 Bad Request", "That did not work. Go back to the chat and begin anew."
        return "200 OK", "You are signed in. Go back to the chat."


def came_back(pasted: str) -> tuple[str, str]:
    """Return the (state, code) of a redirect address; raise `NotKnown` if it has none."""
    try:
        answer = parse_qs(urlsplit(pasted.strip()).query)
    except ValueError:
        answer = {}
    if "error" in answer:
        raise NotKnown("Spotify says that you did not agree. /connect spotify begins anew.")
    if "code" not in answer or "state" not in answer:
        raise NotKnown(
            "That is not the address Spotify sent you to: it has code= and state= in it. Copy all of it from "
            "the address line of your browser, even if the page there is empty."
        )
    return answer["state"][0], answer["code"][0]
