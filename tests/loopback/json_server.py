"""A server on loopback that answers as a test says, in JSON or a page, and keeps what it was asked."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


@dataclass
class Asked:
    """One request."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes = b""


@dataclass
class Answer:
    """What goes back."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    html: str = ""  # a page in place of JSON
    raw: bytes = b""  # a file in place of either


@contextmanager
def serve(answer: Callable[[Asked], Answer]) -> Iterator[str]:
    """Run a server until the block ends; yield its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self) -> None:
            url = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = Asked(
                self.command, unquote(url.path), dict(parse_qsl(url.query)), dict(self.headers.items()), body
            )
            found = answer(asked)
            text = found.html if found.html or found.body is None else json.dumps(found.body)
            data = found.raw or text.encode()
            self.send_response(found.status)
            for name, value in found.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "text/html" if found.html else "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _any  # noqa: N815 - as http.server wants it

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
