"""What the database remembers: one frozen dataclass per kind of fact.

Times are whole seconds since 1970 (UTC).  Ids are the database's own; names from outside are in `accounts`,
`artist_ids` and `track_ids`.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, NamedTuple

# Events from these sources are people talking; every other source is an import.
CHATS = ("terminal", "discord", "telegram")

# Audio features of a track, as Spotify's tables name them.
FEATURES = (
    "danceability",
    "energy",
    "key",
    "loudness",
    "mode",
    "speechiness",
    "acousticness",
    "instrumentalness",
    "liveness",
    "valence",
    "tempo",
)


class Subject(NamedTuple):
    """What an event or a recommendation is about: a track, or an artist where no track is known."""

    artist_id: int
    track_id: int | None = None


class Kind(StrEnum):
    """What somebody did.  `LIKE` and `DISLIKE` are verdicts: the latest one on a subject counts."""

    LIKE = "like"
    DISLIKE = "dislike"
    PLAY = "play"
    SKIP = "skip"
    BLOCK = "block"
    UNBLOCK = "unblock"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody on one platform.  Several accounts can be one user."""

    platform: str  # "terminal", "discord", "telegram", or the name of an import
    external_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Community:
    """A place where people listen together: a Discord server, a Telegram group, a terminal room."""

    platform: str
    external_id: str
    kind: str  # "server", "group", "room"
    name: str


@dataclass(frozen=True, slots=True)
class Artist:
    id: int
    name: str
    country: str | None = None  # ISO 3166 alpha-2
    listeners: int = 0  # people with a play or like, as of the last training


@dataclass(frozen=True, slots=True)
class Track:
    id: int
    artist_id: int
    title: str
    artist: str  # the artist's name, as credited
    album: str | None = None
    year: int | None = None
    duration_ms: int | None = None
    explicit: bool | None = None
    popularity: float | None = None  # 0 to 100, as an imported table says
    listeners: int = 0


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the append-only log."""

    key: str  # idempotency: an event with a known key is not stored again
    user_id: int
    subject: Subject | None  # None for an undo, which names an event instead
    kind: Kind
    source: str  # where it came from: "terminal", "discord", "lastfm-2k", ...
    at: int | None = None  # when it happened; None where an import knows only totals
    plays: int | None = None
    ms_played: int | None = None
    community_id: int | None = None
    impression_id: int | None = None
    undoes: int | None = None  # the id of the event taken back


@dataclass(frozen=True, slots=True)
class Impression:
    """One recommendation as it was made: enough to learn from it later and to explain it for years."""

    position: int
    subject: Subject
    propensity: float
    features: dict[str, float]
    explanation: dict[str, Any]
    id: int | None = None  # given by the database


@dataclass(frozen=True, slots=True)
class Slate:
    """The songs of one answer, in order."""

    user_id: int
    community_id: int | None
    query: dict[str, Any]
    seed: int
    policy: str
    snapshot: str
    impressions: tuple[Impression, ...]
    created_at: int
    id: int | None = None
    shown_at: int | None = None  # None until the platform has taken the message


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One line of somebody's log with the names a person knows it by."""

    event_id: int
    kind: Kind
    at: int | None
    recorded_at: int
    subject: Subject
    artist: str
    title: str | None
    plays: int | None
    undone: bool


@dataclass(frozen=True, slots=True)
class Match:
    """A search result: an artist or a track, with how well it fits (0 to 100)."""

    subject: Subject
    artist: str
    title: str | None  # None for an artist
    year: int | None
    score: float
    exact: bool = field(default=False)  # the whole query names this subject, spelling aside


@dataclass(frozen=True, slots=True)
class Link:
    """A song or artist named by a link or a code."""

    scheme: Literal["spotify", "youtube", "apple", "isrc"]
    value: str  # the id within the scheme
    kind: Literal["track", "artist"] = "track"
    words: str = ""  # what the link says in words, to search for if the id is unknown


@dataclass(frozen=True, slots=True)
class Session:
    """Several people of one place who listen together."""

    id: int
    host_id: int | None  # None once the host has been forgotten
    community_id: int
    place: str  # the channel or topic within the community, "" where it has none
    name: str
    style: str
    arc: int  # songs over which energy rises, stays and falls; 0 for no such curve
    started_at: int
    active_at: int  # when somebody did something last
    paused_at: int | None = None
    ended_at: int | None = None
    card: str | None = None  # the message that shows it, as its adapter names it
    voice: str | None = None  # the voice channel whose people it follows


@dataclass(frozen=True, slots=True)
class SessionMember:
    """Somebody who is or was in a session."""

    user_id: int
    joined_at: int
    left_at: int | None


@dataclass(frozen=True, slots=True)
class SessionSong:
    """A song of a session: waiting, playing, played or skipped."""

    id: int
    subject: Subject
    requested_by: int | None
    cause: Subject | None  # what those it is for like, and why it was chosen
    started_at: int | None  # None while it waits
    skipped_at: int | None
    expected: dict[int, float]  # by user: with which probability those present would like it
    is_for: frozenset[int]  # of them, whom it was chosen for
    votes: dict[int, Kind]  # by user: LIKE, DISLIKE or SKIP, where somebody said it


@dataclass(frozen=True, slots=True)
class SessionWish:
    """A song that a member of a session asked for, or does not want to hear in it."""

    id: int
    user_id: int
    subject: Subject
    kind: Literal["request", "veto"]


class TitleRow(NamedTuple):
    """A track as far as its versions are concerned."""

    track_id: int
    artist_id: int
    title: str
    key: str  # the title folded
    duration_ms: int | None


class VersionDecision(NamedTuple):
    """Two tracks are versions of one work, or are not."""

    track_id: int
    other_id: int
    rule: str  # "isrc" or "mbid": an id was given for both; "operator": somebody said so
    same: bool
