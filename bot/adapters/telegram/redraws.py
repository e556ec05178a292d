"""Edits of cards in the background: a press never waits for the card that it changes."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from bot.replies.i18n import language, speak

log = logging.getLogger(__name__)

_Draw = Callable[[], Awaitable[None]]


class Redraws:
    """Edits messages in place, each by one edit at a time; of several edits that wait, the newest counts.

    A card that a whole group presses at once would otherwise wait minutes for Telegram's limit, and so would
    everybody who pressed it.
    """

    def __init__(self) -> None:
        self._waiting: dict[object, tuple[str, _Draw]] = {}
        self._tasks: dict[object, asyncio.Task[None]] = {}
        self._is_closed = False

    def draw(self, message: object, draw: _Draw) -> None:
        """Have `draw` run in the language of this task, once the edit of `message` under way has ended."""
        if self._is_closed:
            return
        self._waiting[message] = language(), draw
        if message not in self._tasks:
            task = asyncio.create_task(self._keep_drawing(message))
            self._tasks[message] = task
            task.add_done_callback(lambda _: self._tasks.pop(message, None))

    async def settled(self) -> None:
        """Wait until everything asked for so far is drawn."""
        while self._tasks:
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def close(self, seconds: float) -> None:
        """Draw for so many seconds more, then stop; the next press of a card brings it up to date."""
        self._is_closed = True
        tasks = list(self._tasks.values())
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _keep_drawing(self, message: object) -> None:
        while message in self._waiting:
            spoken, draw = self._waiting.pop(message)
            speak(spoken)
            try:
                await draw()
            except Exception:
                log.exception("message %s could not be redrawn", message)
