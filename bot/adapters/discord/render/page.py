"""A Discord message before it is one: text, covers, buttons; and what is known about where it goes."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from bot.replies import FileReply
from storage.records import Kind, Subject

SONGS = 5  # on one page; five songs with covers and buttons are exactly the forty components there may be
_TEXT = 3800  # of the 4,000 characters of a message: the rest is headings
_PLAIN_TEXT = 1900  # of the 2,000 of a message without cards

Style = Literal["plain", "good", "bad", "main"]


@dataclass(frozen=True, slots=True)
class Press:
    """A button: what stands on it, and what it carries."""

    label: str
    payload: str
    style: Style = "plain"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some lines, with a cover beside them and buttons below."""

    text: str
    buttons: tuple[Press, ...] = ()
    cover: str = ""
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A message: pieces one below the other, and buttons under all of them."""

    pieces: tuple[Piece, ...]
    buttons: tuple[Press, ...] = ()
    colour: int | None = None
    file: FileReply | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """What a reply needs besides itself to be drawn."""

    links: Mapping[Subject, Mapping[str, str]] = field(default_factory=dict)  # outside ids, by scheme
    votes: Mapping[int, Counter[Kind]] = field(default_factory=dict)  # what people said, by position
    number: int = 0  # of the page of a long list, from 0
    size: int = SONGS  # how many songs a list has here where nobody says
    compact: bool = False  # for plain text, where half as much fits

    @property
    def room(self) -> int:
        """How many characters of text there may be."""
        return _PLAIN_TEXT if self.compact else _TEXT
