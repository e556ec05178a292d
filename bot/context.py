"""Context of a message or press, as handlers get it."""

from dataclasses import dataclass, field
from typing import Literal

from bot.replies.i18n import say
from recommender.service import MusicService
from recommender.service.permissions import ChatRef
from recommender.types import Listener, Pick, Resolution, ServedSlate, Song
from storage.records import Account, Community

Picking = Literal["commands", "presses", "numbers"]
"""Ways to pick here: buttons or commands; buttons or written names; typed numbers or names."""


@dataclass(frozen=True, slots=True)
class Context:
    """One incoming message or press, as an adapter passes it on."""

    music: MusicService
    account: Account
    community: Community | None
    update: str  # key of this delivery: repeated deliveries of one message share it
    place: str = ""  # the channel or topic within the community
    chat: str = ""  # the platform's name of the chat whose members read along; "" for nobody else
    picking: Picking = "commands"


@dataclass(frozen=True, slots=True)
class Ask:
    """The same for a handler, with the user resolved."""

    music: MusicService
    listener: Listener
    account: Account
    update: str
    place: str = ""
    chat: str = ""
    picking: Picking = "commands"
    via: str = ""  # "program" if no chat shows the answer

    @property
    def where(self) -> ChatRef:
        """The chat of this ask, for permissions."""
        return ChatRef(self.account.platform, self.chat, self.place)

    @property
    def name(self) -> str:
        """The user's name here."""
        return self.account.name

    async def find(self, text: str) -> Resolution:
        """Return what a name means here, with suggestions that this user may be shown."""
        here, user = self.listener.community_id, self.listener.user_id
        return await self.music.names.resolve(text, here, asker=user)

    def key(self, part: object = "") -> str:
        """Return the idempotency key of an event from this ask; `part` distinguishes several."""
        return f"{self.update}:{part}"


@dataclass(frozen=True, slots=True)
class Arguments:
    """The parsed text after a command: its options, and the rest as one text."""

    text: str = ""
    options: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mention:
    """A song or artist that the user meant, by name, number, link or button."""

    song: Song
    others: tuple[Song, ...] = ()  # an artist's best-known songs
    misspelt: str = ""  # the typed name, if its spelling differs
    slate: ServedSlate | None = None  # set if the user typed a number of the last list
    pick: Pick | None = None
    found_at: str = ""  # the service that named it; "" for a song of the catalogue


def spoken(song: Song) -> str:
    """Return a name for use in a sentence: "Bohemian Rhapsody by Queen", or "Queen"."""
    name = song.artist if song.title is None else say("{} by {}", song.title, song.artist)
    return " ".join(name.split())  # a line break in a title could fake a line of the bot
