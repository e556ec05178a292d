"""One Telegram message before it is sent, and its scene."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from telegram import InlineKeyboardButton as Key

from bot.pictures.painter import Picture
from bot.replies import FileReply
from storage.records import Kind, Subject

Links = Mapping[Subject, Mapping[str, str]]
"""External ids of songs, by scheme."""

Votes = Mapping[int, Counter[Kind]]
Keyboard = tuple[tuple[Key, ...], ...]


@dataclass(frozen=True, slots=True)
class AudioLink:
    """30 seconds of a song at a store's address."""

    url: str
    artist: str
    title: str


@dataclass(frozen=True, slots=True)
class Card:
    """A message: HTML, rows of buttons, a page for the cover preview, a file, pictures or a sample."""

    text: str
    rows: Keyboard = ()
    cover: str | None = None
    file: FileReply | None = None
    sample: AudioLink | None = None
    pictures: tuple[Picture, ...] = ()  # one with the text as its caption, or an album


@dataclass(frozen=True, slots=True)
class Scene:
    """Surroundings of a slate: links to songs, votes in this chat, the link that shares it."""

    links: Links = field(default_factory=dict)
    votes: Votes | None = None  # in a group: counts per verdict; None in private chats
    share: str | None = None  # a link that opens the list elsewhere
    shows_reasons: bool = True
    names: tuple[str, ...] = ()  # users a list for several is for
    head: str = ""  # HTML above the songs, if the shown message has some
    pictures: tuple[Picture, ...] = ()  # of the reply


ALONE = Scene()
