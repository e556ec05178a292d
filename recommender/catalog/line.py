"""Request queue of one service: one request at a time per process, within its quota and its pauses.

A pause that the service asks for (a 429 with Retry-After) holds for every waiting request, and is stored in
the database, so that a restarted process respects it too.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TypeVar

from recommender.catalog.web import Occupied
from recommender.errors import Unavailable

T = TypeVar("T")

_LONGEST_BACKOFF = 600.0
_PAUSED = "{} has asked for a pause. Try again in {} min."


class Line:
    """The queue of requests to one service."""

    def __init__(
        self,
        title: str,
        *,
        clock: Callable[[], float],
        load: Callable[[], Awaitable[float]],
        save: Callable[[float], Awaitable[None]],
        most: int = 60,
        window: float = 30.0,
    ) -> None:
        """Allow at most `most` requests in `window` seconds.

        `clock` returns seconds since 1970; `load` and `save` keep the time until which the service rests.
        """
        self._title, self._clock, self._load, self._save = title, clock, load, save
        self._most, self._window = most, window
        self._asked: deque[float] = deque(maxlen=most)
        self._turn = asyncio.Lock()
        self._closed_until: float | None = None
        self._failures = 0

    async def ask(self, work: Callable[[], T], *, patience: float) -> T:
        """Run blocking `work` on a thread when its turn comes.

        Raises `Unavailable` at once if the service is paused or the wait would exceed `patience` seconds;
        errors of `work` pass through.
        """
        if self._closed_until is None:
            self._closed_until = await self._load()
        self._check()
        try:
            await asyncio.wait_for(self._turn.acquire(), patience)
        except TimeoutError as error:
            raise self._busy(0.0) from error
        try:
            self._check()
            await self._quota(patience)
            return await self._run(work)
        finally:
            self._turn.release()

    def _check(self) -> None:
        left = (self._closed_until or 0.0) - self._clock()
        if left > 0:
            raise self._busy(left)

    async def _quota(self, patience: float) -> None:
        now = time.monotonic()
        if len(self._asked) == self._most and (wait := self._asked[0] + self._window - now) > 0:
            if wait > patience:
                raise self._busy(wait)
            await asyncio.sleep(wait)
        self._asked.append(time.monotonic())

    async def _run(self, work: Callable[[], T]) -> T:
        try:
            found = await asyncio.to_thread(work)
        except Occupied:  # the service itself may be fine
            raise
        except Unavailable as error:
            self._failures += 1
            pause = max(error.retry_after, min(_LONGEST_BACKOFF, 2.0**self._failures))
            self._closed_until = self._clock() + pause
            await self._save(self._closed_until)
            raise
        self._failures = 0
        return found

    def _busy(self, left: float) -> Unavailable:
        minutes = max(1, round(left / 60))
        return Unavailable(_PAUSED, self._title, minutes, retry_after=left)
