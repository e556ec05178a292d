"""Replies: what the bot can say, as data.  Each adapter renders them.

Every string here is plain text, titles included.  Titles are untrusted: an adapter escapes every string for
its platform.
"""

from dataclasses import dataclass

from bot.pictures import Drawing
from recommender.radio import LiveRadio
from recommender.sessions.state import LiveSession
from recommender.types import ServedSlate, Song, TasteProfile
from storage.records import HistoryLine


@dataclass(frozen=True, slots=True)
class Button:
    """A button: its label, and its payload for `commands.press`, or an address that it opens."""

    label: str
    payload: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One song or artist to pick, and its payload for `commands.press`."""

    song: Song
    payload: str


@dataclass(frozen=True, slots=True)
class SlateReply:
    """A new slate.  The adapter calls `commands.delivered` once the platform accepts it."""

    slate: ServedSlate
    title: str
    note: str = ""  # events on the way: "3 songs skipped."
    pictures: tuple[Drawing, ...] = ()


@dataclass(frozen=True, slots=True)
class Marked:
    """A verdict was set or taken back on a song of `slate`, given in its current state."""

    sentence: str
    slate: ServedSlate


@dataclass(frozen=True, slots=True)
class SessionReply:
    """A session in its current state; where its card can be edited, only `note` is sent as a message."""

    session: LiveSession
    note: str = ""  # the latest event: "Bo listens along."
    is_fresh: bool = False  # a user asked to see it: send a new card, which becomes the live one


@dataclass(frozen=True, slots=True)
class RadioReply:
    """A radio with the song that plays, for its listener alone; a press replaces the card it was on.

    The adapter calls `commands.delivered` once the platform accepts it.
    """

    radio: LiveRadio
    note: str = ""  # what the press or command did


@dataclass(frozen=True, slots=True)
class Choices:
    """A question between a few songs or artists."""

    question: str
    choices: tuple[Choice, ...]
    missing: str = ""  # the requested name, if it may be none of these: see `Problem`


@dataclass(frozen=True, slots=True)
class Done:
    """Confirmation of an action, on `song` if it was about one."""

    sentence: str
    song: Song | None = None
    buttons: tuple[Button, ...] = ()
    audio: str = ""  # address of 30 seconds of the song, from the store that a button leads to


@dataclass(frozen=True, slots=True)
class Notice:
    """A message; newlines separate its lines."""

    text: str
    url: str = ""  # one of our addresses to open
    pictures: tuple[Drawing, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """Lines under a heading, "" for none."""

    heading: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProfileReply:
    """Summary of a user's taste."""

    name: str
    profile: TasteProfile
    parts: tuple[Part, ...] = ()  # findings from listening times
    pictures: tuple[Drawing, ...] = ()  # they show the shares and the clock: the text leaves those out


@dataclass(frozen=True, slots=True)
class ReportReply:
    """Figures under a title, for the user alone."""

    title: str
    parts: tuple[Part, ...]
    pictures: tuple[Drawing, ...] = ()


@dataclass(frozen=True, slots=True)
class HistoryReply:
    """A user's events, newest first."""

    lines: tuple[HistoryLine, ...]


@dataclass(frozen=True, slots=True)
class FileReply:
    """A file for the asking user alone."""

    name: str
    content: bytes
    sentence: str


@dataclass(frozen=True, slots=True)
class Confirm:
    """A question to one user; `payload` says yes."""

    question: str
    payload: str
    refusal: str = ""  # payload that says no, if the answer is stored


@dataclass(frozen=True, slots=True)
class HelpLine:
    """Help for one command: syntax, effect, example, and its variants as (syntax, effect)."""

    usage: str
    summary: str
    example: str
    details: tuple[tuple[str, str], ...] = ()
    also: str = ""  # a second example


@dataclass(frozen=True, slots=True)
class HelpReply:
    """Help for all commands, or for one."""

    lines: tuple[HelpLine, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """A failure; the sentence says what to do next."""

    sentence: str
    missing: str = ""  # a name that the catalogue lacks: a platform with forms offers one to add it


Reply = (
    SlateReply
    | Marked
    | SessionReply
    | RadioReply
    | Choices
    | Done
    | Notice
    | ProfileReply
    | ReportReply
    | HistoryReply
    | FileReply
    | Confirm
    | HelpReply
    | Problem
)


def drawings(reply: Reply) -> tuple[Drawing, ...]:
    """Return the pictures of a reply, if it has some."""
    return reply.pictures if isinstance(reply, SlateReply | Notice | ProfileReply | ReportReply) else ()
