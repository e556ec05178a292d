"""Users who listen along: those in the caller's voice channel."""

from dataclasses import replace
from functools import partial
from typing import Any

import discord

from bot.adapters.discord.errors import Interaction
from bot.adapters.discord.people import PLATFORM
from bot.commands import perform
from bot.context import Arguments, Ask, Context
from bot.handlers.moods import recommend_together
from bot.replies import Reply, SlateReply
from bot.replies.i18n import say
from recommender.errors import NothingToDo


async def recommend_for_voice(interaction: Interaction, given: dict[str, Any], context: Context) -> Reply:
    """Return songs for everybody in the caller's voice channel with a known taste."""
    return await perform(context, partial(_for_all, interaction, given))


async def _for_all(interaction: Interaction, given: dict[str, Any], ask: Ask) -> Reply:
    present = others_in_voice(interaction.user)
    if present is None:
        raise NothingToDo("Join a voice channel of this server first: I look at who is in there with you.")
    known = await ask.music.communities.people(PLATFORM, [str(user_id) for user_id in present])
    options = {"count": given["count"]} if given.get("count") else {}
    users = tuple(user_id for user_id, _ in known.values() if user_id != ask.listener.user_id)
    reply = await recommend_together(ask, Arguments(given.get("wish") or "", options), users)
    if not isinstance(reply, SlateReply):
        return reply
    return replace(reply, note=_note(len(present) - len(known), reply.note))


def others_in_voice(user: discord.User | discord.Member) -> list[int] | None:
    """Return the other users in the caller's voice channel, without bots; None if the caller is in none."""
    if not isinstance(user, discord.Member) or user.voice is None or user.voice.channel is None:
        return None
    members = {user_id: user.guild.get_member(user_id) for user_id in user.voice.channel.voice_states}
    return [
        user_id
        for user_id, member in members.items()
        if user_id != user.id and not (member is not None and member.bot)
    ]


def _note(unknown: int, note: str) -> str:
    if not unknown:
        return note
    one, many = "1 person here has not told me anything yet.", "{} people here have not told me anything yet."
    told = say(one) if unknown == 1 else say(many, unknown)
    return f"{told} {note}".strip()
