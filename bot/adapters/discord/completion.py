"""Live completion for the fields of slash commands."""

import re
from collections.abc import Callable, Coroutine, Iterable
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from bot.adapters.discord.people import PLATFORM, account, community
from bot.adapters.discord.text import label
from bot.command import Kind
from bot.commands.table import COMMANDS
from recommender.types import Listener, Song
from storage.naming.text import fold
from storage.records import Subject

if TYPE_CHECKING:
    from bot.adapters.discord.client import SegueClient

Completion = Callable[[discord.Interaction[Any], str], Coroutine[Any, Any, list[app_commands.Choice[str]]]]

MOST_CHOICES = 25
LONGEST_CHOICE = 100
# An unlikely prefix: "a1" alone may be the name of a song.
_PICKED = "\u2063segue:"
_SUBJECT = re.compile(rf"{_PICKED}a(?P<artist>[0-9]{{1,18}})(?:t(?P<track>[0-9]{{1,18}}))?")


def picked(text: str) -> Subject | None:
    """Return the song or artist picked from a completion, None for typed text."""
    found = _SUBJECT.fullmatch(text)
    if found is None:
        return None
    return Subject(int(found["artist"]), int(found["track"]) if found["track"] else None)


def completion(kind: Kind) -> Completion | None:
    """Return the completion for an argument of this kind, None if it has none."""
    completions: dict[Kind, Completion] = {
        "song": complete_song,
        "artist": complete_artist,
        "blocked": complete_blocked,
        "command": complete_command,
        "wish": complete_wish,
    }
    return completions.get(kind)


async def complete_song(
    interaction: "discord.Interaction[SegueClient]", text: str
) -> list[app_commands.Choice[str]]:
    """Offer songs and artists that match a partial name."""
    return await _complete(interaction, text, artists_only=False)


async def complete_artist(
    interaction: "discord.Interaction[SegueClient]", text: str
) -> list[app_commands.Choice[str]]:
    """Offer artists that match a partial name."""
    return await _complete(interaction, text, artists_only=True)


async def _complete(
    interaction: "discord.Interaction[SegueClient]", text: str, *, artists_only: bool
) -> list[app_commands.Choice[str]]:
    if not text.strip() or len(text) > LONGEST_CHOICE:
        return []
    here = community(interaction.guild, interaction)
    place = None if here is None else await interaction.client.house.place(here)
    asker = account(interaction.user)
    songs = await interaction.client.answers.music.names.complete(text, MOST_CHOICES, place, asker=asker)
    return _choices(song for song in songs if song.title is None or not artists_only)


def _choices(songs: Iterable[Song]) -> list[app_commands.Choice[str]]:
    choices: dict[str, str] = {}
    for song in songs:
        year = f" ({song.year})" if song.year and song.title else ""
        track = "" if song.subject.track_id is None else f"t{song.subject.track_id}"
        name = label(song.label, LONGEST_CHOICE - len(year)) + year
        choices.setdefault(name, f"{_PICKED}a{song.subject.artist_id}{track}")
    return [app_commands.Choice(name=name, value=value) for name, value in choices.items()][:MOST_CHOICES]


async def complete_blocked(
    interaction: "discord.Interaction[SegueClient]", text: str
) -> list[app_commands.Choice[str]]:
    """Offer the artists and songs that the user has blocked."""
    music = interaction.client.answers.music
    user_id = await music.communities.user(PLATFORM, str(interaction.user.id))
    if user_id is None:
        return []
    return matching((await music.profile(Listener(user_id, None, PLATFORM))).blocked, text)


def matching(songs: Iterable[Song], text: str) -> list[app_commands.Choice[str]]:
    """Offer those `songs` and artists with a name that contains `text`."""
    start = fold(text)
    return _choices(song for song in songs if start in fold(song.label))


async def complete_wish(
    interaction: "discord.Interaction[SegueClient]", text: str
) -> list[app_commands.Choice[str]]:
    """Offer genres and moods for a partial name; completes the last of several and keeps the others."""
    wish = " ".join(text.split())
    for before, half in (("", wish), _parted(wish, ", "), _parted(wish, " ")):
        tags = await interaction.client.answers.music.welcome.tags(half, MOST_CHOICES)
        names = [f"{before}{tag}" for tag in tags]
        # A request that begins with a number would be read as the length of the list.
        fitting = [n for n in names if len(n) <= LONGEST_CHOICE and not n.split()[0].isdecimal()]
        if fitting:
            return [app_commands.Choice(name=label(name, LONGEST_CHOICE), value=name) for name in fitting]
    return []


def _parted(wish: str, separator: str) -> tuple[str, str]:
    before, found, half = wish.rpartition(separator)
    return before + found, half


async def complete_command(
    interaction: "discord.Interaction[SegueClient]", text: str
) -> list[app_commands.Choice[str]]:
    """Offer the commands that begin with `text`."""
    del interaction
    start = text.strip().lstrip("/").casefold()
    names = [name for name in COMMANDS if name.startswith(start)]
    return [app_commands.Choice(name=name, value=name) for name in names[:MOST_CHOICES]]
