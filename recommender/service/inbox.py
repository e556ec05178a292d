"""Inbox: deliveries from a platform, stored durably before they are confirmed."""

import logging
from collections.abc import Callable
from typing import TypeVar

from storage.chats.deliveries import Deliveries as Kept
from storage.chats.deliveries import Delivery
from storage.store import Store
from storage.work import RunsWork

T = TypeVar("T")

log = logging.getLogger(__name__)

KNOWN_SECONDS = 2 * 24 * 3600
"""Seconds to remember a delivery, longer than any platform redelivers: Telegram keeps updates for a day."""


class Deliveries:
    """Verbs on deliveries: `music.deliveries`."""

    def __init__(self, write: RunsWork, now: Callable[[], int]) -> None:
        """`write` runs work on the writing thread of the service; `now` returns seconds since 1970."""
        self._write = write
        self._now = now

    async def keep(self, source: str, number: int, body: str, *, sender: str = "") -> bool:
        """Store a delivery durably; return False if it is already known.

        `sender` is the sending account, so that /forget erases its deliveries too.
        """
        now = self._now()
        return await self._write(
            lambda store: Kept(store.db).keep(source, number, body, now=now, sender=sender)
        )

    async def begin(self, source: str, number: int) -> None:
        """Record durably that handling of a stored delivery has begun."""
        await self._write(lambda store: Kept(store.db).begin(source, number))

    async def rest(self, source: str) -> None:
        """Record that this process stops on purpose, whatever it leaves unhandled."""
        await self._write(lambda store: Kept(store.db).rest(source))

    async def done(self, source: str, number: int) -> None:
        """Record that a delivery is handled."""
        await self._write(lambda store: Kept(store.db).done(source, number))

    async def taken_up(self, source: str) -> list[Delivery]:
        """Return the deliveries a previous process left unhandled, in order; drop old numbers."""
        since = self._now() - KNOWN_SECONDS

        def taken_up(store: Store) -> list[Delivery]:
            kept = Kept(store.db)
            if aside := kept.set_aside(source):
                log.error("set aside, because handling them ended the process: %s %s", source, aside)
            return kept.taken_up(source, since)

        return await self._write(taken_up)
