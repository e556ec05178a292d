"""Clips: voice messages, music files and videos that somebody wants heard."""

import tempfile
from pathlib import Path

from telegram import Audio, Document, Message, Update, Video, VideoNote, Voice
from telegram.error import BadRequest, TelegramError

from bot.adapters.telegram import incoming
from bot.adapters.telegram.answers import Anything, Talker
from bot.adapters.telegram.imports import EXPIRED, NOT_HANDED_OVER
from bot.adapters.telegram.media import NOT_HEARD
from bot.commands import perform
from bot.context import Ask
from bot.handlers.hearing import HEARING, heard
from bot.handlers.importing import too_big
from bot.handlers.offered import offered
from bot.replies import Notice, Reply, SlateReply
from bot.replies.i18n import say
from recommender.audio.ear import can_hear
from recommender.errors import NothingToDo
from recommender.service.imports import MOST_BYTES

Playable = Audio | Document | Video | VideoNote | Voice

_NAMELESS = "That file does not say which song it is. Tell me its name: artist - title"


def clip_of(message: Message) -> Playable | None:
    """Return what can be heard of a message."""
    document = message.document
    if document is not None and not (document.mime_type or "").startswith(("audio/", "video/")):
        document = None
    return message.voice or message.audio or message.video_note or message.video or document


class Clips:
    """Answers clips: in private all of them, in a group those that answer the bot or name /hear."""

    def __init__(self, talker: Talker) -> None:
        """`talker` sends answers and holds the service."""
        self._talker = talker

    @property
    def _bot(self) -> str:
        return self._talker.bot.username.casefold()

    async def received(self, update: Update, _: Anything) -> None:
        """Hear a clip that was sent to the bot."""
        message = update.message
        if message is not None and self._is_for_us(message) and (clip := clip_of(message)):
            await self._answer(update, message, clip)

    async def pointed(self, update: Update, _: Anything) -> None:
        """Hear the clip that a message answers with /hear."""
        message = update.message
        other = None if message is None else message.reply_to_message
        said = incoming.command((message and message.text) or "")
        addressed = None if said is None else said[1]
        if message is None or (addressed or self._bot).casefold() != self._bot:
            return
        if other is not None and (clip := clip_of(other)):
            await self._answer(update, message, clip)
        elif (context := self._talker.context(update)) is not None:
            await self._talker.answer(context, incoming.place(message), Notice(say(HEARING)))

    async def _answer(self, update: Update, message: Message, clip: Playable) -> None:
        context = self._talker.context(update)
        if context is not None:
            reply = await perform(context, _Clip(clip))
            await self._talker.answer(context, incoming.place(message), reply)

    def _is_for_us(self, message: Message) -> bool:
        caption = message.caption or ""
        if message.chat.type == message.chat.PRIVATE or incoming.answers(message, self._talker.bot.id):
            return True
        command, addressed = incoming.command(caption) or ("", None)
        if command == "hear":
            return (addressed or self._bot).casefold() == self._bot
        return f"@{self._bot}" in caption.casefold()


class _Clip:
    """Reply to one clip: what it sounds like, else the song that a music file names."""

    def __init__(self, clip: Playable) -> None:
        self._clip = clip

    async def __call__(self, ask: Ask) -> Reply:
        if not isinstance(self._clip, Audio):
            return await self._heard(ask) if can_hear() else Notice(say(NOT_HEARD))
        try:
            reply: Reply | None = await self._heard(ask) if can_hear() else None
        except NothingToDo:  # its names are there even where its sound is not
            reply = None
        if isinstance(reply, SlateReply):
            return reply
        if self._clip.performer and self._clip.title:
            return await offered(ask, self._clip.performer, self._clip.title)
        return reply or Notice(say(_NAMELESS))

    async def _heard(self, ask: Ask) -> Reply:
        if (self._clip.file_size or 0) > MOST_BYTES:
            raise NothingToDo(too_big("Telegram", MOST_BYTES))
        with tempfile.TemporaryDirectory(prefix="segue-") as folder:
            path = Path(folder) / "clip"
            try:
                file = await self._clip.get_file()
                await file.download_to_drive(path)
            except BadRequest as error:
                raise NothingToDo(EXPIRED) from error
            except TelegramError as error:
                raise NothingToDo(NOT_HANDED_OVER) from error
            return await heard(ask, path)
