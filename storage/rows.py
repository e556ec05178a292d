"""The rows of an import: one frozen dataclass per kind of statement, before anything is stored."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from storage.errors import StorageError
from storage.records import Kind

ExternalIds = tuple[
    tuple[str, str], ...
]  # (scheme, value) pairs: ("mbid", "f1b1cf71-..."), ("isrc", "GBUM71029604")


class ImportFormatError(StorageError):
    """The file does not fit the format; the message says what was expected and what to do."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag of an artist or track."""

    name: str
    kind: str = ""  # "genre", "mood", or "" for a user's tag
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class ArtistRow:
    """An artist of a catalogue."""

    line: int
    name: str


@dataclass(frozen=True, slots=True)
class TrackRow:
    """A track of a catalogue, with its facts.  `features` are all of Spotify's audio features, or None."""

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
    playlist: str | None = None  # the playlist in the table; not stored


@dataclass(frozen=True, slots=True)
class ListenRow:
    """A play at a time, or `plays` plays in total; without a title only the artist is known.

    `kind` is SKIP for a quick skip, LIKE or DISLIKE for a service's verdict, SAVE for a track in a library.
    Without `artist`, `track_ids` name a known track.
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
    source: str | None = None  # the service, if it is not the reader's source


@dataclass(frozen=True, slots=True)
class TaggingRow:
    """A user's tag on an artist."""

    line: int
    user: str
    artist: str
    tag: str
    at: int | None = None


@dataclass(frozen=True, slots=True)
class FriendRow:
    """A friendship of two users."""

    line: int
    user: str
    friend: str


@dataclass(frozen=True, slots=True)
class TextRow:
    """A text about music; without `artists`, it is about the artists it names."""

    line: int
    key: str  # of the text: the same key twice is one text
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
class HeardRow:
    """A song that was heard in a file; arrays are little-endian."""

    line: int
    artist: str
    title: str
    digest: str  # of the file's bytes
    vector: bytes  # float16, see `recommender.audio.hearing`
    tags: bytes  # float16 probabilities
    tempo: float | None  # beats per minute
    key: int  # 0 for C to 11, plus 12 for minor
    loudness: float  # dB below full scale
    sung: float  # 0 to 1
    fingerprint: bytes | None = None  # uint32, see `recommender.audio.fingerprints`
    album: str | None = None
    year: int | None = None
    duration_ms: int | None = None
    ids: ExternalIds = ()


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that cannot be stored, and why.  Equal reasons are counted together."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Noted:
    """A repair or an ignored part of a row; the row itself is another one."""

    line: int
    what: str


Fact = ArtistRow | TrackRow | ListenRow | TaggingRow | FriendRow | TextRow | RelatedRow | HeardRow
Row = Fact | Skipped | Noted


@dataclass(frozen=True, slots=True)
class Options:
    """The user's options for a file, besides its format."""

    source: str | None = None  # separates data sets with the same user ids; default: the format's name
    columns: tuple[str, ...] = field(
        default=()
    )  # `plays`: the columns' names in order, "-" for an ignored one
    account: str | None = None  # `plays`: the user, if no column has one


class Reader(Protocol):
    """A reader of one file.  Creating it checks the file (ImportFormatError); `rows` can run repeatedly."""

    source: str
    platform: str  # of the accounts of the rows' users

    def rows(self) -> Generator[Row, None, None]:
        """Yield the rows of the file, in order; bad lines are `Skipped`, none raises."""
        ...

    def progress(self) -> float:
        """Return the share of the file's bytes that has been read, 0 to 1."""
        ...

    def digest(self) -> str:
        """Return a digest of the file's bytes; with a line number it identifies a row uniquely."""
        ...
