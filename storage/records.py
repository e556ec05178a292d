"""Records: one frozen dataclass per kind of stored fact.

Times are whole seconds since 1970 (UTC).  Ids are the database's own; ids from other services are in
`accounts`, `artist_ids` and `track_ids`.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, NamedTuple, TypedDict

# Audio features of a track, named as in Spotify's tables.
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
    """The subject of an event or a recommendation: a track, or an artist if no track is known."""

    artist_id: int
    track_id: int | None = None


class Kind(StrEnum):
    """The kind of an event.  `LIKE` and `DISLIKE` are verdicts: the latest one on a subject counts.

    `SAVE` is a track in a user's library: a weak like, never a play.
    """

    LIKE = "like"
    DISLIKE = "dislike"
    PLAY = "play"
    SKIP = "skip"
    SAVE = "save"
    BLOCK = "block"
    UNBLOCK = "unblock"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Account:
    """An account on one platform.  A user can have several."""

    platform: str  # the name of a chat platform, or of an import
    external_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Community:
    """A community on one platform: a server, a group or a room."""

    platform: str
    external_id: str
    kind: str  # "server", "group", "room"
    name: str


@dataclass(frozen=True, slots=True)
class Artist:
    """An artist of the catalogue."""

    id: int
    name: str
    country: str | None = None  # ISO 3166 alpha-2
    listeners: int = 0  # users with a play or like, as of the last training


@dataclass(frozen=True, slots=True)
class Track:
    """A track of the catalogue."""

    id: int
    artist_id: int
    title: str
    artist: str  # the artist's name, as credited
    album: str | None = None
    year: int | None = None
    duration_ms: int | None = None
    explicit: bool | None = None
    popularity: float | None = None  # 0 to 100, from an imported table
    listeners: int = 0


class TrackFacts(TypedDict, total=False):
    """The optional facts of a track, as `ensure_track` takes them."""

    album: str | None
    year: int | None
    duration_ms: int | None
    explicit: bool | None
    popularity: float | None


@dataclass(frozen=True, slots=True)
class Event:
    """One event of the append-only log."""

    key: str  # idempotency key: an event with a known key is not stored again
    user_id: int
    subject: Subject | None  # None for an undo, which names an event instead
    kind: Kind
    source: str  # a chat platform or an import, by name
    at: int | None = None  # time of the event; None if an import only has totals
    plays: int | None = None
    ms_played: int | None = None
    community_id: int | None = None
    impression_id: int | None = None
    undoes: int | None = None  # id of the undone event


@dataclass(frozen=True, slots=True)
class Impression:
    """One recommendation as shown: enough to learn from it later and to explain it years later."""

    position: int
    subject: Subject
    propensity: float
    features: dict[str, float]
    explanation: dict[str, Any]
    id: int | None = None  # set by the database


@dataclass(frozen=True, slots=True)
class Slate:
    """The recommendations of one answer, in order."""

    user_id: int
    community_id: int | None
    query: dict[str, Any]
    seed: int
    policy: str
    snapshot: str
    impressions: tuple[Impression, ...]
    created_at: int
    id: int | None = None
    shown_at: int | None = None  # None until the platform has accepted the message


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One event of a user's log with the names of its artist and track."""

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
    """A search result: an artist or a track, with its fit (0 to 100)."""

    subject: Subject
    artist: str
    title: str | None  # None for an artist
    year: int | None
    score: float
    exact: bool = field(default=False)  # the query is the whole name of this subject, apart from spelling


@dataclass(frozen=True, slots=True)
class Link:
    """The track or artist that a link or code names."""

    scheme: Literal["spotify", "youtube", "apple", "deezer", "tidal", "soundcloud", "bandcamp", "isrc"]
    value: str  # the id within the scheme
    kind: Literal["track", "artist"] = "track"
    words: str = ""  # words of the link, the search query if the id is unknown


@dataclass(frozen=True, slots=True)
class Session:
    """A listening session of several users in one community."""

    id: int
    host_id: int | None  # None after the host was erased
    community_id: int
    place: str  # channel or topic of the community, "" if it has none
    name: str
    style: str
    arc: int  # number of songs over which energy rises, stays and falls; 0 for no arc
    started_at: int
    active_at: int  # time of the last action
    paused_at: int | None = None
    ended_at: int | None = None
    card: str | None = None  # id of the message that shows it, set by the adapter
    voice: str | None = None  # the voice channel whose members it follows
    radio: int = 0  # 1: what comes next also follows from what was played


@dataclass(frozen=True, slots=True)
class SessionMember:
    """A current or past member of a session."""

    user_id: int
    joined_at: int
    left_at: int | None


@dataclass(frozen=True, slots=True)
class SessionSong:
    """A track of a session: waiting, playing, played or skipped."""

    id: int
    subject: Subject
    requested_by: int | None
    cause: Subject | None  # the liked subject behind the choice
    started_at: int | None  # None while it waits
    skipped_at: int | None
    expected: dict[int, float]  # by user: predicted probability of a like
    is_for: frozenset[int]  # the users among them that it was chosen for
    votes: dict[int, Kind]  # by user: LIKE, DISLIKE or SKIP, if they voted


@dataclass(frozen=True, slots=True)
class SessionWish:
    """A track that a member of a session requested or vetoed."""

    id: int
    user_id: int
    subject: Subject
    kind: Literal["request", "veto"]


class TitleRow(NamedTuple):
    """The fields of a track that tell which work it is a version of."""

    track_id: int
    artist_id: int
    title: str
    key: str  # the folded title
    duration_ms: int | None


class VersionDecision(NamedTuple):
    """A decision that two tracks are versions of one work, or are not."""

    track_id: int
    other_id: int
    rule: str  # "isrc" or "mbid": both tracks have that id; "operator": set by hand
    same: bool


class ProfileRow(NamedTuple):
    """What one user's standing events on one subject come to; times in seconds since 1970."""

    artist_id: int
    track_id: int  # 0 for the artist alone
    plays: int
    untimed: int  # plays without a time, part of `plays`
    played: float  # timed plays, decayed to `played_at`
    played_at: int | None  # no earlier than the last timed play
    saved: float  # decayed to `saved_at`
    saved_at: int | None
    skipped: float  # decayed to `skipped_at`
    skipped_at: int | None  # the last skip
    verdict: str | None  # "like" or "dislike": the latest
    verdict_at: int | None
    blocked: int | None  # 1 or 0 by the latest block or unblock, None without
    listens: int  # events behind `plays`
