"""Order of updates: sequential per user, concurrent between users."""

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
    """Handles the updates of each user in order of arrival and removes each from the inbox afterwards."""

    def __init__(self, inbox: Inbox, languages: Languages) -> None:
        """`inbox` keeps every update until it is handled; `languages` chooses the language of its answer."""
        super().__init__(_AT_ONCE)
        self._languages = languages
        self._inbox = inbox
        # A lock lives as long as an update waits for it.
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._running: set[asyncio.Task[Any]] = set()

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Wait for the user's turn, then handle the update; a cancelled update stays for the next start."""
        if not isinstance(update, Update):
            _drop(coroutine)
            return
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("updates are handled in tasks")
        self._running.add(task)
        try:
            await self._handle(update, coroutine)
        finally:
            self._running.discard(task)
            _drop(coroutine)

    async def _handle(self, update: Update, coroutine: Awaitable[Any]) -> None:
        who = update.effective_sender
        lock = self._locks.setdefault(who.id if who is not None else 0, asyncio.Lock())
        async with lock, self._inbox.begun(update):
            speak(await self._languages.of(update))
            await coroutine
        await self._inbox.handled(update)

    async def leave(self) -> None:
        """Cancel the updates under way: the next start repeats them."""
        tasks = list(self._running)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def initialize(self) -> None:
        """Start; nothing to prepare."""

    async def shutdown(self) -> None:
        """Stop; nothing to release."""


def _drop(coroutine: Awaitable[Any]) -> None:
    close = getattr(coroutine, "close", None)
    if close is not None:
        with suppress(RuntimeError):
            close()  # a coroutine that is never awaited raises a warning
