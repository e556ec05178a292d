"""Declaration of commands, read by menus, slash commands, help, completion and parsing.

A new command is an entry in `bot.commands.table`, a handler, its translations (`bot/locale`) and its line in
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
"""Visibility of an answer.

open: everybody.  discreet: the user alone, unless they chose public answers.  private: the user alone.
secret: the user alone, and the command itself never stays in a group.
"""

_INTEGER = re.compile(r"[+-]?[0-9]{1,9}")
ABOUT: dict[Kind, str] = {
    "song": "a song or an artist: a name, a link, or its number on the last list",
    "artist": "an artist: a name or a link",
    "blocked": "an artist you have blocked",
    "wish": "what you like to hear: sad 80s pop, like Björk",
    "command": "which command to explain",
    "person": "who",
    "people": "who else",
    "choice": "which one",
    "text": "what you have to say; /help shows an example",
}
"""Descriptions of the argument kinds, for platforms that describe each field."""


@dataclass(frozen=True, slots=True)
class Argument:
    """The free text of a command; its kind determines its completion and its picker."""

    label: str
    kind: Kind
    required: bool = True
    choices: tuple[str, ...] = ()  # of the kind "choice": all allowed words
    field: str = ""  # its name on a platform with named fields; its kind if empty

    @property
    def name(self) -> str:
        """The name of its field."""
        return self.field or self.kind

    @property
    def about(self) -> str:
        """Its description in English."""
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
    """One command.  `mention` gets the song or artist that the text names, `handler` any other text.

    With `reads_all`, typed text always goes to `handler` and only buttons call `mention`.  A command with
    `subcommands` passes on to the subcommand in its first word; its `handler` takes no words, and with
    `reads_all` any other text as well.
    """

    name: str  # of a subcommand: with its command's name in front, as in "session start"
    summary: str
    example: str
    argument: Argument | None = None
    options: tuple[Option, ...] = ()
    handler: Handler | None = None
    mention: MentionHandler | None = None
    subcommands: "tuple[Command, ...]" = ()
    details: tuple[tuple[str, str], ...] = ()  # for the help: (variant that may be typed, its effect)
    also: str = ""  # a second example, of another use
    alias: str = ""  # another name to type; menus and help show only the first
    reads_all: bool = False  # the handler gets the text even if it names something
    bare: bool = False  # may be typed without its slash: it only reads and needs no answer
    privacy: Privacy = "open"
    in_groups: bool = False  # shown in the menu of a group
    at_once: bool = False  # its button is answered within the press: it needs no model
    by_form: bool = False  # without words, a platform with forms opens one
    by_file: Literal["", "history", "sound"] = ""  # what a file is that a platform accepts with it
    by_voice: bool = False  # on a platform with voice channels, it can include everybody in one
    per_minute: int = 0  # how often a user may ask for it, and a group four times as often; 0: without limit
    managers_only: bool = False  # shown only in the menu of group managers

    @property
    def word(self) -> str:
        """Its own name, without its parent command's."""
        return self.name.rpartition(" ")[2]

    @property
    def usage(self) -> str:
        """Its syntax: "/recommend [N] [WISH]"."""
        labels = ((say(option.label), option.required) for option in self.options)
        parts = [f"/{self.name}", *(label if required else f"[{label}]" for label, required in labels)]
        if self.argument is not None:
            label = say(self.argument.label)
            parts.append(label if self.argument.required else f"[{label}]")
        return " ".join(parts)

    @property
    def help(self) -> HelpLine:
        """Its entry in the help."""
        below = tuple((command.usage, command.summary) for command in self.subcommands)
        return HelpLine(self.usage, self.summary, self.example, self.details + below, self.also)

    def subcommand(self, text: str) -> "tuple[Command, str] | None":
        """Return the subcommand in the first word of `text` and the rest, None if there is none."""
        word, _, rest = text.partition(" ")
        found = (command for command in self.subcommands if command.word == word.casefold())
        command = next(found, None)
        return None if command is None else (command, rest.strip())

    def read(self, text: str) -> Arguments:
        """Parse the text after the command; raises `NotKnown` with an example if it does not fit."""
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
        """Return whether `text` fits after the command: a number, one of its choices, or any text."""
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
