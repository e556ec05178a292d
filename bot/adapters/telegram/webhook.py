"""Webhook server for Telegram's updates: refuses strangers before they send a body."""

import hmac
import json
import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any

from telegram import Bot, Update
from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPMessageDelegate
from tornado.iostream import IOStream
from tornado.web import Application, HTTPError, RequestHandler, stream_request_body

MOST_BYTES = 1 << 20
"""Largest update in bytes; a longest message answering another takes a tenth of it as JSON."""
TELEGRAM_CONNECTIONS = 40
"""Connections that Telegram may open."""
MOST_CONNECTIONS = 100
"""Open connections in all, from any client."""
HEADER_SECONDS = 10.0
BODY_SECONDS = 20.0
_HEADER_BYTES = 16 << 10
_SECRET = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of the header

log = logging.getLogger(__name__)

Take = Callable[[Update], Awaitable[None]]


class Webhook:
    """Listens for Telegram, which proves itself by a secret in the header of each request."""

    def __init__(self, path: str, secret: str, bot: Bot, take: Take) -> None:
        """`take` stores an update for good: Telegram forgets it afterwards."""
        given = {"secret": secret, "bot": bot, "take": take}
        application = Application([(rf"/{re.escape(path)}/?", _Delivery, given)], log_function=lambda _: None)
        self._server = _Bounded(
            application,
            idle_connection_timeout=HEADER_SECONDS,  # also for the header of the first request
            body_timeout=BODY_SECONDS,
            max_header_size=_HEADER_BYTES,
            max_body_size=MOST_BYTES,
            max_buffer_size=2 * MOST_BYTES,
        )

    def listen(self, address: str, port: int) -> None:
        """Start listening; raises OSError if the port is taken."""
        self._server.listen(port, address)

    async def close(self) -> None:
        """Stop listening; finishes updates being stored."""
        self._server.stop()
        await self._server.close_all_connections()


class _Bounded(HTTPServer):
    """A server with a connection limit: closes the oldest connection without a secret to admit the next."""

    def initialize(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - tornado's
        """Begin without connections."""
        super().initialize(*args, **options)
        self._open: set[IOStream] = set()
        self._strangers: dict[IOStream, None] = {}  # the oldest first

    def handle_stream(self, stream: IOStream, address: tuple[Any, ...]) -> None:
        """Accept a connection; at the limit close the oldest stranger for it, or refuse it without one."""
        if len(self._open) >= MOST_CONNECTIONS:
            if not self._strangers:
                stream.close()
                return
            oldest = next(iter(self._strangers))
            self._gone(oldest)
            oldest.close()
        self._open.add(stream)
        self._strangers[stream] = None
        super().handle_stream(stream, address)

    def on_close(self, server_conn: object) -> None:
        """Forget a closed connection."""
        super().on_close(server_conn)
        self._gone(getattr(server_conn, "stream", None))

    def trust(self, stream: IOStream) -> None:
        """Keep a connection that showed the secret."""
        self._strangers.pop(stream, None)

    def start_request(self, server_conn: object, request_conn: Any) -> HTTPMessageDelegate:  # noqa: ANN401
        """Begin a request; give its connection a `trust` that marks the stream as Telegram's."""
        request_conn.trust = lambda: self.trust(request_conn.stream)
        return super().start_request(server_conn, request_conn)

    def _gone(self, stream: Any) -> None:  # noqa: ANN401
        self._open.discard(stream)
        self._strangers.pop(stream, None)


@stream_request_body
class _Delivery(RequestHandler):
    """One delivered update; its content is never logged."""

    def initialize(self, secret: str, bot: Bot, take: Take) -> None:
        """Take the expected `secret`, the bot and the function that stores updates."""
        self._secret, self._bot, self._take = secret.encode(), bot, take
        self._body = bytearray()

    def prepare(self) -> None:
        """Check the header and refuse before reading the body."""
        given = self.request.headers.get(_SECRET, "").encode("utf-8", "replace")
        connection: Any = self.request.connection
        if self.request.method != "POST" or not hmac.compare_digest(given, self._secret):
            self.set_status(403)
            stream = connection.stream
            self.finish().add_done_callback(lambda _: stream.close())
            return
        connection.trust()

    def data_received(self, chunk: bytes) -> None:
        """Collect a part of the body; the server limits its size."""
        self._body += chunk

    async def post(self) -> None:
        """Store the update, then confirm it."""
        await self._take(self._update())

    def _update(self) -> Update:
        try:
            update = Update.de_json(json.loads(self._body), self._bot)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            log.warning("an update of %d bytes cannot be read: %s", len(self._body), type(error).__name__)
            raise HTTPError(400) from error
        return update

    def log_exception(self, kind: Any, error: Any, trace: Any) -> None:  # noqa: ANN401 - tornado's
        """Log our own errors, not the content of requests."""
        if not isinstance(error, HTTPError):
            super().log_exception(kind, error, trace)
