"""Imports from files sent in private: passes a listening history to the importer and shows progress."""

import asyncio
import re
import tempfile
from collections import deque
from contextlib import suppress
from pathlib import Path

from telegram import Document, Message, Update
from telegram.error import BadRequest, TelegramError

from bot.adapters.telegram import incoming
from bot.adapters.telegram.answers import Anything, Talker
from bot.adapters.telegram.inbox import Inbox, inbox_of
from bot.adapters.telegram.render import render
from bot.adapters.telegram.render.card import Card
from bot.adapters.telegram.sending import edit
from bot.adapters.telegram.text import name
from bot.commands import perform
from bot.context import Ask, Context
from bot.handlers.importing import bring, progress_of, too_big
from bot.replies import Notice, Reply
from bot.replies.i18n import say
from recommender.errors import NothingToDo
from recommender.service.imports import MOST_BYTES

_BETWEEN_EDITS = 2.0  # seconds; Telegram accepts about one edit a second in a chat
_STOPPED = (
    "I am being stopped in the middle of your file. What was in is in: send it again when I am back, and "
    "nothing counts twice."
)
EXPIRED = "Telegram no longer has that file. Send it again, as a new file."
NOT_HANDED_OVER = "Telegram did not hand me that file. Send it again in a minute."
_IN_PRIVATE = (
    "A listening history is between the two of us: send me that file in our private chat, and it counts as "
    "yours."
)
# File names of listening histories; as an administrator, the bot sees every other file of a group as well.
_HISTORY = re.compile(
    r"scrobbl|listen|streaming.?history|endsong|last\.?fm|spotify|play.?activity|watch-history|deezer|tidal"
    r"|maloja|^(history|plays)(?![a-z])",
    re.IGNORECASE,
)
_ALBUMS = 100  # latest albums (files sent together) that are remembered


class Files:
    """Accepts files in private chats."""

    def __init__(self, talker: Talker) -> None:
        """`talker` sends answers and holds the service."""
        self._talker = talker
        self._running: set[_Import] = set()
        self._albums: deque[str] = deque(maxlen=_ALBUMS)

    def stop(self) -> None:
        """Stop every import after its current slice; imported rows stay."""
        for one in self._running:
            one.is_stopped = True

    async def received(self, update: Update, talk: Anything) -> None:
        """Import a file and show progress; the user can go on talking meanwhile."""
        message, context = update.message, self._talker.context(update)
        if message is None or context is None or message.document is None:
            return
        if message.document.file_size is not None and message.document.file_size > MOST_BYTES:
            refusal = Notice(too_big("Telegram", MOST_BYTES))
            await self._talker.answer(context, incoming.place(message), refusal)
            return
        progress = await self._talker.send(incoming.place(message), [Card(say("Reading the file …"))])
        if progress is None:
            return
        one = _Import(self._talker, message.document, context, progress)
        inbox = inbox_of(talk.application)
        inbox.hold(update)  # after a crash, the next start repeats the import
        talk.application.create_task(self._bring(context, one, progress, inbox, update), update)

    async def redirected(self, update: Update, _: Anything) -> None:
        """Point a listening history sent to a group to the private chat; ignore other files."""
        message, context = update.message, self._talker.context(update)
        if message is None or context is None or not self._is_for_us(message):
            return
        album = message.media_group_id
        if album in self._albums:
            return
        if album is not None:
            self._albums.append(album)
        await self._talker.answer(context, incoming.place(message), Notice(say(_IN_PRIVATE)))

    def _is_for_us(self, message: Message) -> bool:
        said = incoming.command(message.caption or "")
        if said is not None:
            command, bot = said
            if bot is None:
                return command == "import"
            return bot.casefold() == self._talker.bot.username.casefold()
        file_name = (message.document.file_name if message.document else None) or ""
        return incoming.answers(message, self._talker.bot.id) or bool(_HISTORY.search(file_name))

    async def _bring(
        self, context: Context, one: "_Import", progress: Message, inbox: Inbox, update: Update
    ) -> None:
        self._running.add(one)
        try:
            reply = await perform(context, one)
        finally:
            self._running.discard(one)
        await edit(
            self._talker.bot, render(reply)[0], chat_id=progress.chat.id, message_id=progress.message_id
        )
        await inbox.release(update)


class _Import:
    """One import: call it to run it to its end."""

    def __init__(self, talker: Talker, document: Document, context: Context, progress: Message) -> None:
        self._talker, self._document, self._context, self._progress = talker, document, context, progress
        self._share = 0.0
        self.is_stopped = False

    async def __call__(self, ask: Ask) -> Reply:
        with tempfile.TemporaryDirectory(prefix="segue-") as folder:
            path = Path(folder) / "history"
            await self._fetch(path)
            telling = asyncio.create_task(self._tell(ask))
            try:
                return await bring(ask, path, self._done)
            except InterruptedError as error:
                raise NothingToDo(_STOPPED) from error
            finally:
                telling.cancel()
                with suppress(asyncio.CancelledError):
                    await telling

    async def _fetch(self, path: Path) -> None:
        """Download the file; raises `NothingToDo` with advice if Telegram refuses it."""
        try:
            file = await self._document.get_file()
            await file.download_to_drive(path)
        except BadRequest as error:
            if "file is too big" in str(error).casefold():
                raise NothingToDo(too_big("Telegram", MOST_BYTES)) from error
            raise NothingToDo(EXPIRED) from error
        except TelegramError as error:
            raise NothingToDo(NOT_HANDED_OVER) from error

    def _done(self, share: float) -> None:
        self._share = share  # read by the event loop; a float is replaced whole
        if self.is_stopped:
            raise InterruptedError

    async def _tell(self, ask: Ask) -> None:
        told = ""
        file = name(self._document.file_name or say("your file"), 60)
        while True:
            await asyncio.sleep(_BETWEEN_EDITS)
            if (said := progress_of(ask, file, self._share)) != told:
                told = said
                await edit(
                    self._talker.bot,
                    Card(said),
                    chat_id=self._progress.chat.id,
                    message_id=self._progress.message_id,
                )
