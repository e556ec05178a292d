"""Mailings on Discord: to users in private, to a server in one of its channels.

The nonce makes Discord recognise a message that is sent again within a few minutes; it then returns the one
that is there ("enforce_nonce" of Create Message).
"""

from dataclasses import replace

import discord

from bot.adapters.discord.cards import attachments, card, plain
from bot.adapters.discord.people import PLATFORM
from bot.adapters.discord.render import page
from bot.adapters.discord.render.layout import Page, Piece, Scene
from bot.adapters.discord.render.slate import heading
from bot.courier import ChatClosedError, NotSentError, Parcel
from bot.pictures.painter import painter
from bot.replies import Reply, SlateReply, drawings
from recommender.service import MusicService

_TOO_MANY = 429
_REPEATS_WITHIN = 120  # seconds; Discord says "the past few minutes"

Channel = (
    discord.DMChannel | discord.TextChannel | discord.Thread | discord.VoiceChannel | discord.StageChannel
)


class DiscordCarrier:
    """Sends to private chats and channels."""

    platform = PLATFORM
    repeats_within = _REPEATS_WITHIN

    def __init__(self, client: discord.Client, music: MusicService) -> None:
        self._client, self._music = client, music

    async def carry(self, parcel: Parcel) -> None:
        """Send a parcel once; see `bot.courier.Carrier`."""
        try:
            await self._carry(parcel)
        except (discord.Forbidden, discord.NotFound) as error:
            raise ChatClosedError(str(error)) from error
        except discord.HTTPException as error:
            if error.status == _TOO_MANY:
                raise NotSentError(str(error)) from error
            raise

    async def _carry(self, parcel: Parcel) -> None:
        channel = await self._channel(parcel)
        reply, scene, is_card, may_attach = parcel.reply, await self._scene(parcel.reply), True, True
        if not isinstance(channel, discord.DMChannel):
            allowed = channel.permissions_for(channel.guild.me)
            is_card, may_attach = allowed.embed_links, allowed.attach_files
        if may_attach and (wanted := drawings(reply)):
            above = reply.title if isinstance(reply, SlateReply) else ""
            pictures = await painter().paint(wanted)
            picture = replace(Page((Piece(heading(above, "")),)), pictures=pictures)
            await self._send(channel, picture, f"{parcel.nonce}p", is_card=is_card)
        drawn = page(reply, scene if is_card else replace(scene, compact=True))
        sent = await self._send(channel, drawn, parcel.nonce, is_card=is_card)
        if isinstance(reply, SlateReply):
            await self._music.cards.keep(PLATFORM, str(sent.channel.id), str(sent.id), reply.slate.id)

    async def _send(self, channel: Channel, drawn: Page, nonce: str, *, is_card: bool) -> discord.Message:
        files = attachments(drawn)
        if is_card:
            return await channel.send(view=card(drawn), files=files, nonce=nonce)
        content, buttons = plain(drawn)
        return await channel.send(content, view=buttons, files=files, nonce=nonce)

    async def _channel(self, parcel: Parcel) -> Channel:
        number = int(parcel.chat)
        if not parcel.is_place:
            user = self._client.get_user(number) or await self._client.fetch_user(number)
            return user.dm_channel or await user.create_dm()
        found = self._client.get_channel(number) or await self._client.fetch_channel(number)
        if not isinstance(found, Channel):
            raise ChatClosedError("nobody can write there")
        return found

    async def _scene(self, reply: Reply) -> Scene:
        if not isinstance(reply, SlateReply):
            return Scene()
        songs = tuple(pick.song for pick in reply.slate.picks)
        links = await self._music.communities.links(songs, reply.slate.query.user_id)
        return Scene(links=links)
