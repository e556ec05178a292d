"""What the bot can say: a handful of meanings.  How they look is each adapter's business.

Every string here is plain text, titles included.  Titles are hostile input: an adapter escapes whatever it
shows for its platform.
"""

from dataclasses import dataclass

from recommender.sessions.state import LiveSession
from recommender.types import ServedSlate, Song, TasteProfile
from storage.records import HistoryLine


@dataclass(frozen=True, slots=True)
class Button:
    """Something to press: a few words, and what `commands.press` is handed then."""

    label: str
    payload: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One song or artist to pick, and what `commands.press` is handed then."""

    song: Song
    payload: str


@dataclass(frozen=True, slots=True)
class SlateReply:
    """A fresh list of songs.  After the platform took it, the adapter calls `commands.delivered`."""

    slate: ServedSlate
    title: str
    note: str = ""  # what happened on the way: "3 songs skipped."


@dataclass(frozen=True, slots=True)
class Marked:
    """A verdict was set or taken back under a song of `slate`, which is given as it stands now."""

    sentence: str
    slate: ServedSlate


@dataclass(frozen=True, slots=True)
class SessionReply:
    """A session as it stands; where its card can be edited, that one is, and only `note` is said."""

    session: LiveSession
    note: str = ""  # what has just happened: "Bo listens along."
    is_fresh: bool = False  # somebody asked to see it: it comes as a new card, which is the live one then


@dataclass(frozen=True, slots=True)
class Choices:
    """A question that one of a few songs or artists answers."""

    question: str
    choices: tuple[Choice, ...]
    missing: str = ""  # what was asked for, where it may be none of these: see `Problem`


@dataclass(frozen=True, slots=True)
class Done:
    """Something was done, to `song` if it was about one."""

    sentence: str
    song: Song | None = None
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to know; lines are separated by a newline."""

    text: str
    url: str = ""  # an address of ours to open


@dataclass(frozen=True, slots=True)
class Part:
    """Lines under a heading, "" for none."""

    heading: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProfileReply:
    """What is known of somebody's taste."""

    name: str
    profile: TasteProfile
    parts: tuple[Part, ...] = ()  # what the times of plays show


@dataclass(frozen=True, slots=True)
class ReportReply:
    """Figures under a title, for the person alone."""

    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class HistoryReply:
    """What somebody told, newest first."""

    lines: tuple[HistoryLine, ...]


@dataclass(frozen=True, slots=True)
class FileReply:
    """A file for the person who asked, and for nobody else."""

    name: str
    content: bytes
    sentence: str


@dataclass(frozen=True, slots=True)
class Confirm:
    """A question to one person; `payload` says yes."""

    question: str
    payload: str
    refusal: str = ""  # says no, where that is to be remembered


@dataclass(frozen=True, slots=True)
class HelpLine:
    """One command: how it is typed, what it does, an example; and (what else may be typed, what it does)."""

    usage: str
    summary: str
    example: str
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class HelpReply:
    """The commands; one line is one command explained."""

    lines: tuple[HelpLine, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """It did not work; the sentence says what to do next."""

    sentence: str
    missing: str = ""  # a name that the catalogue lacks: a platform with forms offers one to add it


Reply = (
    SlateReply
    | Marked
    | SessionReply
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
