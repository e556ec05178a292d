"""Live cards that many users change at once: redraws are limited in rate and show the latest state."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

log = logging.getLogger(__name__)


class LiveCards:
    """Redraws touched cards: at once, then no sooner than `pause` seconds after the last redraw."""

    def __init__(
        self,
        draw: Callable[[int], Awaitable[None]],
        pause: float,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`draw` takes the number of a card; a card touched during its pause is drawn after it."""
        self._draw = draw
        self._pause = pause
        self._sleep = sleep
        self._touched: set[int] = set()
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._is_closed = False

    def touch(self, card: int) -> None:
        """Queue a redraw of a card; all touches during one pause share it."""
        if self._is_closed:
            return
        self._touched.add(card)
        if card not in self._tasks:
            task = asyncio.create_task(self._keep_drawing(card), name=f"card {card}")
            self._tasks[card] = task
            task.add_done_callback(lambda _: self._tasks.pop(card, None))

    async def settled(self) -> None:
        """Wait until every touched card is drawn."""
        while self._tasks:
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def close(self) -> None:
        """Stop; a card still waiting is drawn by its next touch after a restart."""
        self._is_closed = True
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _keep_drawing(self, card: int) -> None:
        while card in self._touched:
            self._touched.discard(card)
            try:
                await self._draw(card)
            except Exception:
                log.exception("card %d could not be drawn", card)
            await self._sleep(self._pause)
