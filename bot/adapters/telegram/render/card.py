"""One Telegram message before it is sent, and what is known about the place it goes to."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from telegram import InlineKeyboardButton as Key

from bot.replies import FileReply
from storage.records import Kind, Subject

Links = Mapping[Subject, Mapping[str, str]]
"""The outside ids of songs, by scheme."""

Votes = Mapping[int, Counter[Kind]]
Keyboard = tuple[tuple[Key, ...], ...]


@dataclass(frozen=True, slots=True)
class Card:
    """One message to send: HTML, rows of buttons, a page to show the cover of, or a file."""

    text: str
    rows: Keyboard = ()
    cover: str | None = None
    file: FileReply | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """What surrounds a list: where songs can be heard, how people here voted, how it is shared."""

    links: Links = field(default_factory=dict)
    votes: Votes | None = None  # in a group: how many said what; None between the two of us
    share: str | None = None  # a link that opens the list elsewhere
    shows_reasons: bool = True
    names: tuple[str, ...] = ()  # of those whom the list is for, where they are several
    head: str = ""  # the HTML above its songs, where the message that shows it has some


ALONE = Scene()
