"""The uvicorn server: bounded connections, clients that send too slowly, no signal handlers of its own."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.adapters.web.binding import Binding

HEADER_SECONDS = 10.0
"""Time that a new connection has for the header of its first request."""
MOST_CONNECTIONS = 500
"""Open connections in all; 200 of them may be listeners of sessions."""
_HEADER_BYTES = 16 << 10
_GOODBYE_SECONDS = 2


class _Patient(H11Protocol):
    """A connection that is closed if its first request does not begin in time."""

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401 - uvicorn's
        """Begin to wait."""
        super().connection_made(transport)
        self._has_begun = False
        self._wait = asyncio.get_running_loop().call_later(HEADER_SECONDS, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._wait.cancel()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        """Take what came; the first request that is whole ends the wait."""
        super().handle_events()
        self._has_begun = self._has_begun or self.cycle is not None

    def _give_up(self) -> None:
        if not self._has_begun:
            self.transport.close()


class Server(uvicorn.Server):
    """A server that somebody else starts and stops."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        if self.started:
            self.listens.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to `bot.cli.run`."""
        yield


def server(app: FastAPI, bound: Binding) -> Server:
    """Return the server of an app, not started yet."""
    config = uvicorn.Config(
        app,
        host=bound.host,
        port=bound.port,
        http=_Patient,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=bound.is_proxied,
        forwarded_allow_ips="127.0.0.1,::1" if bound.is_proxied else "",
        limit_concurrency=MOST_CONNECTIONS,
        h11_max_incomplete_event_size=_HEADER_BYTES,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=_GOODBYE_SECONDS,
    )
    return Server(config)
