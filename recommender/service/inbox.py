"""What a platform has handed over, as the service knows it: durable before it is confirmed."""

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from storage.deliveries import Deliveries as Kept
from storage.store import Store

T = TypeVar("T")

KNOWN_SECONDS = 2 * 24 * 3600
"""Longer than any platform repeats itself: Telegram keeps what nobody fetched for a day."""


class _Run(Protocol):
    def __call__(self, work: Callable[[Store], T], /) -> Awaitable[T]: ...


class Deliveries:
    """The verbs of the service on deliveries: `music.deliveries`."""

    def __init__(self, write: _Run, now: Callable[[], int]) -> None:
        """`write` runs work on the writing thread of the service; `now` returns seconds since 1970."""
        self._write = write
        self._now = now

    async def keep(self, source: str, number: int, body: str) -> bool:
        """Keep a delivery: once this returns, it survives whatever happens.  False: it came before."""
        now = self._now()
        return await self._write(lambda store: Kept(store.db).keep(source, number, body, now=now))

    async def done(self, source: str, number: int) -> None:
        """Note that a delivery is handled."""
        await self._write(lambda store: Kept(store.db).done(source, number))

    async def taken_up(self, source: str) -> list[str]:
        """Return what a process that ended has left unhandled, in order; old ones are forgotten."""
        since = self._now() - KNOWN_SECONDS
        return await self._write(lambda store: Kept(store.db).taken_up(source, since))
