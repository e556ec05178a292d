"""Who asks what, where: the little that every handler is given."""

from dataclasses import dataclass, field
from typing import Literal

from bot.replies.i18n import say
from recommender.service import MusicService
from recommender.service.permissions import ChatRef
from recommender.types import Listener, Pick, ServedSlate, Song
from storage.records import Account, Community

Picking = Literal["commands", "presses", "numbers"]
"""How people pick here: they press buttons or say commands; press or write names; type numbers or names."""


@dataclass(frozen=True, slots=True)
class Context:
    """One incoming message or press, as an adapter hands it over."""

    music: MusicService
    account: Account
    community: Community | None
    update: str  # names this delivery: the same message delivered twice has the same one
    place: str = ""  # the channel or topic within the community
    chat: str = ""  # the chat whose people read along, as its platform names it; "" for nobody else
    picking: Picking = "commands"


@dataclass(frozen=True, slots=True)
class Ask:
    """The same for a handler: the listener is known by now."""

    music: MusicService
    listener: Listener
    account: Account
    update: str
    place: str = ""
    chat: str = ""
    picking: Picking = "commands"

    @property
    def where(self) -> ChatRef:
        """The chat in which it is asked, for permissions."""
        return ChatRef(self.account.platform, self.chat, self.place)

    @property
    def name(self) -> str:
        """What the person is called here."""
        return self.account.name

    def key(self, part: object = "") -> str:
        """Return the idempotency key of one event that this ask makes; `part` tells several apart."""
        return f"{self.update}:{part}"


@dataclass(frozen=True, slots=True)
class Arguments:
    """What was typed after a command: its options, and the rest as one text."""

    text: str = ""
    options: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mention:
    """A song or artist that somebody meant, by name, number, link or button."""

    song: Song
    others: tuple[Song, ...] = ()  # an artist's best-known songs
    misspelt: str = ""  # what was typed, where the name is spelt differently
    slate: ServedSlate | None = None  # set where a number of the last list was meant
    pick: Pick | None = None


def spoken(song: Song) -> str:
    """Return a name as it is said in a sentence: "Bohemian Rhapsody by Queen", or "Queen"."""
    name = song.artist if song.title is None else say("{} by {}", song.title, song.artist)
    return " ".join(name.split())  # a line break in a title would pretend to be a line of ours
