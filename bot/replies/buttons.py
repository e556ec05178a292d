"""Button payloads: at most 64 bytes, the smallest limit of the platforms, with all state inside.

    fb:<slate>:<position>:<like|dislike|skip|more|why>      a song of a slate; positions count from 0
    sl:<slate>:<more|why>                                   a slate as a whole
    do:<command>:a<artist>[t<track>]                        a command about an artist or one of their tracks
    new:<service>:<id>:<command>                            the same about a song found at a service
    run:<command>                                           a command, with at most two words
    ss:<song>:<like|dislike|skip|veto|next>                 the current song of a session
    se:<session>:<join|leave|next|recap|FORMAT>             a session as a whole
    ra:<slate>:<like|dislike|skip|why|stop>                 a radio, by the song that plays
    vis:<community>:<user>                                  yes to comparisons in that community
    vis:<community>:<user>:no                               no to comparisons in that community
    hi:<artist>                                             love for an artist, in the greeting
    ok:forget, ok:link:<code>                               yes to a question
    wi:<slate>:<part>                                       a list again, without one part of its wish
    ko:<offer>, ko:<offer>:no                               yes and no to keeping a night out of the taste

A payload stays valid for years and over any number of restarts.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, cast

from recommender.errors import NotKnown
from storage.records import Subject

MAX_BYTES = 64

Verb = Literal["like", "dislike", "skip", "more", "why"]
Question = Literal["forget"]
SongVerb = Literal["like", "dislike", "skip", "veto", "next"]
RadioVerb = Literal["like", "dislike", "skip", "why", "stop"]
SessionVerb = Literal["join", "leave", "next", "recap", "m3u8", "xspf", "jspf", "csv", "links"]

# Ids of at most 18 digits fit SQLite's 64 bits.
PATTERN = re.compile(
    r"fb:(?P<slate>[0-9]{1,18}):(?P<position>[0-9]{1,3}):(?P<verb>like|dislike|skip|more|why)"
    r"|sl:(?P<whole>[0-9]{1,18}):(?P<act>more|why)"
    r"|do:(?P<command>[a-z]{1,16}):a(?P<artist>[0-9]{1,18})(?:t(?P<track>[0-9]{1,18}))?"
    r"|new:(?P<service>[a-z]{2}):(?P<found>[0-9A-Za-z-]{1,36}):(?P<then>[a-z]{1,16})"
    r"|run:(?P<run>[a-z]{1,16}(?: [a-z0-9]{1,16}){0,2})"
    r"|ss:(?P<played>[0-9]{1,18}):(?P<vote>like|dislike|skip|veto|next)"
    r"|se:(?P<session>[0-9]{1,18}):(?P<deed>join|leave|next|recap|m3u8|xspf|jspf|csv|links)"
    r"|ra:(?P<heard>[0-9]{1,18}):(?P<steer>like|dislike|skip|why|stop)"
    r"|vis:(?P<agreed>[0-9]{1,18})(?::(?P<asked>[0-9]{1,18})(?P<refused>:no)?)?"
    r"|hi:(?P<loved>[0-9]{1,18})"
    r"|ok:link:(?P<code>[0-9A-Z]{8})"
    r"|ok:(?P<question>forget)"
    r"|ko:(?P<offer>[0-9]{1,18})(?P<kept>:no)?"
    r"|wi:(?P<wished>[0-9]{1,18}):(?P<part>[0-9]{1,2})"
)


@dataclass(frozen=True, slots=True)
class Feedback:
    """A press on one song of a slate."""

    slate_id: int
    position: int
    verb: Verb

    def __str__(self) -> str:
        """Return the payload."""
        return f"fb:{self.slate_id}:{self.position}:{self.verb}"


@dataclass(frozen=True, slots=True)
class Whole:
    """A press on a slate as a whole: more songs, or all reasons."""

    slate_id: int
    verb: Literal["more", "why"]

    def __str__(self) -> str:
        """Return the payload."""
        return f"sl:{self.slate_id}:{self.verb}"


@dataclass(frozen=True, slots=True)
class OnSong:
    """A press on the current song of a session."""

    song_id: int
    verb: SongVerb

    def __str__(self) -> str:
        """Return the payload."""
        return f"ss:{self.song_id}:{self.verb}"


@dataclass(frozen=True, slots=True)
class OnSession:
    """A press on a session as a whole."""

    session_id: int
    verb: SessionVerb

    def __str__(self) -> str:
        """Return the payload."""
        return f"se:{self.session_id}:{self.verb}"


@dataclass(frozen=True, slots=True)
class OnRadio:
    """A press on the card of a radio while the song of `slate_id` plays."""

    slate_id: int
    verb: RadioVerb

    def __str__(self) -> str:
        """Return the payload."""
        return f"ra:{self.slate_id}:{self.verb}"


@dataclass(frozen=True, slots=True)
class Agree:
    """The asked user's yes or no to comparisons in a community."""

    community_id: int
    user_id: int  # 0 in old questions without a user: valid for nobody now
    says_yes: bool = True

    def __str__(self) -> str:
        """Return the payload."""
        return f"vis:{self.community_id}:{self.user_id}{'' if self.says_yes else ':no'}"


@dataclass(frozen=True, slots=True)
class Act:
    """A command about one song or artist."""

    command: str
    subject: Subject

    def __str__(self) -> str:
        """Return the payload."""
        track = "" if self.subject.track_id is None else f"t{self.subject.track_id}"
        return f"do:{self.command}:a{self.subject.artist_id}{track}"


@dataclass(frozen=True, slots=True)
class ActOnFound:
    """A command about a song that was found at a service and is not in the catalogue yet."""

    service: str  # its code, two letters
    id: str  # the song's id there
    command: str

    def __str__(self) -> str:
        """Return the payload."""
        return f"new:{self.service}:{self.id}:{self.command}"


@dataclass(frozen=True, slots=True)
class Yes:
    """Yes to a question that the bot asked back."""

    question: Question

    def __str__(self) -> str:
        """Return the payload."""
        return f"ok:{self.question}"


@dataclass(frozen=True, slots=True)
class Run:
    """A command, with at most two words after it: "recommend", "settings language fr"."""

    command: str

    def __str__(self) -> str:
        """Return the payload."""
        return f"run:{self.command}"


@dataclass(frozen=True, slots=True)
class Love:
    """A loved artist in the greeting."""

    artist_id: int

    def __str__(self) -> str:
        """Return the payload."""
        return f"hi:{self.artist_id}"


@dataclass(frozen=True, slots=True)
class Join:
    """Yes to joining the account that made this code."""

    code: str

    def __str__(self) -> str:
        """Return the payload."""
        return f"ok:link:{self.code}"


@dataclass(frozen=True, slots=True)
class Trim:
    """One part of a slate's wish is to go."""

    slate_id: int
    part: int  # from 0

    def __str__(self) -> str:
        """Return the payload."""
        return f"wi:{self.slate_id}:{self.part}"


@dataclass(frozen=True, slots=True)
class KeepOut:
    """The answer to the offer to keep a night out of the taste."""

    offer_id: int
    says_yes: bool = True

    def __str__(self) -> str:
        """Return the payload."""
        return f"ko:{self.offer_id}{'' if self.says_yes else ':no'}"


Payload = (
    Feedback
    | Whole
    | OnSong
    | OnSession
    | OnRadio
    | Agree
    | Act
    | ActOnFound
    | Run
    | Love
    | Join
    | Yes
    | Trim
    | KeepOut
)


def parse(payload: str) -> Payload:
    """Parse a payload; raises `NotKnown` if it is not one of ours."""
    found = PATTERN.fullmatch(payload)
    if found is None:
        raise NotKnown("I do not know that button any more. Type /recommend for a fresh list.")
    return _READERS[payload.partition(":")[0]](found)


def _act(found: re.Match[str]) -> Act:
    track = None if found["track"] is None else int(found["track"])
    return Act(found["command"], Subject(int(found["artist"]), track))


def _yes(found: re.Match[str]) -> Join | Yes:
    return Join(found["code"]) if found["code"] else Yes(cast("Question", found["question"]))


_READERS: dict[str, Callable[[re.Match[str]], Payload]] = {
    "fb": lambda found: Feedback(int(found["slate"]), int(found["position"]), cast("Verb", found["verb"])),
    "sl": lambda found: Whole(int(found["whole"]), cast("Literal['more', 'why']", found["act"])),
    "ss": lambda found: OnSong(int(found["played"]), cast("SongVerb", found["vote"])),
    "se": lambda found: OnSession(int(found["session"]), cast("SessionVerb", found["deed"])),
    "ra": lambda found: OnRadio(int(found["heard"]), cast("RadioVerb", found["steer"])),
    "vis": lambda found: Agree(int(found["agreed"]), int(found["asked"] or 0), not found["refused"]),
    "do": _act,
    "new": lambda found: ActOnFound(found["service"], found["found"], found["then"]),
    "run": lambda found: Run(found["run"]),
    "hi": lambda found: Love(int(found["loved"])),
    "ok": _yes,
    "ko": lambda found: KeepOut(int(found["offer"]), not found["kept"]),
    "wi": lambda found: Trim(int(found["wished"]), int(found["part"])),
}
