"""Sending what comes by itself: one courier per adapter looks every minute for what is due there.

The order makes it never twice: claimed, made, begun, asked, ended.  A platform that answers "no such chat"
ends it for that chat; a failure before the platform can have got the message gives the claim back; any other
failure leaves it as begun, which is not repeated unless the platform recognises the repetition.
"""

import asyncio
import logging
from typing import NamedTuple, Protocol

from bot.handlers.mailings import Made, made
from bot.replies import Reply, SlateReply
from bot.replies.i18n import speaking
from recommender.errors import MusicError
from recommender.service import MusicService
from recommender.service.mailings import DueMailing
from storage.chats.subscriptions import Mailing

log = logging.getLogger(__name__)

_LOOK_SECONDS = 60.0
_RETRY_SECONDS = 600  # after a failure in which nothing was sent
_FAULT_SECONDS = 3600  # after an error of our own
_LAST_SECONDS = 0.8  # for the message that is under way when the adapter ends


class ChatClosedError(Exception):
    """The chat takes no messages any more: it is gone, or the bot is blocked."""


class NotSentError(Exception):
    """The platform surely has not got the message; a later try may succeed."""


class Parcel(NamedTuple):
    """One message to send."""

    chat: str  # a person's account, a group or a channel
    is_place: bool
    reply: Reply
    nonce: str  # the same for each try of one mailing, at most 25 characters


class Carrier(Protocol):
    """How an adapter sends a message that nobody has just asked for."""

    platform: str
    repeats_within: int
    """Seconds for which the platform recognises a parcel that is sent again; 0: it never does."""

    async def carry(self, parcel: Parcel) -> None:
        """Send a parcel; raise `ChatClosedError`, `NotSentError`, or anything else if it may have arrived."""
        ...


class Courier:
    """Sends what is due on one platform."""

    def __init__(self, music: MusicService, carrier: Carrier) -> None:
        self._music = music
        self._carrier = carrier
        self._under_way: asyncio.Task[int] | None = None

    async def keep(self) -> None:
        """Look every minute until cancelled; a message that is under way then gets a moment to end."""
        try:
            while True:
                self._under_way = asyncio.create_task(self.look(), name="mailings")
                await asyncio.shield(self._under_way)
                await asyncio.sleep(_LOOK_SECONDS)
        finally:
            if self._under_way is not None and not self._under_way.done():
                await asyncio.wait([self._under_way], timeout=_LAST_SECONDS)
                self._under_way.cancel()

    async def look(self) -> int:
        """Send what is due; return how many messages were sent.  A failure of one is logged, not raised."""
        sent = 0
        try:
            for due in await self._music.mailings.due(self._carrier.platform):
                sent += await self._one(due)
        except Exception:
            log.exception("what is due on %s could not be looked at", self._carrier.platform)
        return sent

    async def _one(self, due: DueMailing) -> bool:
        mailing = await self._music.mailings.claim(due, repeats_within=self._carrier.repeats_within)
        if mailing is None:
            return False
        with speaking(due.subscription.language):
            try:
                ready = await made(self._music, due, mailing)
            except MusicError as error:  # a service does not answer, or nothing is left to show
                log.info("mailing %d of %s waits: %s", mailing.id, self._carrier.platform, error)
                await self._music.mailings.release(mailing, pause=_RETRY_SECONDS)
                return False
            except Exception:
                log.exception("mailing %d of %s could not be made", mailing.id, self._carrier.platform)
                await self._music.mailings.release(mailing, pause=_FAULT_SECONDS)
                return False
            if ready is None:
                await self._music.mailings.end(mailing, "nothing")
                return False
            return await self._send(due, mailing, ready)

    async def _send(self, due: DueMailing, mailing: Mailing, ready: Made) -> bool:
        one, reply = due.subscription, ready.reply
        slate_id = reply.slate.id if isinstance(reply, SlateReply) else None
        await self._music.mailings.begin(mailing, slate_id)
        is_place, nonce = one.owner.community_id is not None, f"m{mailing.id}-{mailing.period}"
        try:
            await self._carrier.carry(Parcel(one.chat, is_place, reply, nonce))
        except ChatClosedError as error:
            log.info("mailing %d of %s: the chat is closed: %s", mailing.id, one.platform, error)
            await self._music.mailings.end(mailing, "closed")
            return False
        except NotSentError as error:
            log.warning("mailing %d of %s was not sent, trying again: %s", mailing.id, one.platform, error)
            await self._music.mailings.release(mailing, pause=_RETRY_SECONDS)
            return False
        except Exception:
            log.exception(
                "mailing %d of %s may have been sent, and is not repeated", mailing.id, one.platform
            )
            return False
        await self._music.mailings.end(mailing, "sent")
        if slate_id is not None:
            await self._music.shown(slate_id)
        await ready.sent()
        return True
