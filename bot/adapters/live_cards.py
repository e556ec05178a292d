"""Cards that many people change at once: each is drawn again at most so often, as things stand by then."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

log = logging.getLogger(__name__)


class LiveCards:
    """Draws what was touched: at once, and then no sooner than `pause` seconds after the last time."""

    def __init__(
        self,
        draw: Callable[[int], Awaitable[None]],
        pause: float,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`draw` is called with the number of a card; one that is touched while it pauses waits its turn."""
        self._draw = draw
        self._pause = pause
        self._sleep = sleep
        self._touched: set[int] = set()
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._is_closed = False

    def touch(self, card: int) -> None:
        """Have a card drawn; any number of touches in one pause is one drawing."""
        if self._is_closed:
            return
        self._touched.add(card)
        if card not in self._tasks:
            task = asyncio.create_task(self._keep_drawing(card), name=f"card {card}")
            self._tasks[card] = task
            task.add_done_callback(lambda _: self._tasks.pop(card, None))

    async def settled(self) -> None:
        """Wait until everything touched so far has been drawn."""
        while self._tasks:
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def close(self) -> None:
        """Stop; what was not drawn yet is drawn by the next touch after a start."""
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
