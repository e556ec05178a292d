"""Redraws of lists: soon, and once for all presses in between."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import discord

from bot.adapters.discord.errors import Interaction, safely
from bot.adapters.discord.i18n import language_of
from bot.adapters.discord.people import PLATFORM, community
from bot.adapters.discord.render.layout import SONGS, Scene
from bot.adapters.discord.render.slate import heading, heading_of, page_of, slate_page
from bot.adapters.discord.sending import Draw, edit, edit_message
from bot.adapters.discord.server_settings import House
from bot.adapters.live_cards import LiveCards
from bot.handlers.recommend import title as title_of
from bot.replies.i18n import speaking
from recommender.service import MusicService
from recommender.types import Listener
from storage.records import Community

_EVERY = 0.5  # seconds between two redraws of one message


@dataclass(frozen=True, slots=True)
class _Redraw:
    """A message to redraw; None for `number` keeps the page it shows."""

    message: discord.Message
    guild: discord.Guild | None
    here: Community | None
    locale: discord.Locale | None
    slate_id: int
    number: int | None
    draw: Callable[[Draw, Scene], Awaitable[None]]


class Redraws:
    """Redraws touched messages in the background, each by its latest touch."""

    def __init__(self, music: MusicService, house: House) -> None:
        """`house` reads the server settings."""
        self._music = music
        self._house = house
        self._latest: dict[int, _Redraw] = {}
        self.cards = LiveCards(self._draw, _EVERY)

    def pressed(
        self, interaction: Interaction, slate_id: int, number: int, if_gone: Callable[[], Awaitable[None]]
    ) -> None:
        """Queue a redraw of a button's message; calls `if_gone` if the message is deleted."""

        async def by_token(draw: Draw, scene: Scene) -> None:
            try:
                await edit(interaction, draw, scene)
            except discord.NotFound:  # the verdict is stored all the same
                await if_gone()

        async def drawn(draw: Draw, scene: Scene) -> None:
            await safely(interaction, by_token(draw, scene))

        if (message := interaction.message) is not None:
            guild, locale = interaction.guild, interaction.guild_locale or interaction.locale
            here = community(guild, interaction)
            self._touch(_Redraw(message, guild, here, locale, slate_id, number, drawn))

    def reacted(self, message: discord.Message, guild: discord.Guild | None, slate_id: int) -> None:
        """Queue a redraw of a message that got a reaction."""

        async def drawn(draw: Draw, scene: Scene) -> None:
            await edit_message(message, draw, scene)

        locale = None if guild is None else guild.preferred_locale
        self._touch(_Redraw(message, guild, community(guild), locale, slate_id, None, drawn))

    def _touch(self, redraw: _Redraw) -> None:
        self._latest[redraw.message.id] = redraw
        self.cards.touch(redraw.message.id)

    async def _draw(self, message_id: int) -> None:
        if (redraw := self._latest.pop(message_id, None)) is None:
            return
        decided = await self._house.settings(redraw.guild)
        # Many users read it: it uses the server's language.
        with speaking(language_of(redraw.locale, decided.language)):
            place = None if redraw.here is None else await self._house.place(redraw.here)
            slate = await self._music.slate(Listener(0, None, PLATFORM), redraw.slate_id)
            slate = await self._music.slate(Listener(slate.query.user_id, place, PLATFORM), redraw.slate_id)
            is_paged = len(slate.picks) > SONGS
            head = heading_of(redraw.message, is_paged=is_paged) or heading(title_of(slate), "")
            number = page_of(redraw.message) if redraw.number is None else redraw.number
            songs = tuple(pick.song for pick in slate.picks)
            links = await self._music.communities.links(songs, slate.query.user_id)
            votes = await self._music.communities.votes(redraw.slate_id)
            scene = Scene(links, votes, number if is_paged else 0, decided.size)
            await redraw.draw(lambda s: slate_page(slate, head, s), scene)
