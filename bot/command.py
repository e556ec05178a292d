"""All that is said about a command in one place: menus, slash commands, help, completion and parsing read it.

A new command is an entry of `bot.commands.table`, a handler, its translations (`bot/locale`) and its line in
`docs/commands.md`; no adapter keeps a list of its own.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from bot.context import Arguments, Ask, Mention
from bot.replies import HelpLine, Reply
from bot.replies.i18n import say
from recommender.errors import NotKnown

Handler = Callable[[Ask, Arguments], Awaitable[Reply]]
MentionHandler = Callable[[Ask, Mention], Awaitable[Reply]]
Kind = Literal["song", "artist", "blocked", "wish", "command", "person", "people", "choice", "text"]
Privacy = Literal["open", "discreet", "private", "secret"]
"""Who sees an answer.

discreet: the asker alone, unless they chose that everybody does.  private: the asker alone.  secret: the
same, and the command itself never stands in a group.
"""

_INTEGER = re.compile(r"[+-]?[0-9]{1,9}")
ABOUT: dict[Kind, str] = {
    "song": "a song or an artist: a name, a link, or its number on the last list",
    "artist": "an artist: a name or a link",
    "blocked": "an artist you have blocked",
    "wish": "a genre or mood, such as jazz or dreamy",
    "command": "which command to explain",
    "person": "who",
    "people": "who else",
    "choice": "which one",
    "text": "what you have to say; /help shows an example",
}
"""A few words about each kind of argument, for a platform that describes what goes into a field."""


@dataclass(frozen=True, slots=True)
class Argument:
    """The free text of a command.  Its kind says how to complete it and who picks it from which list."""

    label: str
    kind: Kind
    required: bool = True
    choices: tuple[str, ...] = ()  # of the kind "choice": all that may be said
    field: str = ""  # what a platform with named fields calls it; its kind if empty

    @property
    def name(self) -> str:
        """The name of its field."""
        return self.field or self.kind

    @property
    def about(self) -> str:
        """A few words about it, in English."""
        return ABOUT[self.kind]


@dataclass(frozen=True, slots=True)
class Option:
    """A whole number that may stand before the text."""

    name: str
    label: str
    summary: str
    low: int
    high: int
    required: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """One command.  `mention` is called with the song or artist that the text names, `handler` otherwise.

    With `reads_all` only buttons call `mention`.  A command with `subcommands` hands over to the one that
    the first word names; `handler` takes no words at all, and with `reads_all` every other text as well.
    """

    name: str  # of a subcommand: with the name of its command before it, as in "session start"
    summary: str
    example: str
    argument: Argument | None = None
    options: tuple[Option, ...] = ()
    handler: Handler | None = None
    mention: MentionHandler | None = None
    subcommands: "tuple[Command, ...]" = ()
    details: tuple[tuple[str, str], ...] = ()  # for the help: what else may be typed, and what that does
    alias: str = ""  # another name under which it may be typed; menus and help show only the first
    reads_all: bool = False  # the handler is given the text even if it names something
    bare: bool = False  # may be typed without its slash: it changes nothing and asks nothing
    privacy: Privacy = "open"
    in_groups: bool = False  # the menu of a group shows it
    at_once: bool = False  # its button is answered within the press: it needs no model
    by_form: bool = False  # without words, a platform with forms asks for them in one
    by_file: bool = False  # a platform with attachments takes a file with it
    by_voice: bool = False  # where people talk in a voice channel, it can be for all of them
    managers_only: bool = False  # only the menu of people who manage the group shows it

    @property
    def word(self) -> str:
        """Its own name, without that of the command it belongs to."""
        return self.name.rpartition(" ")[2]

    @property
    def usage(self) -> str:
        """How it is typed: "/recommend [N] [GENRE OR MOOD]"."""
        labels = ((say(option.label), option.required) for option in self.options)
        parts = [f"/{self.name}", *(label if required else f"[{label}]" for label, required in labels)]
        if self.argument is not None:
            label = say(self.argument.label)
            parts.append(label if self.argument.required else f"[{label}]")
        return " ".join(parts)

    @property
    def help(self) -> HelpLine:
        """Its part of the help."""
        below = tuple((command.usage, command.summary) for command in self.subcommands)
        return HelpLine(self.usage, self.summary, self.example, self.details + below)

    def subcommand(self, text: str) -> "tuple[Command, str] | None":
        """Return the subcommand that the first word of `text` names with the rest, None if it names none."""
        word, _, rest = text.partition(" ")
        found = (command for command in self.subcommands if command.word == word.casefold())
        command = next(found, None)
        return None if command is None else (command, rest.strip())

    def read(self, text: str) -> Arguments:
        """Split what was typed after the command.  Raises `NotKnown` with an example if it does not fit."""
        options: dict[str, int] = {}
        for option in self.options:
            word, _, rest = text.partition(" ")
            if _INTEGER.fullmatch(word):
                options[option.name], text = self._bounded(option, int(word)), rest
        missing = any(option.required and option.name not in options for option in self.options)
        if text and self.argument is None and self.options:
            raise NotKnown('"{}" is not a number: {}, for example {}.', text, self.usage, self.example)
        if not text and self.argument is not None and self.argument.required:
            is_person = self.argument.kind in ("person", "people")
            asked = "Say whom: {}, for example {}." if is_person else "Say which: {}, for example {}."
            raise NotKnown(asked, self.usage, self.example)
        if missing:
            raise NotKnown("Say which: {}, for example {}.", self.usage, self.example)
        return Arguments(text, options)

    def fits(self, text: str) -> bool:
        """Tell whether `text` could stand after the command: a number, a word of its choices, or any text."""
        if self.argument is None and not self.options:
            return not text
        if self.argument is not None and self.argument.kind == "choice":
            return not text or text.casefold() in self.argument.choices
        try:
            self.read(text)
        except NotKnown:
            return False
        return True

    def _bounded(self, option: Option, value: int) -> int:
        if not option.low <= value <= option.high:
            raise NotKnown(
                "Say a number from {} to {} ({}): {}",
                option.low,
                option.high,
                say(option.summary),
                self.example,
            )
        return value
