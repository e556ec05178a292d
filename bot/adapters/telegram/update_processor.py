"""In which order updates are handled: one person's one after the other, different people's at once."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import Any
from weakref import WeakValueDictionary

from telegram import Update
from telegram.ext import BaseUpdateProcessor

from bot.adapters.telegram.i18n import Languages
from bot.adapters.telegram.inbox import Inbox
from bot.replies.i18n import speak

_AT_ONCE = 256


class InTurn(BaseUpdateProcessor):
    """Handles the updates of one person in the order in which they came, and lets go of each afterwards."""

    def __init__(self, inbox: Inbox, languages: Languages) -> None:
        """`inbox` keeps every update until it is handled; `languages` knows how to answer it."""
        super().__init__(_AT_ONCE)
        self._languages = languages
        self._inbox = inbox
        # A lock lives as long as somebody waits for it.
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Wait for the person's turn, then handle the update; cancelled, it is left for the next start."""
        if not isinstance(update, Update):
            _drop(coroutine)
            return
        who = update.effective_sender
        lock = self._locks.setdefault(who.id if who is not None else 0, asyncio.Lock())
        async with lock, self._inbox.begun(update):
            speak(await self._languages.of(update))
            await coroutine
        await self._inbox.handled(update)

    async def initialize(self) -> None:
        """Begin: nothing is needed."""

    async def shutdown(self) -> None:
        """End: nothing is held."""


def _drop(coroutine: Awaitable[Any]) -> None:
    close = getattr(coroutine, "close", None)
    if close is not None:
        with suppress(RuntimeError):
            close()  # a coroutine that is never awaited is warned about
