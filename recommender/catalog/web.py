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
_ASKED_WRONGLY = frozenset([400, 401, 403])
_TOLD = 10_000  # letters of a refusal
_LONGEST_WAIT = 10.0  # seconds on a thread for a new quota; whoever stops waits for it
_LONGEST = 10_000_000  # bytes of an answer


class Missing(NotKnown):
    """There is no such thing there."""


class Refused(Unavailable):
    """The service does not take this question from us; `text` is its answer."""

    def __init__(self, sentence: str, *values: object, retry_after: float, status: int, text: str) -> None:
        super().__init__(sentence, *values, retry_after=retry_after)
        self.status, self.text = status, text


class Web:
    """One service that answers in JSON."""

    def __init__(
        self, title: str, base: str, *, agent: str = AGENT, pause: float = 0.0, token: str = ""
    ) -> None:
        """`title` is how the service is called in sentences; `pause` is in seconds between two requests.

        `token` is sent as "Authorization: Token ...", as MetaBrainz wants it.
        """
        self.requests = 0  # that were sent
        self._title = title
        self._pause = pause
        self._next = 0.0
        self._lock = Lock()
        headers = {"User-Agent": agent, "Accept": "application/json"}
        if token:
            headers["Authorization"] = f"Token {token}"
        self._client = httpx.Client(base_url=base, headers=headers, timeout=_TIMEOUT, follow_redirects=True)

    def get(self, path: str, **parameters: str | int | None) -> Any:  # noqa: ANN401 - as the service likes
        """Return what is at `path`.

        Raises `Missing` if nothing is, `Refused` for a question that the service does not take, `Unavailable`
        if it does not answer.
        """
        wanted = {name: value for name, value in parameters.items() if value is not None}
        with self._lock:
            time.sleep(max(0.0, self._next - time.monotonic()))
            pause = self._pause
            try:
                self.requests += 1
                answer = self._client.get(path, params=wanted)
                pause = max(pause, _quota_pause(answer.headers))
                return self._read(answer)
            except (httpx.HTTPError, ValueError) as error:
                raise self._busy(0.0) from error
            finally:
                self._next = time.monotonic() + pause

    def _read(self, answer: httpx.Response) -> Any:  # noqa: ANN401 - as the service likes
        if answer.status_code == _GONE:
            raise Missing("{} does not know that.", self._title)
        if answer.status_code >= _ERRORS:
            headers = answer.headers
            pause = pause_asked(headers.get("Retry-After") or headers.get("X-RateLimit-Reset-In"))
            if answer.status_code not in _ASKED_WRONGLY:
                raise self._busy(pause)
            status, text = answer.status_code, answer.text[:_TOLD]
            raise Refused(_SILENT, self._title, retry_after=pause, status=status, text=text)
        if len(answer.content) > _LONGEST:
            raise self._busy(_USUAL_PAUSE)
        return answer.json()

    def _busy(self, pause: float) -> Unavailable:
        return Unavailable(_SILENT, self._title, retry_after=pause)

    def close(self) -> None:
        """Let go of the connection, once the request that is under way has ended."""
        with self._lock:
            self._client.close()


def _quota_pause(headers: httpx.Headers) -> float:
    """Return the seconds until there is a quota again, 0 while some of it is left."""
    if headers.get("X-RateLimit-Remaining", "").strip() != "0":
        return 0.0
    return min(pause_asked(headers.get("X-RateLimit-Reset-In")), _LONGEST_WAIT)


def pause_asked(header: str | None) -> float:
    """Return the seconds that a Retry-After header asks for; one that is none asks for a minute.

    >>> pause_asked("7200"), pause_asked(None), pause_asked("Wed, 21 Oct 2015 07:28:00 GMT")
    (7200.0, 60.0, 60.0)
    """
    return float(header) if header is not None and header.strip().isdecimal() else _USUAL_PAUSE
