"""Updates on their way in: durable before Telegram may forget them, taken up again after a sudden end.

Telegram forgets an update as soon as the next ones are asked for, or its webhook is answered.  Both happen
only after `put` has returned, and that is after the commit.
"""

import asyncio
import json
import logging
from typing import Any

from telegram import Bot, Update

from recommender.service import MusicService

log = logging.getLogger(__name__)

_PAUSE = 1.0  # seconds between tries to keep an update


class Inbox(asyncio.Queue[object]):
    """The queue between Telegram and the handlers; each update passes once, however often it is delivered."""

    def __init__(self, music: MusicService) -> None:
        """`music` keeps the updates."""
        super().__init__()
        self._music = music
        self._source = ""
        self._held: set[int] = set()

    async def open(self, bot: Bot) -> None:
        """Take up what was left unhandled; `bot` is initialised: update numbers are its own."""
        self._source = f"telegram:{bot.id}"
        for body in await self._music.deliveries.taken_up(self._source):
            await super().put(Update.de_json(json.loads(body), bot))

    async def put(self, item: object) -> None:
        """Keep an update and pass it on; one that came before is dropped."""
        if not isinstance(item, Update) or await self._is_new(item):
            await super().put(item)

    async def _is_new(self, update: Update) -> bool:
        while True:
            try:
                return await self._music.deliveries.keep(self._source, update.update_id, update.to_json())
            except Exception:
                # What cannot be kept must not be confirmed either: a full disk, say.
                log.exception("update %s could not be kept, trying again", update.update_id)
            await asyncio.sleep(_PAUSE)

    async def handled(self, update: Update) -> None:
        """Let go of an update; one that is held stays until it is released."""
        if update.update_id not in self._held:
            await self._music.deliveries.done(self._source, update.update_id)

    def hold(self, update: Update) -> None:
        """Keep an update beyond its handler: work goes on in the background."""
        self._held.add(update.update_id)

    async def release(self, update: Update) -> None:
        """Let go of an update that was held."""
        self._held.discard(update.update_id)
        await self.handled(update)


def inbox_of(application: Any) -> Inbox:  # noqa: ANN401 - PTB's Application has six parameters
    """Return the inbox that the application was built with."""
    queue = application.update_queue
    if not isinstance(queue, Inbox):
        raise TypeError("the application was built without an inbox")
    return queue
