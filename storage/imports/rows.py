"""What an import file says: one frozen row per statement, before anything is stored."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from storage.errors import StorageError
from storage.records import Kind

ExternalIds = tuple[
    tuple[str, str], ...
]  # (scheme, value) pairs: ("mbid", "f1b1cf71-..."), ("isrc", "GBUM71029604")


class ImportFormatError(StorageError):
    """The file is not what the format reads; the message says what was expected and what to do."""


@dataclass(frozen=True, slots=True)
class Tag:
    name: str
    kind: str = ""  # "genre", "mood", or "" for a word of listeners
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class ArtistRow:
    """There is an artist of this name."""

    line: int
    name: str


@dataclass(frozen=True, slots=True)
class TrackRow:
    """There is a track, and this is known of it.  `features` are all of Spotify's audio features, or none."""

    line: int
    artist: str
    title: str
    country: str | None = None  # of the artist
    album: str | None = None
    year: int | None = None
    duration_ms: int | None = None
    explicit: bool | None = None
    popularity: float | None = None
    ids: ExternalIds = ()
    features: Mapping[str, float | None] | None = None
    tags: tuple[Tag, ...] = ()
    playlist: str | None = None  # where the table found it; not kept


@dataclass(frozen=True, slots=True)
class ListenRow:
    """Somebody listened, once at a time or `plays` times in all; without a title only the artist is known.

    `kind` is SKIP where the song was skipped at once, LIKE or DISLIKE where a service keeps such verdicts,
    SAVE where the song is only in a library.  Without `artist`, `track_ids` name a song known already.
    """

    line: int
    user: str
    artist: str
    title: str | None = None
    at: int | None = None
    plays: int | None = None
    ms_played: int | None = None
    album: str | None = None
    artist_ids: ExternalIds = ()
    track_ids: ExternalIds = ()
    kind: Kind = Kind.PLAY
    source: str | None = None  # the service it comes from, where that is not the reader's source


@dataclass(frozen=True, slots=True)
class TaggingRow:
    """Somebody gave an artist a tag."""

    line: int
    user: str
    artist: str
    tag: str
    at: int | None = None


@dataclass(frozen=True, slots=True)
class FriendRow:
    line: int
    user: str
    friend: str


@dataclass(frozen=True, slots=True)
class TextRow:
    """Somebody wrote this; without artists, those count whom it names."""

    line: int
    key: str  # of the text: the same one twice is one
    text: str
    artists: tuple[str, ...] = ()
    at: int | None = None


@dataclass(frozen=True, slots=True)
class RelatedRow:
    """It is generally known how famous an artist of the catalogue is, and who else the listeners like."""

    line: int
    artist: str
    fame: int  # 1 (known to fans) to 5 (a household name)
    also: tuple[str, ...] = ()  # other names
    related: tuple[str, ...] = ()  # whose listeners overlap most, best first


@dataclass(frozen=True, slots=True)
class Skipped:
    """A statement that cannot be kept, and why.  Equal reasons are counted together."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Noted:
    """Something about a statement was repaired or set aside; the statement itself is another row."""

    line: int
    what: str


Fact = ArtistRow | TrackRow | ListenRow | TaggingRow | FriendRow | TextRow | RelatedRow
Row = Fact | Skipped | Noted


@dataclass(frozen=True, slots=True)
class Options:
    """What a person may say about a file besides its format."""

    source: str | None = (
        None  # keeps apart two data sets that use the same user ids; default: the format's name
    )
    columns: tuple[str, ...] = field(
        default=()
    )  # `plays`: the columns' names in order, "-" for one to leave out
    account: str | None = None  # `plays`: whose listens these are where no column says it


class Reader(Protocol):
    """One file, checked when the reader is made (ImportFormatError); `rows` streams it, as often as asked."""

    source: str
    platform: str  # of the accounts that the rows' users are

    def rows(self) -> Generator[Row, None, None]:
        """Yield what the file says, in its order; bad lines come as `Skipped`, none raises."""
        ...

    def progress(self) -> float:
        """Return how much of the file is read, 0 to 1, by its bytes."""
        ...

    def digest(self) -> str:
        """Return a digest of the file's bytes; with a line number it names a row that nothing else does."""
        ...
