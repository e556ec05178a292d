"""Imports that people sent with a form: one file per person at a time, in the background."""

import asyncio
import shutil
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from bot.commands import perform
from bot.context import Ask, Context
from bot.handlers.importing import bring, progress_of
from bot.replies import Notice, Reply


@dataclass
class WebImport:
    """An import that runs, or the last one that ended."""

    file: str
    share: float = 0.0  # a float is replaced whole by whichever thread writes it
    reply: Reply | None = None  # set at the end


class WebImports:
    """The imports of this process, by user."""

    def __init__(self) -> None:
        self._imports: dict[int, WebImport] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def of(self, user_id: int) -> WebImport | None:
        """Return a user's import that runs or has ended last."""
        return self._imports.get(user_id)

    def is_running(self, user_id: int) -> bool:
        """Tell whether a user's import runs."""
        found = self.of(user_id)
        return found is not None and found.reply is None

    async def begin(self, user_id: int, context: Context, file: str, content: BinaryIO) -> None:
        """Keep a copy of a file, and import it in the background."""
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="segue-"))
        path = folder / "history"
        await asyncio.to_thread(_copy, content, path)
        found = self._imports[user_id] = WebImport(file)
        task = asyncio.create_task(self._run(found, context, path), name="web import")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, found: WebImport, context: Context, path: Path) -> None:
        try:
            found.reply = await perform(context, partial(bring, path=path, progress=partial(_tell, found)))
        finally:
            await asyncio.to_thread(shutil.rmtree, path.parent, ignore_errors=True)

    async def line(self, context: Context, found: WebImport) -> str:
        """Return how far an import is."""

        async def told(ask: Ask) -> Reply:
            return Notice(progress_of(ask, found.file, found.share))

        reply = await perform(context, told, spoke=False)
        return reply.text if isinstance(reply, Notice) else ""

    def forget(self, user_id: int) -> None:
        """Forget how a user's last import ended."""
        if not self.is_running(user_id):
            self._imports.pop(user_id, None)

    async def close(self) -> None:
        """Stop: what was stored by then stays."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)


def _tell(found: WebImport, share: float) -> None:
    found.share = share


def _copy(content: BinaryIO, path: Path) -> None:
    with path.open("wb") as out:
        shutil.copyfileobj(content, out)
