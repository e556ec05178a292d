"""Media other than text and listening histories: music files, voice messages, pictures."""

from telegram import Audio, Message, Update

from bot.adapters.telegram import incoming
from bot.adapters.telegram.answers import Anything, Talker
from bot.commands import perform
from bot.context import Ask
from bot.handlers.offered import offered
from bot.replies import Notice, Reply
from bot.replies.i18n import say

_NAMELESS = "That file does not say which song it is. Tell me its name: artist - title"
_NOT_HEARD = (
    "I cannot listen or look. Tell me a song or an artist by name, or send me a link, a music file that "
    "names its artist and title, or the file of your listening history."
)


class Media:
    """Answers music files, and explains the alternatives for other media."""

    def __init__(self, talker: Talker) -> None:
        """`talker` sends answers and holds the service."""
        self._talker = talker

    async def received(self, update: Update, _: Anything) -> None:
        """Show the song of a music file with a like button; else say which files the bot can read."""
        message, context = update.message, self._talker.context(update)
        if message is None or context is None or not self._is_for_us(message):
            return
        audio = message.audio
        if audio is None:
            reply: Reply = Notice(say(_NOT_HEARD))
        elif not audio.performer or not audio.title:
            reply = Notice(say(_NAMELESS))
        else:
            reply = await perform(context, _Named(audio))
        await self._talker.answer(context, incoming.place(message), reply)

    def _is_for_us(self, message: Message) -> bool:
        is_alone = message.chat.type == message.chat.PRIVATE
        return is_alone or (message.audio is not None and incoming.answers(message, self._talker.bot.id))


class _Named:
    """Reply to a music file whose tags name a song."""

    def __init__(self, audio: Audio) -> None:
        self._artist, self._title = audio.performer or "", audio.title or ""

    async def __call__(self, ask: Ask) -> Reply:
        return await offered(ask, self._artist, self._title)
