"""Mailings on Telegram, which does not recognise a message that is sent again."""

from telegram.error import NetworkError, RetryAfter

from bot.adapters.telegram.answers import Talker
from bot.adapters.telegram.incoming import PLATFORM, Place
from bot.adapters.telegram.transport import never_twice, was_not_sent
from bot.courier import ChatClosedError, NotSentError, Parcel


class TelegramCarrier:
    """Sends to private chats and groups."""

    platform = PLATFORM
    repeats_within = 0

    def __init__(self, talker: Talker) -> None:
        self._talker = talker

    async def carry(self, parcel: Parcel) -> None:
        """Send a parcel once; see `bot.courier.Carrier`."""
        where = Place(int(parcel.chat), is_group=parcel.is_place)
        try:
            with never_twice():
                if not await self._talker.deliver(where, parcel.reply):
                    raise ChatClosedError(PLATFORM)
        except RetryAfter as error:
            raise NotSentError(str(error)) from error
        except NetworkError as error:
            if was_not_sent(error):
                raise NotSentError(str(error)) from error
            raise
