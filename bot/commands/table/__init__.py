"""Command table: each command is declared once; see `bot.command.Command` for the fields of an entry."""

from typing import NoReturn

from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from bot.command import Argument, Command
from bot.commands.table.account import ACCOUNT
from bot.commands.table.by_itself import BY_ITSELF
from bot.commands.table.music import MUSIC
from bot.commands.table.people import PEOPLE
from bot.context import Arguments, Ask
from bot.handlers.help import PURPOSES, overview
from bot.replies import HelpReply, Reply
from bot.replies.i18n import say
from recommender.errors import NotKnown

_ALL = "all"


async def _help(_: Ask, arguments: Arguments) -> Reply:
    """Show the help at a glance, the commands for one purpose, all of them, or explain one."""
    text = arguments.text.lstrip("/ ")
    if not text:
        return overview()
    if text == _ALL:
        return HelpReply(tuple(command.help for command in COMMANDS.values()))
    if text in PURPOSES and text not in COMMANDS:
        return HelpReply(tuple(COMMANDS[name].help for name in PURPOSES[text].commands))
    found = called(text)
    if found is None:
        unknown(text.partition(" ")[0])
    return HelpReply((found[0].help,))


_HELP = Command(
    "help",
    "See all commands, or one explained",
    "/help like",
    Argument("COMMAND", "command", required=False),
    handler=_help,
    bare=True,
    privacy="private",
    in_groups=True,
    also="/help",
)
_LISTED = (*MUSIC, *PEOPLE, *BY_ITSELF, *ACCOUNT, _HELP)
COMMANDS: dict[str, Command] = {command.name: command for command in _LISTED}
_ALIASES = {one.alias: one for command in _LISTED for one in (command, *command.subcommands) if one.alias}
_NEAR = 0.77  # Jaro-Winkler: "recomend" and "rec" are near "recommend", "start" is near nothing


def called(text: str) -> tuple[Command, str] | None:
    """Return the command or subcommand that a text calls and the rest of the text, else None.

    >>> command, rest = called("/session veto 2")
    >>> command.name, rest
    ('session veto', '2')
    """
    name, _, rest = text.removeprefix("/").strip().partition(" ")
    name, rest = name.partition("@")[0].casefold(), rest.strip()
    command = COMMANDS.get(name) or _ALIASES.get(name)
    if command is None:
        return None
    return command.subcommand(rest) or (command, rest)


def unknown(name: str, rest: str = "") -> NoReturn:
    """Raise `NotKnown` for an unknown command name; its message suggests the most similar command."""
    near = process.extractOne(
        name.casefold(), list(COMMANDS), scorer=JaroWinkler.similarity, score_cutoff=_NEAR
    )
    if near is None:
        raise NotKnown(say("There is no /{}. /help lists what I can do.", name))
    suggestion = f"/{near[0]} {rest}".strip()
    raise NotKnown(say("There is no /{}. Did you mean {}?", name, suggestion))
