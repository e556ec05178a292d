"""Discord client: connects, passes each event to its handler, and erases servers that are due."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import click
import discord
from discord import app_commands

from bot.adapters.discord import forms, menus, slash
from bot.adapters.discord.admin import groups
from bot.adapters.discord.answers import Answers
from bot.adapters.discord.buttons import LocalButton, PressButton
from bot.adapters.discord.carrier import DiscordCarrier
from bot.adapters.discord.errors import Interaction, excuse, safely
from bot.adapters.discord.i18n import Translator, language_of
from bot.adapters.discord.people import PLATFORM, community
from bot.adapters.discord.presence import Listening
from bot.adapters.discord.reactions import Reactions
from bot.adapters.discord.redrawing import Redraws
from bot.adapters.discord.server_settings import House
from bot.adapters.discord.sessions import Sessions
from bot.adapters.discord.shards import Shards
from bot.adapters.loop_lag import Lag
from bot.courier import Courier
from bot.replies.i18n import say, speak
from recommender.service import MusicService

log = logging.getLogger(__name__)

_SWEEP_EVERY = 6 * 3600.0  # seconds between checks for abandoned servers that are due for erasure


def intents(*, presences: bool) -> discord.Intents:
    """Return the gateway intents: servers, voice, reactions; presences only if wanted.

    Message content is not requested: slash commands and buttons bring their own.
    """
    wanted = discord.Intents.none()
    wanted.guilds = True
    wanted.voice_states = True
    wanted.reactions = True
    wanted.presences = presences
    return wanted


def add_commands(tree: app_commands.CommandTree[Any]) -> None:
    """Add every command, menu and group to a tree."""
    for command in (*slash.commands(), *menus.commands(), *groups()):
        tree.add_command(command)


def invite(application_id: int) -> str:
    """Return the address that invites Segue to a server with the fewest permissions it needs."""
    needed = discord.Permissions(
        view_channel=True,
        send_messages=True,
        send_messages_in_threads=True,
        embed_links=True,
        attach_files=True,
        read_message_history=True,
    )
    return discord.utils.oauth_url(application_id, permissions=needed)


class Tree(app_commands.CommandTree["SegueClient"]):
    """Command tree with one gate for all commands and one place for their errors."""

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        """Return whether the server allows the command and the user's cooldown is over."""
        if interaction.type is discord.InteractionType.autocomplete:
            return True
        house = interaction.client.house
        decided = await house.settings(interaction.guild)
        speak(language_of(interaction.locale, decided.language))
        manages = interaction.permissions.manage_guild
        if decided.channels and str(interaction.channel_id) not in decided.channels and not manages:
            channels = ", ".join(f"<#{channel}>" for channel in decided.channels[:10])
            await _say(interaction, say("In this server I talk only in: {}.", channels))
            return False
        seconds = house.wait(interaction.user.id, 0.0 if manages else decided.cooldown)
        if seconds:
            wait = max(1, round(seconds))
            await _say(interaction, say("One moment: I am with you again in {} s.", wait))
        return not seconds

    async def on_error(self, interaction: Interaction, error: app_commands.AppCommandError, /) -> None:
        """Tell the user an error code; log the rest."""
        if isinstance(error, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch):
            log.warning("commands are out of date: run `segue discord-sync` (%s)", error)
            speak(await interaction.client.answers.language(interaction))
            await _say(interaction, say("My commands have just changed. Try again in a minute."))
            return
        await excuse(interaction, error.__cause__ or error)


async def _say(interaction: Interaction, sentence: str) -> None:
    await safely(interaction, interaction.response.send_message(sentence, ephemeral=True))


class SegueClient(discord.AutoShardedClient):
    """Segue's Discord client."""

    def __init__(
        self,
        music: MusicService,
        *,
        presences: bool = False,
        shards: Shards | None = None,
        **options: Any,  # noqa: ANN401 - discord.py's own
    ) -> None:
        if shards is not None:
            options |= {"shard_ids": shards.ids, "shard_count": shards.of}
        super().__init__(
            intents=intents(presences=presences),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,  # reactions name a message; the database knows its list
            chunk_guilds_at_startup=False,
            **options,
        )
        self.music = music
        self.served = shards
        self.answers = Answers(music)
        self.house = House(music)
        self.redraws = Redraws(music, self.house)
        self.reactions = Reactions(self)
        self.listening = Listening(music, wanted=presences)
        self.sessions = Sessions(self, music, self.house)
        self.lag = Lag()
        self.started_at = time.monotonic()
        self.owners: frozenset[int] = frozenset()
        self._is_announced = False
        self.tree = Tree(self, allowed_installs=slash.INSTALLS, allowed_contexts=slash.CONTEXTS)
        add_commands(self.tree)

    async def setup_hook(self) -> None:
        """Prepare everything that the first event needs."""
        self.add_dynamic_items(PressButton, LocalButton)
        await self.tree.set_translator(Translator())
        if app := self.application:
            team = [member.id for member in app.team.members] if app.team else []
            self.owners = frozenset([app.owner.id, *team])
            self.music.web.owners["discord"] = frozenset(map(str, self.owners))
        await self.music.welcome.tags("", 1)  # fills the cache, so that the first completion is fast
        await self.listening.start()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Wait for this shard's turn, where other processes have shards of the same bot."""
        if self.served is None or shard_id is None:
            await super().before_identify_hook(shard_id, initial=initial)
        else:
            await asyncio.sleep(self.served.wait(shard_id, time.time()))

    async def close(self) -> None:
        """Disconnect and stop all background work."""
        await self.sessions.cards.close()
        await self.redraws.cards.close()
        await self.listening.close()
        await super().close()

    @asynccontextmanager
    async def chores(self) -> AsyncIterator[None]:
        """Measure the event loop and erase due servers while the block runs."""
        chores = [asyncio.create_task(work) for work in (self.lag.watch(), self._sweep(), self._deliver())]
        try:
            yield
        finally:
            for chore in chores:
                chore.cancel()
            await asyncio.gather(*chores, return_exceptions=True)

    async def _sweep(self) -> None:
        """Erase the servers left thirty days ago, now and every few hours."""
        while True:
            erased = await self.music.communities.erase_left()
            if erased:
                log.warning("erased %d servers that I was removed from 30 days ago", erased)
            await asyncio.sleep(_SWEEP_EVERY)

    async def _deliver(self) -> None:
        """Send what comes by itself, once the channels are known."""
        await self.wait_until_ready()
        await Courier(self.music, DiscordCarrier(self, self.music)).keep()

    async def on_ready(self) -> None:
        """Announce that the bot is ready, and how to invite it."""
        if self._is_announced:  # the gateway repeats "ready" after every longer break
            return
        self._is_announced = True
        where = f"{len(self.guilds)} servers" if len(self.guilds) != 1 else "1 server"
        address = invite(self.application_id or 0)
        present = frozenset(str(guild.id) for guild in self.guilds)
        await self.music.communities.reconcile(PLATFORM, present, self.served.has if self.served else None)
        click.echo(f"Discord: {self.user} is in {where}. Invite: {address}", err=True)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Start the thirty days after which the server is erased."""
        self.house.forget(guild.id)
        if place := community(guild):
            await self.music.communities.left(place)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Cancel the erasure of a server that invites the bot again."""
        if place := community(guild):
            await self.music.communities.returned(place)

    async def on_interaction(self, interaction: Interaction) -> None:
        """Handle a submitted form; commands and buttons have handlers of their own."""
        if forms.is_ours(interaction):
            await forms.submitted(interaction)

    async def on_raw_reaction_add(self, payload: discord.RawReactionActionEvent) -> None:
        """Count a native reaction."""
        await self.reactions.changed(payload, stands=True)

    async def on_raw_reaction_remove(self, payload: discord.RawReactionActionEvent) -> None:
        """Take back a native reaction."""
        await self.reactions.changed(payload, stands=False)

    async def on_voice_state_update(
        self, member: discord.Member, before: discord.VoiceState, after: discord.VoiceState
    ) -> None:
        """Let a session follow users who enter and leave its voice channel."""
        await self.sessions.moved(member, before, after)

    async def on_raw_presence_update(self, payload: discord.RawPresenceUpdateEvent) -> None:
        """Record what a user plays, if they turned that on."""
        self.listening.seen(payload.user_id, payload.activities)

    async def on_error(self, event_method: str, /, *_: Any, **__: Any) -> None:  # noqa: ANN401 - any event
        """Log an event that failed."""
        log.exception("event %s failed", event_method)  # noqa: LOG004 - discord.py calls this from its handler
