"""Background edits of cards: a press never waits for the card that it changes."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from bot.replies.i18n import language, speak

log = logging.getLogger(__name__)

_Draw = Callable[[], Awaitable[None]]


class Redraws:
    """Edits messages in place, one edit per message at a time; of several waiting edits, the newest counts.

    Telegram limits edits: a card that a whole group presses would otherwise delay every press by minutes.
    """

    def __init__(self) -> None:
        self._waiting: dict[object, tuple[str, _Draw]] = {}
        self._tasks: dict[object, asyncio.Task[None]] = {}
        self._is_closed = False

    def draw(self, message: object, draw: _Draw) -> None:
        """Queue `draw` in this task's language, after the current edit of `message`."""
        if self._is_closed:
            return
        self._waiting[message] = language(), draw
        if message not in self._tasks:
            task = asyncio.create_task(self._keep_drawing(message))
            self._tasks[message] = task
            task.add_done_callback(lambda _: self._tasks.pop(message, None))

    async def settled(self) -> None:
        """Wait until every queued edit is done."""
        while self._tasks:
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def close(self, seconds: float) -> None:
        """Keep drawing for `seconds` more, then stop; the next press updates an outdated card."""
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
