"""Page of a Discord message before it is sent (text, covers, buttons), and its scene."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from bot.pictures.painter import Picture
from bot.replies import FileReply
from storage.records import Kind, Subject

SONGS = 5  # per page; five songs with covers and buttons use exactly the forty components allowed
_TEXT = 3800  # of the 4,000 characters of a message: headings take the rest
_PLAIN_TEXT = 1960  # of the 2,000 of a message without cards

Style = Literal["plain", "good", "bad", "main", "link"]


@dataclass(frozen=True, slots=True)
class Press:
    """A button: its label and its payload, which is an address in the style "link"."""

    label: str
    payload: str
    style: Style = "plain"


@dataclass(frozen=True, slots=True)
class Piece:
    """Lines of text with a cover beside them and buttons below."""

    text: str
    buttons: tuple[Press, ...] = ()
    spare: Press | None = None  # one more button, where a card has room for it
    cover: str = ""
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A message: pieces one below the other, with buttons under all of them."""

    pieces: tuple[Piece, ...]
    buttons: tuple[Press, ...] = ()
    colour: int | None = None
    file: FileReply | None = None
    pictures: tuple[Picture, ...] = ()  # below the first piece


@dataclass(frozen=True, slots=True)
class Scene:
    """What a page needs besides its reply."""

    links: Mapping[Subject, Mapping[str, str]] = field(default_factory=dict)  # external ids, by scheme
    votes: Mapping[int, Counter[Kind]] = field(default_factory=dict)  # verdicts of all users, by position
    number: int = 0  # page of a long list, from 0
    size: int = SONGS  # default slate size of the community
    compact: bool = False  # plain text, with half the room
    pictures: tuple[Picture, ...] = ()  # of the reply

    @property
    def room(self) -> int:
        """Maximum number of characters of text."""
        return _PLAIN_TEXT if self.compact else _TEXT
