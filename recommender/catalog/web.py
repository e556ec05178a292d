"""JSON from services elsewhere: one request at a time, with the pause they ask for.  Calls block."""

import time
from threading import Lock
from typing import Any

import httpx

from recommender.errors import NotKnown, Unavailable

AGENT = "Segue/0.1.0"
_TIMEOUT = httpx.Timeout(20.0, connect=5.0)
_GONE = 404
_ERRORS = 400
_USUAL_PAUSE = 60.0  # seconds, where a service that has enough of us does not say how long
_SILENT = "{} does not answer right now. I will try again by myself."
_LONGEST = 10_000_000  # bytes of an answer


class Missing(NotKnown):
    """There is no such thing there."""


class Web:
    """One service that answers in JSON."""

    def __init__(self, title: str, base: str, *, agent: str = AGENT, pause: float = 0.0) -> None:
        """`title` is how the service is called in sentences; `pause` is in seconds between two requests."""
        self._title = title
        self._pause = pause
        self._next = 0.0
        self._lock = Lock()
        headers = {"User-Agent": agent, "Accept": "application/json"}
        self._client = httpx.Client(base_url=base, headers=headers, timeout=_TIMEOUT, follow_redirects=True)

    def get(self, path: str, **parameters: str | int | None) -> Any:  # noqa: ANN401 - as the service likes
        """Return what is at `path`; `Missing` if nothing is, `Unavailable` if the service does not answer."""
        wanted = {name: value for name, value in parameters.items() if value is not None}
        with self._lock:
            time.sleep(max(0.0, self._next - time.monotonic()))
            try:
                answer = self._client.get(path, params=wanted)
                return self._read(answer)
            except (httpx.HTTPError, ValueError) as error:
                raise self._busy(0.0) from error
            finally:
                self._next = time.monotonic() + self._pause

    def _read(self, answer: httpx.Response) -> Any:  # noqa: ANN401 - as the service likes
        if answer.status_code == _GONE:
            raise Missing("{} does not know that.", self._title)
        if answer.status_code >= _ERRORS:
            raise self._busy(pause_asked(answer.headers.get("Retry-After")))
        if len(answer.content) > _LONGEST:
            raise self._busy(_USUAL_PAUSE)
        return answer.json()

    def _busy(self, pause: float) -> Unavailable:
        return Unavailable(_SILENT, self._title, retry_after=pause)

    def close(self) -> None:
        """Let go of the connection, once the request that is under way has ended."""
        with self._lock:
            self._client.close()


def pause_asked(header: str | None) -> float:
    """Return the seconds that a Retry-After header asks for; one that is none asks for a minute.

    >>> pause_asked("7200"), pause_asked(None), pause_asked("Wed, 21 Oct 2015 07:28:00 GMT")
    (7200.0, 60.0, 60.0)
    """
    return float(header) if header is not None and header.strip().isdecimal() else _USUAL_PAUSE
