"""Commands of Discord alone: menus on messages and users, private answers, recorded listening."""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Literal

import discord
from discord import app_commands

from bot.adapters.discord.errors import Interaction
from bot.adapters.discord.i18n import described, named
from bot.adapters.discord.song_mentions import names_in
from bot.commands import perform
from bot.context import Arguments, Ask, Context, Mention
from bot.handlers import reactions
from bot.handlers.compare import compare
from bot.handlers.names import understand
from bot.replies import Notice, Problem, Reply
from bot.replies.i18n import say
from recommender.errors import NotKnown

_TRIED = 8  # names tried per message
_INSTALLS = app_commands.AppInstallationType(guild=True, user=True)
_CONTEXTS = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True)

AnyCommand = app_commands.Command[Any, ..., None] | app_commands.ContextMenu


def commands() -> list[AnyCommand]:
    """Return the menus and commands of this platform alone."""
    places: dict[str, Any] = {"allowed_installs": _INSTALLS, "allowed_contexts": _CONTEXTS}
    return [
        _menu("Like this song", like_message, places),
        _menu("Compare taste", compare_taste, places),
        _command("answers", "Choose who sees what I answer you", choose_answers, places),
        _command("listen", "Let what you play on Spotify count, or stop that", listen, places),
    ]


def _menu(
    name: str, callback: Callable[..., Coroutine[Any, Any, None]], places: dict[str, Any]
) -> app_commands.ContextMenu:
    return app_commands.ContextMenu(name=described(name), callback=callback, **places)


def _command(
    name: str, summary: str, callback: Callable[..., Coroutine[Any, Any, None]], places: dict[str, Any]
) -> app_commands.Command[Any, ..., None]:
    return app_commands.Command(name=named(name), description=described(summary), callback=callback, **places)


async def like_message(interaction: Interaction, message: discord.Message) -> None:
    """Like the song that a message names by a link or as "artist - title"."""
    await interaction.client.answers.answer(interaction, partial(_like, message), private=True)


async def _like(message: discord.Message, context: Context) -> Reply:
    async def liked(ask: Ask) -> Reply:
        names = names_in(message)
        if not names:
            raise NotKnown("I see no song in that message: no link, and no artist - title.")
        found = [await ask.find(name) for name in names[:_TRIED]]
        sure = [name for name, meant in zip(names, found, strict=False) if meant.song is not None]
        near = [name for name, meant in zip(names, found, strict=False) if meant.others]
        meant = await understand(ask, "like", [*sure, *near, *names][0])
        return await reactions.like(ask, meant) if isinstance(meant, Mention) else meant

    return await perform(context, liked)


async def compare_taste(interaction: Interaction, user: discord.User | discord.Member) -> None:
    """Show what two users have in common."""

    async def compared(ask: Ask) -> Reply:
        return await compare(ask, Arguments(f"<@{user.id}>"))

    await interaction.client.answers.answer(interaction, lambda context: perform(context, compared))


@app_commands.describe(who=described("who sees my answers to you"))
@app_commands.rename(who=named("who"))
async def choose_answers(interaction: Interaction, who: Literal["everybody", "only me"]) -> None:
    """Store whether only the user sees their answers."""

    async def chosen(_: Context) -> Reply:
        await interaction.client.answers.choose(interaction, private=who == "only me")
        alone = "From now on only you see what I answer you."
        shared = "From now on everybody here sees what I answer you."
        return Notice(say(alone if who == "only me" else shared))

    await interaction.client.answers.answer(interaction, chosen, private=True)


@app_commands.describe(state=described("on or off"))
@app_commands.rename(state=named("state"))
async def listen(interaction: Interaction, state: Literal["on", "off"]) -> None:
    """Start or stop recording what a user plays."""

    async def turned(ask: Ask) -> Reply:
        listening = interaction.client.listening
        if not listening.wanted:
            return Problem(
                say(
                    "I cannot see what you play: whoever runs me has to switch on the Presence Intent "
                    "in the Discord Developer Portal (Bot, Privileged Gateway Intents) and set "
                    "DISCORD_PRESENCES=true, then start me again."
                )
            )
        account = interaction.client.answers.context(interaction).account
        await listening.turn(account, on=state == "on")
        if state == "off":
            return Notice(
                say("Off, {}: what you play is yours alone. /history shows what I noted.", ask.name)
            )
        return Notice(
            say(
                "On: songs that Discord shows you playing on Spotify count as plays, after 30 seconds or "
                "half the song. /listen off ends it, /history shows it, /forget erases it."
            )
        )

    await interaction.client.answers.answer(
        interaction, lambda context: perform(context, turned), private=True
    )
