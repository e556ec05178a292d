"""In which order updates are handled: one person's one after the other, different people's at once.

An update that is delivered twice is handled once: Telegram repeats what was not confirmed in time.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable
from contextlib import suppress
from typing import Any
from weakref import WeakValueDictionary

from telegram import Update
from telegram.ext import BaseUpdateProcessor

_AT_ONCE = 256
_REMEMBERED = 20_000  # updates; Telegram keeps undelivered ones for a day


class InTurn(BaseUpdateProcessor):
    """Handles each update once, and the updates of one person in the order in which they came."""

    def __init__(self) -> None:
        super().__init__(_AT_ONCE)
        self._seen: OrderedDict[int, None] = OrderedDict()
        # A lock lives as long as somebody waits for it.
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Wait for the person's turn, then handle the update, unless it has been handled."""
        if not isinstance(update, Update) or self._is_known(update.update_id):
            _drop(coroutine)
            return
        who = update.effective_sender
        lock = self._locks.setdefault(who.id if who is not None else 0, asyncio.Lock())
        async with lock:
            await coroutine

    def _is_known(self, update_id: int) -> bool:
        if update_id in self._seen:
            return True
        self._seen[update_id] = None
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        return False

    async def initialize(self) -> None:
        """Begin: nothing is needed."""

    async def shutdown(self) -> None:
        """End: nothing is held."""


def _drop(coroutine: Awaitable[Any]) -> None:
    close = getattr(coroutine, "close", None)
    if close is not None:
        with suppress(RuntimeError):
            close()  # a coroutine that is never awaited is warned about
