"""What a command is: enough for a menu, a slash command with autocomplete, a help page and a parser."""

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

_INTEGER = re.compile(r"[+-]?[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Argument:
    """The free text of a command; its kind says what to complete it with."""

    label: str
    kind: Literal["song", "artist", "wish", "command", "person", "text"]
    required: bool = True


@dataclass(frozen=True, slots=True)
class Option:
    """A whole number that may stand before the text."""

    name: str
    label: str
    summary: str
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Command:
    """One command.  `mention` is called with the song or artist that the text names, `handler` otherwise.

    With `reads_all` only buttons call `mention`.
    """

    name: str
    summary: str
    example: str
    argument: Argument | None = None
    options: tuple[Option, ...] = ()
    handler: Handler | None = None
    mention: MentionHandler | None = None
    reads_all: bool = False  # the handler is given the text even if it names something

    @property
    def usage(self) -> str:
        """How it is typed: "/recommend [N] [GENRE OR MOOD]"."""
        parts = [f"/{self.name}", *(f"[{say(option.label)}]" for option in self.options)]
        if self.argument is not None:
            label = say(self.argument.label)
            parts.append(label if self.argument.required else f"[{label}]")
        return " ".join(parts)

    @property
    def help(self) -> HelpLine:
        """Its line in the help."""
        return HelpLine(self.usage, self.summary, self.example)

    def read(self, text: str) -> Arguments:
        """Split what was typed after the command; `NotKnown` where it does not fit, with what would."""
        options: dict[str, int] = {}
        for option in self.options:
            word, _, rest = text.partition(" ")
            if _INTEGER.fullmatch(word):
                options[option.name], text = self._bounded(option, int(word)), rest
        if text and self.argument is None and self.options:
            raise NotKnown('"{}" is not a number: {}, for example {}.', text, self.usage, self.example)
        if not text and self.argument is not None and self.argument.required:
            whom, which = "Say whom: {}, for example {}.", "Say which: {}, for example {}."
            asked = whom if self.argument.label in ("PERSON", "PEOPLE") else which
            raise NotKnown(asked, self.usage, self.example)
        return Arguments(text, options)

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
