"""Sessions on Discord: one live card each, edited in place, and voice channels that they follow."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import discord

from bot.adapters.discord.cards import card, plain
from bot.adapters.discord.errors import Interaction
from bot.adapters.discord.i18n import language_of
from bot.adapters.discord.people import PLATFORM, account, community
from bot.adapters.discord.render import page
from bot.adapters.discord.render.layout import Scene
from bot.adapters.discord.sending import send
from bot.adapters.discord.server_settings import House
from bot.adapters.discord.voice import others_in_voice
from bot.adapters.live_cards import LiveCards
from bot.context import spoken
from bot.replies import Notice, SessionReply
from bot.replies.i18n import counted, language, say, speaking
from recommender.service import MusicService
from recommender.sessions.state import LiveSession

log = logging.getLogger(__name__)

_Edit = Callable[..., Awaitable[object]]

_EVERY = 1.1  # seconds between two edits of one message; Discord allows five in five


@dataclass(frozen=True, slots=True)
class _Way:
    """Access to a card by an interaction token: valid for fifteen minutes, whatever the bot may see."""

    interaction: Interaction
    message: discord.Message
    is_own: bool  # the card is the answer itself, or the pressed message; else a message below the answer

    @property
    def is_open(self) -> bool:
        """Whether Discord still accepts its token."""
        return not self.interaction.is_expired()

    async def edit(self, **fields: Any) -> object:  # noqa: ANN401 - discord.py's own
        """Edit the card."""
        if self.is_own:
            return await self.interaction.edit_original_response(**fields)
        return await self.interaction.followup.edit_message(self.message.id, **fields)


class Sessions:
    """Sessions as Discord needs them: live cards and voice channels."""

    def __init__(self, client: discord.Client, music: MusicService, house: House) -> None:
        """`client` edits the cards; `house` reads the server settings."""
        self._client = client
        self._house = house
        self._music = music
        self.cards = LiveCards(self._draw, _EVERY)
        self._ways: dict[int, _Way] = {}  # to the card of each session, while Discord keeps it open

    async def answer(
        self, interaction: Interaction, reply: SessionReply, scene: Scene, *, hidden: bool
    ) -> None:
        """Show a new card if the user asked for it; else say what happened and edit the live card."""
        session_id = reply.session.id
        if not reply.is_fresh and await self._music.sessions.card(session_id):
            self.cards.touch(session_id)
            await send(interaction, lambda s: page(Notice(_said(reply)), s), scene, hidden=hidden)
            return
        note = await self._follow(interaction, reply)
        live = await self._music.sessions.look(session_id)
        shown = replace(reply, session=live, note=f"{reply.note} {note}".strip())
        is_aside = hidden and not await self._music.sessions.card(session_id)
        if is_aside:  # nobody else could join from a card that nobody else sees
            aside = Notice(shown.note or say("Everybody here sees the session."))
            await send(interaction, lambda s: page(aside, s), scene, hidden=True)
        hidden = hidden and not is_aside
        message = await send(interaction, lambda s: page(shown, s), scene, hidden=hidden, below=is_aside)
        if message is not None and not hidden:
            await self._live(session_id, _Way(interaction, message, is_own=not is_aside))

    async def pressed(self, interaction: Interaction, reply: SessionReply) -> None:
        """Update the card that was pressed; it becomes the live one."""
        message = interaction.message
        if message is not None and not message.flags.ephemeral:
            await self._live(reply.session.id, _Way(interaction, message, is_own=True))
        self.cards.touch(reply.session.id)

    async def _live(self, session_id: int, way: _Way) -> None:
        """Make a card the live one of its session."""
        self._ways = {number: known for number, known in self._ways.items() if known.is_open}
        self._ways[session_id] = way
        await self._music.sessions.show_on(session_id, _named(way.message))

    async def moved(
        self, member: discord.Member, before: discord.VoiceState, after: discord.VoiceState
    ) -> None:
        """Follow a user from one voice channel to another."""
        place = community(member.guild)
        if member.bot or place is None or before.channel == after.channel:
            return
        who, changed = account(member), []
        if before.channel is not None:
            changed += await self._music.sessions.went(place, str(before.channel.id), who)
        if after.channel is not None:
            changed += await self._music.sessions.came(place, str(after.channel.id), who)
        for session_id in changed:
            self.cards.touch(session_id)

    async def _follow(self, interaction: Interaction, reply: SessionReply) -> str:
        """Follow the asking host's voice channel and add its known users; return a notice for the others."""
        user, host = interaction.user, reply.session.host
        me = await self._music.communities.user(PLATFORM, str(user.id))
        present = others_in_voice(user)
        is_mine = host is not None and host.user_id == me and not reply.session.played
        if present is None or not is_mine or not isinstance(user, discord.Member):
            return ""
        if user.voice is None or user.voice.channel is None:
            return ""
        known = await self._music.communities.people(PLATFORM, [str(user_id) for user_id in present])
        users = [user_id for user_id, _ in known.values()]
        await self._music.sessions.follow(reply.session.id, str(user.voice.channel.id), users)
        unknown = len(present) - len(known)
        if not unknown:
            return ""
        return say("{} in your voice channel can press Join.", counted(unknown, "person", "people"))

    async def _draw(self, session_id: int) -> None:
        found = (await self._music.sessions.card(session_id) or "").split(":")
        if len(found) != 3:
            return
        channel_id, message_id, form = found
        live = await self._music.sessions.look(session_id)
        # Everybody sees it: it uses the server's language.
        with speaking(await self._spoken_in(int(channel_id))):
            shown = page(SessionReply(live), Scene(compact=form == "plain"))
        content, view = plain(shown) if form == "plain" else (None, card(shown))
        fields = {"view": view} if content is None else {"content": content, "view": view}
        channel = self._client.get_partial_messageable(int(channel_id))
        edits: list[_Edit] = [channel.get_partial_message(int(message_id)).edit]
        way = self._ways.get(session_id)
        if way is not None and way.is_open and way.message.id == int(message_id):
            edits.insert(0, way.edit)  # works even if the bot may not see the channel
        for edit in edits:
            try:
                await edit(**fields)
            except (discord.NotFound, discord.Forbidden) as error:
                log.info("session %d: its card cannot be edited: %s", session_id, error)
            else:
                return
        self._ways.pop(session_id, None)
        await self._music.sessions.show_on(session_id, "")  # the next user who asks gets a new card

    async def _spoken_in(self, channel_id: int) -> str:
        channel = self._client.get_channel(channel_id)
        guild = channel.guild if isinstance(channel, discord.abc.GuildChannel | discord.Thread) else None
        if guild is None:
            return language()
        return language_of(guild.preferred_locale, (await self._house.settings(guild)).language)


def _named(message: discord.Message) -> str:
    return f"{message.channel.id}:{message.id}:{'card' if message.flags.components_v2 else 'plain'}"


def _said(reply: SessionReply) -> str:
    return reply.note or _playing(reply.session)


def _playing(session: LiveSession) -> str:
    return f"▶ {spoken(session.now.song)}" if session.now else say("Nothing is playing.")
