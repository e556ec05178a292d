"""What a platform has handed over, as the service knows it: durable before it is confirmed."""

import logging
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from storage.deliveries import Deliveries as Kept
from storage.deliveries import Delivery
from storage.store import Store

T = TypeVar("T")

log = logging.getLogger(__name__)

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

    async def keep(self, source: str, number: int, body: str, *, sender: str = "") -> bool:
        """Keep a delivery: once this returns, it survives whatever happens.  False: it came before.

        `sender` is the account of who sent it: /forget erases it with everything else.
        """
        now = self._now()
        return await self._write(
            lambda store: Kept(store.db).keep(source, number, body, now=now, sender=sender)
        )

    async def begin(self, source: str, number: int) -> None:
        """Count that a delivery that was taken up is tried; once this returns, that is durable."""
        await self._write(lambda store: Kept(store.db).begin(source, number))

    async def rest(self, source: str) -> None:
        """Note that this process ends by itself, whatever it leaves unhandled."""
        await self._write(lambda store: Kept(store.db).rest(source))

    async def done(self, source: str, number: int) -> None:
        """Note that a delivery is handled."""
        await self._write(lambda store: Kept(store.db).done(source, number))

    async def taken_up(self, source: str) -> list[Delivery]:
        """Return what a process that ended has left unhandled, in order; old numbers are forgotten."""
        since = self._now() - KNOWN_SECONDS

        def taken_up(store: Store) -> list[Delivery]:
            kept = Kept(store.db)
            if aside := kept.set_aside(source):
                log.error("set aside, because handling them ended the process: %s %s", source, aside)
            return kept.taken_up(source, since)

        return await self._write(taken_up)
