"""`/server` for server managers, `/owner` for the owner of the bot.

Discord hides these commands by `default_permissions`; a server can change that, so each command checks again.
"""

import time
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any, Literal

import discord
from discord import app_commands

from bot.adapters.discord.completion import complete_song, matching, picked
from bot.adapters.discord.errors import Interaction
from bot.adapters.discord.i18n import described, language_of, named
from bot.adapters.discord.people import community
from bot.commands import perform
from bot.context import Ask, Context, Mention, spoken
from bot.handlers import admin, policies, releases, weekly
from bot.handlers.names import understand
from bot.replies import Notice, Reply
from bot.replies.i18n import LANGUAGES, say, speaking
from recommender.errors import NothingToDo, NotKnown
from storage.records import Subject

GUILDS = app_commands.AppInstallationType(guild=True, user=False)
IN_SERVERS = app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False)
Answer = Callable[[Ask], Awaitable[Reply]]
Callback = Callable[..., Coroutine[Any, Any, None]]

_NOT_ALLOWED = "This is for people who may manage the server."
_NOT_OWNER = "This is for whoever runs me."
_LANGUAGES = [
    app_commands.Choice(name="each person's own", value="-"),
    *(app_commands.Choice(name=name, value=code) for code, name in LANGUAGES.items()),
]


def groups() -> list[app_commands.Group]:
    """Return the command groups for managers and owners."""
    server = _group("server", "Settings of this server", discord.Permissions(manage_guild=True))
    for name, summary, callback in _SERVER:
        server.add_command(_command(name, summary, callback))
    owner = _group("owner", "For whoever runs this bot", discord.Permissions(administrator=True))
    for name, summary, callback in _OWNER:
        owner.add_command(_command(name, summary, callback))
    return [server, owner]


def _group(name: str, summary: str, permissions: discord.Permissions) -> app_commands.Group:
    return app_commands.Group(
        name=named(name),
        description=described(summary),
        default_permissions=permissions,
        allowed_installs=GUILDS,
        allowed_contexts=IN_SERVERS,
    )


def _command(name: str, summary: str, callback: Callback) -> app_commands.Command[Any, ..., None]:
    return app_commands.Command(name=named(name), description=described(summary), callback=callback)


async def _manage(interaction: Interaction, work: Answer) -> None:
    """Run `work` if the user may manage the server, else refuse."""
    if interaction.guild is None or not interaction.permissions.manage_guild:
        await _refuse(interaction, _NOT_ALLOWED)
        return
    await interaction.client.answers.answer(interaction, partial(_performed, work), private=True)
    interaction.client.house.forget(interaction.guild.id)


async def _own(interaction: Interaction, work: Answer) -> None:
    """Run `work` if the user owns the bot, else refuse."""
    if interaction.user.id not in interaction.client.owners:
        await _refuse(interaction, _NOT_OWNER)
        return
    await interaction.client.answers.answer(interaction, partial(_performed, work), private=True)


async def _performed(work: Answer, context: Context) -> Reply:
    return await perform(context, work)


async def _refuse(interaction: Interaction, sentence: str) -> None:
    with speaking(language_of(interaction.locale)):
        await interaction.response.send_message(say(sentence), ephemeral=True)


# --- /server ------------------------------------------------------------------------------------------------


async def _show(interaction: Interaction) -> None:
    await _manage(interaction, admin.settings)


@app_commands.choices(language=_LANGUAGES)
@app_commands.describe(language=described("language of what I say"))
async def _language(interaction: Interaction, language: str) -> None:
    code = "" if language == "-" else language
    await _manage(interaction, lambda ask: admin.set_language(ask, code))


@app_commands.describe(
    channel=described("which channel"),
    talk=described("whether I talk there"),
)
async def _channel(
    interaction: Interaction, channel: discord.TextChannel, talk: Literal["yes", "no"]
) -> None:
    await _manage(
        interaction,
        lambda ask: admin.turn_channel(ask, str(channel.id), f"#{channel.name}", allowed=talk == "yes"),
    )


@app_commands.describe(songs=described("how many songs a list has"))
async def _size(interaction: Interaction, songs: app_commands.Range[int, 1, 20]) -> None:
    await _manage(interaction, lambda ask: admin.set_size(ask, songs))


@app_commands.describe(allowed=described("whether explicit songs may come"))
async def _explicit(interaction: Interaction, allowed: Literal["yes", "no"]) -> None:
    await _manage(interaction, lambda ask: admin.set_explicit(ask, allowed=allowed == "yes"))


@app_commands.describe(seconds=described("seconds between two commands of one person"))
async def _cooldown(interaction: Interaction, seconds: app_commands.Range[int, 0, 300]) -> None:
    await _manage(interaction, lambda ask: admin.set_cooldown(ask, seconds))


@app_commands.describe(song=described("a song or an artist"))
@app_commands.autocomplete(song=complete_song)
async def _block(interaction: Interaction, song: app_commands.Range[str, 1, 200]) -> None:
    await _manage(interaction, partial(_mentioned, song, admin.block_here))


async def complete_blocked(interaction: Interaction, text: str) -> list[app_commands.Choice[str]]:
    """Offer what this server has blocked to users who may unblock it."""
    place = community(interaction.guild, interaction)
    if place is None or not interaction.permissions.manage_guild:
        return []
    music = interaction.client.music
    found = await music.communities.find(place.platform, place.external_id)
    decided = frozenset[Subject]() if found is None else (await music.communities.settings(found)).blocked
    songs = [await music.names.song(subject) for subject in decided]
    return matching(sorted(songs, key=lambda song: song.label), text)


@app_commands.describe(song=described("a song or an artist"))
@app_commands.autocomplete(song=complete_blocked)
async def _unblock(interaction: Interaction, song: app_commands.Range[str, 1, 200]) -> None:
    await _manage(interaction, partial(_mentioned, song, admin.unblock_here))


async def _blocked(interaction: Interaction) -> None:
    async def listed(ask: Ask) -> Reply:
        songs = await admin.blocked_here(ask)
        if not songs:
            raise NothingToDo("Nothing is blocked here. /server block keeps a song or artist out.")
        return Notice("\n".join(spoken(song) for song in songs))

    await _manage(interaction, listed)


async def _statistics(interaction: Interaction) -> None:
    await _manage(interaction, admin.statistics)


@app_commands.describe(member=described("whose data leaves this server"))
async def _remove(interaction: Interaction, member: discord.User) -> None:
    await _manage(interaction, lambda ask: admin.remove_member(ask, str(member.id), member.display_name))


async def _retrain(interaction: Interaction) -> None:
    await _manage(interaction, admin.retrain)


async def _knowledge(interaction: Interaction) -> None:
    await _manage(interaction, admin.knowledge)


@app_commands.describe(sure=described("this cannot be taken back"))
async def _erase(interaction: Interaction, sure: Literal["erase everything of this server"]) -> None:
    del sure
    await _manage(interaction, admin.erase_here)


@app_commands.describe(when=described("on and a day and hour, or off"))
async def _weekly(interaction: Interaction, when: app_commands.Range[str, 0, 100] = "") -> None:
    await _manage(interaction, lambda ask: weekly.weekly_of(ask, weekly.ours(ask), when))


@app_commands.describe(when=described("on and what you want, or off"))
async def _releases(interaction: Interaction, when: app_commands.Range[str, 0, 100] = "") -> None:
    await _manage(interaction, lambda ask: releases.releases_of(ask, weekly.ours(ask), when))


@app_commands.describe(when=described("the quiet hours; nothing ends all that comes by itself"))
async def _quiet(interaction: Interaction, when: app_commands.Range[str, 0, 20] = "") -> None:
    await _manage(interaction, lambda ask: weekly.quiet_of(ask, weekly.ours(ask), when))


@app_commands.describe(where=described("a large city of your time zone"))
async def _zone(interaction: Interaction, where: app_commands.Range[str, 0, 60] = "") -> None:
    await _manage(interaction, lambda ask: weekly.zone_of(ask, weekly.ours(ask), where))


_SERVER: tuple[tuple[str, str, Callback], ...] = (
    ("settings", "See what this server has decided", _show),
    ("language", "Set the language of what I say", _language),
    ("channel", "Allow a channel, or no longer", _channel),
    ("size", "Set how many songs a list has", _size),
    ("explicit", "Allow songs that are marked as explicit, or not", _explicit),
    ("cooldown", "Set how long a person waits between commands", _cooldown),
    ("weekly", "Get ten songs for this server every week", _weekly),
    ("releases", "Get new releases in this channel", _releases),
    ("quiet", "Set quiet hours, or end all that comes by itself", _quiet),
    ("zone", "Set the time zone of this server", _zone),
    ("block", "Keep a song or an artist out of this server", _block),
    ("unblock", "Let a song or an artist back in", _unblock),
    ("blocked", "See what is kept out of this server", _blocked),
    ("statistics", "See this server in figures", _statistics),
    ("remove", "Remove a member's data from this server", _remove),
    ("retrain", "Learn from everything now", _retrain),
    ("knowledge", "See what I know and what it costs", _knowledge),
    ("erase", "Erase what I know of this server", _erase),
)


async def _mentioned(text: str, then: Callable[[Ask, Mention], Awaitable[Reply]], ask: Ask) -> Reply:
    """Call `then` with the song or artist that `text` names or that the user picked from the completion."""
    if (subject := picked(text)) is not None:
        return await then(ask, Mention(await ask.music.names.song(subject)))
    found = await understand(ask, "block", text)
    if not isinstance(found, Mention):
        raise NotKnown(f'"{text}" can be several things. Pick one from the list that comes up as you type.')
    return await then(ask, found)


# --- /owner -------------------------------------------------------------------------------------------------


async def _sync(interaction: Interaction, *, here: bool = False) -> None:
    async def synced(_: Ask) -> Reply:
        client, guild = interaction.client, interaction.guild if here else None
        if guild is not None:
            client.tree.copy_global_to(guild=guild)
        commands = await client.tree.sync(guild=guild)
        return Notice(f"{len(commands)} commands are up to date {'here' if guild else 'everywhere'}.")

    await _own(interaction, synced)


async def _sync_all(interaction: Interaction) -> None:
    await _sync(interaction)


async def _sync_here(interaction: Interaction) -> None:
    await _sync(interaction, here=True)


async def _health(interaction: Interaction) -> None:
    client = interaction.client
    figures = {
        "Up": admin.span(time.monotonic() - client.started_at),
        "Servers": len(client.guilds),
        "Gateway latency": f"{client.latency * 1000:.0f} ms",
        "Event loop": f"{client.lag.usual * 1000:.0f} ms late at p99, {client.lag.worst * 1000:.0f} at worst",
    }
    await _own(interaction, lambda ask: admin.health(ask, figures))


async def _policy(interaction: Interaction) -> None:
    await _own(interaction, policies.policy)


@app_commands.describe(name=described("which policy"))
async def _promote(interaction: Interaction, name: str) -> None:
    await _own(interaction, lambda ask: policies.policy(ask, f"promote {name}"))


async def _policy_back(interaction: Interaction) -> None:
    await _own(interaction, lambda ask: policies.policy(ask, "back"))


async def _reload(interaction: Interaction) -> None:
    await _own(interaction, admin.reload)


_OWNER: tuple[tuple[str, str, Callback], ...] = (
    ("sync", "Bring the commands up to date everywhere", _sync_all),
    ("sync-here", "Bring the commands up to date in this server at once", _sync_here),
    ("health", "See how I am", _health),
    ("reload", "Load the newest snapshot", _reload),
    ("policy", "See who chooses the songs, and whether another would do better", _policy),
    ("promote", "Let another policy choose, if the log says it may", _promote),
    ("policy-back", "Let the policy of before choose again", _policy_back),
)
