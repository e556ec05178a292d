"""Slash commands, built from the one table: typed options, live autocomplete, words in every language."""

import inspect
import re
from collections.abc import Callable, Coroutine, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Optional

import discord
from discord import app_commands

from bot.adapters.discord.excuses import Interaction, safely
from bot.adapters.discord.forms import open_form
from bot.adapters.discord.people import PLATFORM, community
from bot.adapters.discord.text import label
from bot.adapters.discord.uploads import import_attachment
from bot.adapters.discord.voice import recommend_for_voice
from bot.adapters.discord.words import named
from bot.buttons import Act
from bot.command import Argument, Command, Option
from bot.commands import COMMANDS, dispatch, press
from bot.context import Context
from bot.replies import Reply
from recommender.types import Listener, Song
from storage.records import Subject
from storage.text import fold

if TYPE_CHECKING:
    from bot.adapters.discord.client import SegueClient

MOST_CHOICES = 25
LONGEST_CHOICE = 100
_LONGEST_TEXT = 200
_LONGEST_ADDRESS = 1000  # that Spotify sends people to, with a code
_SONG_ID = re.compile(r"a([0-9]{1,18})(?:t([0-9]{1,18}))?")
# About one person alone: never for others' eyes, whatever they chose.
_PRIVATE = frozenset(
    [
        "connect",
        "disconnect",
        "export",
        "forget",
        "help",
        "history",
        "import",
        "link",
        "playlist",
        "privacy",
        "settings",
        "unlink",
        "wrapped",
    ]
)
_FORMS = frozenset(["add"])  # without words, a form asks for them
_OPTION_NAMES = {"n": "count", "number": "number", "year": "year"}

For = Literal["me", "voice"]
Callback = Callable[..., Coroutine[Any, Any, None]]

INSTALLS = app_commands.AppInstallationType(guild=True, user=True)
CONTEXTS = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True)


def commands() -> list[app_commands.Command[Any, ..., None]]:
    """Return every command of the table as a slash command."""
    return [_slash(command) for command in COMMANDS.values()]


def _slash(command: Command) -> app_commands.Command[Any, ..., None]:
    callback = _callback(command)
    built: app_commands.Command[Any, ..., None] = app_commands.Command(
        name=named(command.name, f"{command.name}.name"),
        description=named(command.summary, f"{command.name}.text"),
        callback=callback,
        allowed_installs=INSTALLS,
        allowed_contexts=CONTEXTS,
    )
    if command.argument is not None and (complete := _completion(command, command.argument)):
        built.autocomplete(_argument_name(command.argument))(complete)
    return built


def _callback(command: Command) -> Callback:
    async def callback(interaction: Interaction, **given: Any) -> None:  # noqa: ANN401 - as the options say
        if command.name in _FORMS and not given.get("text"):
            await safely(interaction, open_form(interaction))
            return
        private = True if command.name in _PRIVATE else None
        file = given.pop("file", None)
        if given.pop("audience", "me") == "voice":
            work = partial(recommend_for_voice, interaction, given)
        elif file is not None:
            work = partial(import_attachment, interaction, file)
        else:
            work = partial(_asked, command, _line(command, given))
        await interaction.client.answers.answer(interaction, work, private=private)

    parameters = _parameters(command)
    setattr(callback, "__signature__", inspect.Signature(list(parameters.values())))  # noqa: B010 - for mypy
    described = {o.name: named(o.summary, f"option.{o.name}.text") for o in command.options}
    renamed = {o.name: named(_OPTION_NAMES[o.name], f"option.{o.name}.name") for o in command.options}
    if command.argument is not None:
        name = _argument_name(command.argument)
        described[name] = named(_ABOUT[command.argument.kind], f"argument.{command.argument.kind}.text")
        renamed[name] = named(name, f"argument.{command.argument.kind}.name")
    if "audience" in parameters:
        described["audience"] = named("whose taste counts", "option.for.text")
        renamed["audience"] = named("for", "option.for.name")
    if "file" in parameters:
        described["file"] = named("your listening history, up to 10 MB", "option.file.text")
        renamed["file"] = named("file", "option.file.name")
    app_commands.describe(**described)(callback)
    app_commands.rename(**renamed)(callback)
    return callback


_ABOUT = {
    "song": "a song or an artist: a name, a link, or its number on the last list",
    "artist": "an artist: a name or a link",
    "wish": "a genre or mood, such as jazz or dreamy",
    "command": "which command to explain",
    "person": "who",
    "text": "what you have to say; /help shows an example",
}


def _argument_name(argument: Argument) -> str:
    return argument.kind


def _parameters(command: Command) -> dict[str, inspect.Parameter]:
    keyword = inspect.Parameter.POSITIONAL_OR_KEYWORD
    found = {"interaction": inspect.Parameter("interaction", keyword, annotation=discord.Interaction)}
    # Discord wants what is required before what is not.
    argument = command.argument
    longest = _LONGEST_ADDRESS if argument is not None and argument.kind == "text" else _LONGEST_TEXT
    text: Any = app_commands.Range[str, 1, longest]
    if argument is not None and argument.kind == "person":
        text = discord.User
    required = argument is not None and argument.required and command.name not in _FORMS
    if argument is not None and required:
        name = _argument_name(argument)
        found[name] = inspect.Parameter(name, keyword, annotation=text)
    for option in command.options:
        found[option.name] = _optional(option.name, _number(option))
    if argument is not None and not required:
        name = _argument_name(argument)
        found[name] = _optional(name, text)
    if command.name == "recommend":
        found["audience"] = _optional("audience", For)
    if command.name == "import":
        found["file"] = _optional("file", discord.Attachment)
    return found


def _number(option: Option) -> Any:  # noqa: ANN401 - an annotation
    return app_commands.Range[int, option.low, option.high]


def _optional(name: str, annotation: Any) -> inspect.Parameter:  # noqa: ANN401 - an annotation
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return inspect.Parameter(name, kind, default=None, annotation=Optional[annotation])  # noqa: UP045 - a value


def _line(command: Command, given: dict[str, Any]) -> str:
    """Return the options as they would be typed, for `bot.commands.dispatch`."""
    numbers = [given[o.name] for o in command.options if given.get(o.name) is not None]
    text = given.get(_argument_name(command.argument)) if command.argument is not None else None
    if isinstance(text, discord.User | discord.Member):
        text = f"<@{text.id}>"
    return " ".join(str(part) for part in (*numbers, text or "")).strip()


async def _asked(command: Command, line: str, context: Context) -> Reply:
    picked = _SONG_ID.fullmatch(line)
    if picked and command.mention is not None:  # picked from the completion: no need to search again
        track = int(picked[2]) if picked[2] else None
        return await press(context, str(Act(command.name, Subject(int(picked[1]), track))))
    return await dispatch(context, f"/{command.name} {line}")


# --- completion ---------------------------------------------------------------------------------------------

Completion = Callable[[discord.Interaction[Any], str], Coroutine[Any, Any, list[app_commands.Choice[str]]]]


def _completion(command: Command, argument: Argument) -> Completion | None:
    if command.name == "unblock":
        return complete_unblock
    completions = {
        "song": complete_song,
        "artist": complete_artist,
        "command": complete_command,
        "wish": complete_wish,
    }
    return completions.get(argument.kind)


async def complete_song(
    interaction: "discord.Interaction[SegueClient]", text: str
) -> list[app_commands.Choice[str]]:
    """Offer songs and artists for half a name."""
    return await _complete(interaction, text, artists_only=False)


async def complete_artist(
    interaction: "discord.Interaction[SegueClient]", text: str
) -> list[app_commands.Choice[str]]:
    """Offer artists for half a name."""
    return await _complete(interaction, text, artists_only=True)


async def _complete(
    interaction: "discord.Interaction[SegueClient]", text: str, *, artists_only: bool
) -> list[app_commands.Choice[str]]:
    if not text.strip() or len(text) > LONGEST_CHOICE:
        return []
    here = community(interaction.guild, interaction)
    place = None if here is None else await interaction.client.house.place(here)
    songs = await interaction.client.answers.music.complete(text, MOST_CHOICES, place)
    return _choices(song for song in songs if song.title is None or not artists_only)


def _choices(songs: Iterable[Song]) -> list[app_commands.Choice[str]]:
    choices: dict[str, str] = {}
    for song in songs:
        year = f" ({song.year})" if song.year and song.title else ""
        track = "" if song.subject.track_id is None else f"t{song.subject.track_id}"
        name = label(song.label, LONGEST_CHOICE - len(year)) + year
        choices.setdefault(name, f"a{song.subject.artist_id}{track}")
    return [app_commands.Choice(name=name, value=value) for name, value in choices.items()][:MOST_CHOICES]


async def complete_unblock(
    interaction: "discord.Interaction[SegueClient]", text: str
) -> list[app_commands.Choice[str]]:
    """Offer whom the person has blocked."""
    music = interaction.client.answers.music
    user_id = await music.communities.user(PLATFORM, str(interaction.user.id))
    if user_id is None:
        return []
    return matching((await music.profile(Listener(user_id, None, PLATFORM))).blocked, text)


def matching(songs: Iterable[Song], text: str) -> list[app_commands.Choice[str]]:
    """Offer those of a few songs and artists in whose name half a name occurs."""
    start = fold(text)
    return _choices(song for song in songs if start in fold(song.label))


async def complete_wish(
    interaction: "discord.Interaction[SegueClient]", text: str
) -> list[app_commands.Choice[str]]:
    """Offer genres and moods for half a name; of several, the last is completed and the others stay."""
    wish = " ".join(text.split())
    for before, half in (("", wish), _parted(wish, ", "), _parted(wish, " ")):
        tags = await interaction.client.answers.music.welcome.tags(half, MOST_CHOICES)
        names = [f"{before}{tag}" for tag in tags]
        # A wish that begins with a number would be read as how many songs.
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
    """Offer the commands that begin so."""
    del interaction
    start = text.strip().lstrip("/").casefold()
    names = [name for name in COMMANDS if name.startswith(start)]
    return [app_commands.Choice(name=name, value=name) for name in names[:MOST_CHOICES]]
