"""Durable inbox of updates: stored before Telegram may forget them, repeated after a crash.

Telegram forgets an update once the bot asks for the next ones or answers the webhook.  Both happen after
`put` returns, and `put` returns after the commit.
"""

import asyncio
import json
import logging
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from typing import Any

from telegram import Bot, Update

from recommender.service import MusicService
from storage.chats.deliveries import Delivery

log = logging.getLogger(__name__)

_PAUSE = 1.0  # seconds between attempts to store an update


class Inbox(asyncio.Queue[object]):
    """Queue between Telegram and the handlers; each update passes once, however often it is delivered."""

    def __init__(self, music: MusicService) -> None:
        """`music` stores the updates."""
        super().__init__()
        self._music = music
        self._source = ""
        self._held: set[int] = set()
        self._taken_up: dict[int, int] = {}  # number of earlier attempts of each
        self._suspects = asyncio.Lock()

    async def open(self, bot: Bot) -> None:
        """Load the unhandled updates; `bot` is initialised: update numbers belong to it.

        Updates that were under way when a process crashed are tried alone, one after the other.  Those with
        the most attempts come last, together with later updates of the same user, so a crash takes nothing
        else with it.
        """
        self._source = f"telegram:{bot.id}"
        for delivery, update in in_order(await self._parsed(bot)):
            self._taken_up[update.update_id] = delivery.tries
            await super().put(update)

    async def _parsed(self, bot: Bot) -> list[tuple[Delivery, Update]]:
        parsed = []
        for delivery in await self._music.deliveries.taken_up(self._source):
            try:
                parsed.append((delivery, Update.de_json(json.loads(delivery.body), bot)))
            except (TypeError, ValueError, KeyError) as error:
                log.error("update %s cannot be read: %s", delivery.number, type(error).__name__)  # noqa: TRY400
                await self._music.deliveries.done(self._source, delivery.number)
        return parsed

    @asynccontextmanager
    async def begun(self, update: Update) -> AsyncIterator[None]:
        """Handle an update; counts the attempt of a reloaded one, and runs suspects one at a time."""
        tries = self._taken_up.pop(update.update_id, None)
        async with self._suspects if tries else nullcontext():
            if tries is not None:
                await self._music.deliveries.begin(self._source, update.update_id)
            yield

    async def close(self) -> None:
        """Record that the process ends cleanly."""
        if self._source:
            await self._music.deliveries.rest(self._source)

    async def put(self, item: object) -> None:
        """Store an update and pass it on; drops one that is known already."""
        if not isinstance(item, Update) or await self._is_new(item):
            await super().put(item)

    async def _is_new(self, update: Update) -> bool:
        while True:
            try:
                return await self._music.deliveries.keep(
                    self._source, update.update_id, update.to_json(), sender=_sender(update)
                )
            except Exception:
                # An update that cannot be stored must not be confirmed either, for example on a full disk.
                log.exception("update %s could not be kept, trying again", update.update_id)
            await asyncio.sleep(_PAUSE)

    async def handled(self, update: Update) -> None:
        """Remove a handled update; a held one stays until its release."""
        if update.update_id not in self._held:
            await self._music.deliveries.done(self._source, update.update_id)

    def hold(self, update: Update) -> None:
        """Keep an update beyond its handler, for work in the background."""
        self._held.add(update.update_id)

    async def release(self, update: Update) -> None:
        """Remove an update that was held."""
        self._held.discard(update.update_id)
        await self.handled(update)


def in_order(waiting: list[tuple[Delivery, Update]]) -> list[tuple[Delivery, Update]]:
    """Return reloaded updates in the order to try them: senders with the fewest attempts first."""
    tries: Counter[str] = Counter()
    for delivery, update in waiting:
        tries[_sender(update)] = max(tries[_sender(update)], delivery.tries)
    return sorted(waiting, key=lambda pair: (tries[_sender(pair[1])], pair[1].update_id))


def _sender(update: Update) -> str:
    who = update.effective_sender
    return "" if who is None else str(who.id)


def inbox_of(application: Any) -> Inbox:  # noqa: ANN401 - PTB's Application has six parameters
    """Return the inbox that the application was built with."""
    queue = application.update_queue
    if not isinstance(queue, Inbox):
        raise TypeError("the application was built without an inbox")
    return queue
