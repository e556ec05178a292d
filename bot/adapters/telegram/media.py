"""Media that the bot can neither read nor hear: pictures, places, stickers."""

from telegram import Update

from bot.adapters.telegram import incoming
from bot.adapters.telegram.answers import Anything, Talker
from bot.replies import Notice
from bot.replies.i18n import say

NOT_HEARD = (
    "I cannot listen or look. Tell me a song or an artist by name, or send me a link, a music file that "
    "names its artist and title, or the file of your listening history."
)


class Media:
    """Says what can be sent instead of media that say nothing to the bot."""

    def __init__(self, talker: Talker) -> None:
        """`talker` sends answers and holds the service."""
        self._talker = talker

    async def received(self, update: Update, _: Anything) -> None:
        """Say which messages the bot can read."""
        message, context = update.message, self._talker.context(update)
        if message is not None and context is not None:
            await self._talker.answer(context, incoming.place(message), Notice(say(NOT_HEARD)))
