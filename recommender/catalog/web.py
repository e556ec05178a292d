"""HTTP client for external services: one request at a time, with the pauses they ask for.  Calls block."""

import logging
import time
from functools import cached_property
from threading import Condition
from typing import TYPE_CHECKING, Any

from recommender.errors import NotKnown, Unavailable

if TYPE_CHECKING:  # a chat may never ask a service, and httpx takes as long to load as the pipeline
    import httpx

AGENT = "Segue/0.1.0"
_TIMEOUT = (5.0, 20.0, 20.0, 20.0)  # seconds to connect, read, write, and for a free connection
_GONE = 404
_ERRORS = 400
_USUAL_PAUSE = 60.0  # seconds, if a service asks for a pause without saying how long
_SILENT = "{} does not answer right now. I will try again by myself."
_ASKED_WRONGLY = frozenset([400, 401, 403])
_TOLD = 10_000  # characters of a refusal's text
_LONGEST_WAIT = 10.0  # longest sleep for a new quota, in seconds; closing waits for it
_LONGEST = 10_000_000  # bytes per answer

logging.getLogger("httpx").setLevel(logging.WARNING)  # its INFO lines contain the names users ask for


class Missing(NotKnown):
    """The service has nothing at this address (404)."""


class Refused(Unavailable):
    """The service rejects this request; `text` is its answer."""

    def __init__(self, sentence: str, *values: object, retry_after: float, status: int, text: str) -> None:
        super().__init__(sentence, *values, retry_after=retry_after)
        self.status, self.text = status, text


class Occupied(Unavailable):
    """Too many of our own requests wait for this service; the service itself may be fine."""


class Web:
    """One service.  Requests that a user waits for go before background requests."""

    def __init__(
        self,
        title: str,
        base: str,
        *,
        agent: str = AGENT,
        pause: float = 0.0,
        follows: bool = True,
        token: str = "",
    ) -> None:
        """`title` names the service in sentences; `pause` is in seconds between two requests.

        `follows` redirects if set.  `token` is sent as "Authorization: Token ..." (MetaBrainz).
        """
        self.requests = 0  # requests sent
        self._title = title
        self._pause = pause
        self._next = 0.0
        self._turn = Condition()
        self._is_asking = False
        self._people = 0  # waiting requests with a waiting user
        self._base, self._follows = base, follows
        self._headers = {"User-Agent": agent, "Accept": "application/json"}
        if token:
            self._headers["Authorization"] = f"Token {token}"

    @cached_property
    def _client(self) -> "httpx.Client":
        """The connection, opened by the first request, since reading the certificates takes a while."""
        import httpx  # noqa: PLC0415 - heavy

        return httpx.Client(
            base_url=self._base, headers=self._headers, timeout=_TIMEOUT, follow_redirects=self._follows
        )

    def get(self, path: str, **parameters: str | int | None) -> Any:  # noqa: ANN401 - as the service likes
        """Return the JSON at `path`.

        Raises `Missing` for a 404, `Refused` if the service rejects the request, `Unavailable` if it does not
        answer.
        """
        return self._json(self._ask(path, None, parameters))

    def get_within(self, patience: float, path: str, **parameters: str | int | None) -> Any:  # noqa: ANN401 - as the service likes
        """Return the same for a waiting user; raises `Occupied` after `patience` seconds in the queue."""
        return self._json(self._ask(path, patience, parameters))

    def _json(self, answer: "httpx.Response") -> Any:  # noqa: ANN401 - as the service likes
        try:
            return answer.json()
        except ValueError as error:
            raise self._busy(0.0) from error

    def page_within(self, patience: float, path: str) -> "httpx.Response":
        """Return the page at `path`, not necessarily JSON; raises the errors of `get_within`."""
        return self._ask(path, patience, {})

    def _ask(
        self, path: str, patience: float | None, parameters: dict[str, str | int | None]
    ) -> "httpx.Response":
        import httpx  # noqa: PLC0415 - heavy

        wanted = {name: value for name, value in parameters.items() if value is not None}
        left, pause = self._take_turn(patience), self._pause
        try:
            self.requests += 1
            answer = self._client.get(path, params=wanted or None, timeout=left)
            pause = max(pause, _quota_pause(answer.headers))
            return self._read(answer)
        except httpx.HTTPError as error:
            raise self._busy(0.0) from error
        finally:
            with self._turn:
                self._is_asking, self._next = False, time.monotonic() + pause
                self._turn.notify_all()

    def _take_turn(self, patience: float | None) -> tuple[float, float, float, float] | float:
        """Wait until this request may start; return its time limit in seconds."""
        is_for_person, until = patience is not None, time.monotonic() + (patience or 0.0)
        with self._turn:
            self._people += is_for_person
            try:
                while (wait := self._wait(is_for_person=is_for_person)) != 0.0:
                    left = until - time.monotonic()
                    if is_for_person and (left <= 0 or (wait is not None and wait > left)):
                        raise Occupied(_SILENT, self._title)
                    self._turn.wait(left if is_for_person and wait is None else wait)
            finally:
                self._people -= is_for_person
                self._turn.notify_all()
            self._is_asking = True
        return max(0.1, until - time.monotonic()) if is_for_person else _TIMEOUT

    def _wait(self, *, is_for_person: bool) -> float | None:
        """Return the seconds until a request may start, None if another one goes first."""
        if self._is_asking or (self._people and not is_for_person):
            return None
        return max(0.0, self._next - time.monotonic())

    def _read(self, answer: "httpx.Response") -> "httpx.Response":
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
        return answer

    def _busy(self, pause: float) -> Unavailable:
        return Unavailable(_SILENT, self._title, retry_after=pause)

    def close(self) -> None:
        """Close the connection once the request under way has ended."""
        with self._turn:
            while self._is_asking:
                self._turn.wait()
            if "_client" in self.__dict__:
                self._client.close()


def _quota_pause(headers: "httpx.Headers") -> float:
    """Return the seconds until the quota is renewed, 0 while some of it is left."""
    if headers.get("X-RateLimit-Remaining", "").strip() != "0":
        return 0.0
    return min(pause_asked(headers.get("X-RateLimit-Reset-In")), _LONGEST_WAIT)


def pause_asked(header: str | None) -> float:
    """Return the seconds in a Retry-After header; a missing or other header counts as a minute.

    >>> pause_asked("7200"), pause_asked(None), pause_asked("Wed, 21 Oct 2015 07:28:00 GMT")
    (7200.0, 60.0, 60.0)
    """
    return float(header) if header is not None and header.strip().isdecimal() else _USUAL_PAUSE
