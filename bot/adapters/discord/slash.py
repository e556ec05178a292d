"""Slash commands, built from the command table: subcommands, typed fields, choices, pickers, completion.

No command is named here: its entry in the table holds everything special about it.
"""

import inspect
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Literal, Optional

import discord
from discord import app_commands

from bot.adapters.discord.completion import completion, picked
from bot.adapters.discord.errors import Interaction, safely
from bot.adapters.discord.forms import open_form
from bot.adapters.discord.i18n import described, named
from bot.adapters.discord.imports import hear_attachment, import_attachment
from bot.adapters.discord.voice import recommend_for_voice
from bot.command import Argument, Command, Option, Privacy
from bot.commands import dispatch, perform, press
from bot.commands.table import COMMANDS
from bot.commands.typed import run
from bot.context import Ask, Context
from bot.replies import Reply
from bot.replies.buttons import Act
from storage.records import Subject

_LONGEST_TEXT = 200
_LONGEST_ADDRESS = 1000  # that Spotify redirects users to, with a code
_PEOPLE = 5  # pickers of a command that takes several users

For = Literal["me", "voice"]
Callback = Callable[..., Coroutine[Any, Any, None]]
Slash = app_commands.Command[Any, ..., None] | app_commands.Group
_Fields = dict[str, inspect.Parameter]

INSTALLS = app_commands.AppInstallationType(guild=True, user=True)
CONTEXTS = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True)


def commands() -> list[Slash]:
    """Return every command of the table as a slash command, those with subcommands as a group."""
    return [_group(command) if command.subcommands else _slash(command) for command in COMMANDS.values()]


def _group(command: Command) -> app_commands.Group:
    group = app_commands.Group(
        name=named(command.name),
        description=described(command.summary),
        allowed_installs=INSTALLS,
        allowed_contexts=CONTEXTS,
    )
    for subcommand in command.subcommands:
        group.add_command(_built(subcommand, privacy=command.privacy))
    return group


def _slash(command: Command) -> app_commands.Command[Any, ..., None]:
    places: dict[str, Any] = {"allowed_installs": INSTALLS, "allowed_contexts": CONTEXTS}
    return _built(command, privacy=command.privacy, **places)


def _built(
    command: Command,
    *,
    privacy: Privacy,
    **places: Any,  # noqa: ANN401 - discord.py's own
) -> app_commands.Command[Any, ..., None]:
    built: app_commands.Command[Any, ..., None] = app_commands.Command(
        name=named(command.word),
        description=described(command.summary),
        callback=_callback(command, privacy),
        **places,
    )
    if command.argument is not None and (complete := completion(command.argument.kind)):
        built.autocomplete(command.argument.name)(complete)
    return built


def _callback(command: Command, privacy: Privacy) -> Callback:
    async def callback(interaction: Interaction, **given: Any) -> None:  # noqa: ANN401 - types vary by field
        if command.by_form and not any(given.values()):
            await safely(interaction, open_form(interaction))
            return
        file = given.pop("file", None)
        if given.pop("audience", "me") == "voice":
            work = partial(recommend_for_voice, interaction, given)
        elif file is not None:
            takes = import_attachment if command.by_file == "history" else hear_attachment
            work = partial(takes, interaction, file)
        else:
            work = partial(_asked, command, _line(command, given))
        private = None if privacy in ("open", "discreet") else True
        discreet = privacy == "discreet"
        await interaction.client.answers.answer(interaction, work, private=private, discreet=discreet)

    fields = _fields(command)
    interaction = inspect.Parameter("interaction", _KEYWORD, annotation=discord.Interaction)
    signature = inspect.Signature([interaction, *fields.values()])
    setattr(callback, "__signature__", signature)  # noqa: B010 - for mypy
    about = _about(command)
    app_commands.describe(**{field: described(about[field]) for field in fields})(callback)
    app_commands.rename(**{field: named(_SHOWN.get(field, field)) for field in fields})(callback)
    return callback


_KEYWORD = inspect.Parameter.POSITIONAL_OR_KEYWORD
_FILE = {
    "": "",
    "history": "your listening history, up to 10 MB",
    "sound": "music, a voice message or a video, up to 10 MB",
}
_SHOWN = {"audience": "for"}  # names that no Python parameter may have


def _about(command: Command) -> dict[str, str]:
    """Return the English description of each field of a command."""
    about = {option.name: option.summary for option in command.options}
    if command.argument is not None:
        about |= dict.fromkeys(_names(command.argument), command.argument.about)
    about["audience"] = "whose taste counts"
    about["file"] = _FILE[command.by_file]
    return about


def _names(argument: Argument) -> tuple[str, ...]:
    """Return the fields of an argument: one, or one per user."""
    if argument.kind != "people":
        return (argument.name,)
    return (argument.name, *(f"{argument.name}{n}" for n in range(2, _PEOPLE + 1)))


def _fields(command: Command) -> _Fields:
    """Return the fields of a command as parameters; Discord requires required fields first."""
    argument, found = command.argument, []
    if argument is not None:
        kind = _annotation(argument)
        first, *more = _names(argument)
        found.append(_field(first, kind, required=argument.required and not command.by_form))
        found += [_field(name, kind, required=False) for name in more]
    found += [_field(option.name, _number(option), required=option.required) for option in command.options]
    if command.by_voice:
        found.append(_field("audience", For, required=False))
    if command.by_file:
        found.append(_field("file", discord.Attachment, required=False))
    found.sort(key=lambda field: field.default is not inspect.Parameter.empty)
    return {field.name: field for field in found}


def _annotation(argument: Argument) -> Any:  # noqa: ANN401 - an annotation
    if argument.kind in ("person", "people"):
        return discord.User
    if argument.kind == "choice":
        return Literal[argument.choices]
    return app_commands.Range[str, 1, _LONGEST_ADDRESS if argument.kind == "text" else _LONGEST_TEXT]


def _number(option: Option) -> Any:  # noqa: ANN401 - an annotation
    return app_commands.Range[int, option.low, option.high]


def _field(name: str, annotation: Any, *, required: bool) -> inspect.Parameter:  # noqa: ANN401 - an annotation
    if required:
        return inspect.Parameter(name, _KEYWORD, annotation=annotation)
    return inspect.Parameter(name, _KEYWORD, default=None, annotation=Optional[annotation])  # noqa: UP045 - a value


def _line(command: Command, given: dict[str, Any]) -> str:
    """Return the fields as a typed line for `bot.commands.dispatch`."""
    numbers = [given[option.name] for option in command.options if given.get(option.name) is not None]
    names = () if command.argument is None else _names(command.argument)
    texts = [_typed(given[name]) for name in names if given.get(name) is not None]
    return " ".join([*map(str, numbers), *texts]).strip()


def _typed(value: object) -> str:
    return f"<@{value.id}>" if isinstance(value, discord.User | discord.Member) else str(value)


async def _asked(command: Command, line: str, context: Context) -> Reply:
    subject = picked(line)
    if subject is None:
        return await dispatch(context, f"/{command.name} {line}")
    if command.mention is not None:  # the picked song needs no search
        return await press(context, str(Act(command.name, subject)))
    return await perform(context, partial(_on_song, command, subject))


async def _on_song(command: Command, subject: Subject, ask: Ask) -> Reply:
    return await run(ask, command, (await ask.music.names.song(subject)).label)
