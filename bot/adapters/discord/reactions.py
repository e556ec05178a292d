"""Native reactions on a card: 👍 ❤️ 👎 ⏭ count once per user and go when the reaction goes."""

import asyncio
import logging
import secrets
from functools import partial
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

import discord

from bot.adapters.discord.people import PLATFORM
from bot.commands import on_list
from bot.context import Ask, Context
from bot.replies import Notice, Problem, Reply
from storage.records import Account, Community, Kind

if TYPE_CHECKING:
    from bot.adapters.discord.client import SegueClient

log = logging.getLogger(__name__)

_VARIANT = "\ufe0f"  # asks for the coloured form of an emoji; clients differ
KINDS = {"👍": Kind.LIKE, "❤": Kind.LIKE, "👎": Kind.DISLIKE, "⏭": Kind.SKIP}


class Reactions:
    """Turns raw reaction events into verdicts; raw events cover messages of any age."""

    def __init__(self, client: "SegueClient") -> None:
        self._client = client
        self._locks: WeakValueDictionary[tuple[int, int], asyncio.Lock] = WeakValueDictionary()

    async def changed(self, payload: discord.RawReactionActionEvent, *, stands: bool) -> None:
        """Count a reaction that was added (`stands`) or removed."""
        kind = KINDS.get((payload.emoji.name or "").replace(_VARIANT, ""))
        is_bot = payload.member is not None and payload.member.bot
        if kind is None or is_bot or (self._client.user and payload.user_id == self._client.user.id):
            return
        place, message = str(payload.channel_id), str(payload.message_id)
        slate_id = await self._client.music.cards.find(PLATFORM, place, message)
        if slate_id is None:
            return
        account = await self._account(payload)
        if account is None:
            return
        # Handles two events of one user on one message in order: the later one wins.
        lock = self._locks.setdefault((payload.message_id, payload.user_id), asyncio.Lock())
        async with lock:
            update = f"{PLATFORM}:reaction:{secrets.token_hex(8)}"  # a reaction event has no id of its own
            context = Context(self._client.music, account, self._community(payload), update, place, place)
            judge = partial(_judge, slate_id=slate_id, kind=kind, stands=stands)
            if not isinstance(await on_list(context, slate_id, judge), Problem):
                await self._redraw(payload, slate_id)

    async def _redraw(self, payload: discord.RawReactionActionEvent, slate_id: int) -> None:
        """Update the card with the counted verdict if the bot may see the message."""
        channel = self._client.get_partial_messageable(payload.channel_id, guild_id=payload.guild_id)
        guild = self._client.get_guild(payload.guild_id) if payload.guild_id else None
        try:
            message = await channel.fetch_message(payload.message_id)
        except (discord.NotFound, discord.Forbidden) as error:
            log.info("message %d: not drawn again after a reaction: %s", payload.message_id, error)
            return
        self._client.redraws.reacted(message, guild, slate_id)

    async def _account(self, payload: discord.RawReactionActionEvent) -> Account | None:
        """Return the account that reacted, under its best known name; None for other bots."""
        external_id = str(payload.user_id)
        if payload.member is not None:
            return Account(PLATFORM, external_id, payload.member.display_name)
        known = await self._client.music.communities.people(PLATFORM, [external_id])
        if external_id in known:
            return Account(PLATFORM, external_id, known[external_id][1])
        if payload.event_type == "REACTION_REMOVE":
            return None  # this user can have no verdict to take back
        user = self._client.get_user(payload.user_id) or await self._client.fetch_user(payload.user_id)
        return None if user.bot else Account(PLATFORM, external_id, user.display_name)

    def _community(self, payload: discord.RawReactionActionEvent) -> Community | None:
        guild = self._client.get_guild(payload.guild_id) if payload.guild_id else None
        return None if guild is None else Community(PLATFORM, str(guild.id), "server", guild.name)


async def _judge(ask: Ask, *, slate_id: int, kind: Kind, stands: bool) -> Reply:
    slate = await ask.music.slate(ask.listener, slate_id)
    if len(slate.picks) == 1:
        pick = slate.picks[0]
        if (pick.verdict == kind) != stands:  # a press sets a verdict, a second press takes it back
            await ask.music.reactions.press(ask.listener, slate_id, pick.position, kind, key=ask.key())
    elif stands:
        await ask.music.cards.judge(ask.listener, slate_id, kind)
    else:
        await ask.music.cards.judge(ask.listener, slate_id, None)
    return Notice("")
