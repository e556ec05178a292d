"""Questions to outside services, and the songs in their answers."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol, Self

from rapidfuzz import fuzz

from storage.naming.text import fold

MOST_FOUND = 5
"""Songs to choose from."""
PATIENCE = 2.0
"""Seconds that a person waits for all services together."""

_DASH = re.compile(r"\s+[-\u2013\u2014]\s+")
_BY = re.compile(r"(?<=\S)\s+by\s+(?=\S)", re.IGNORECASE)
_GUESTS = re.compile(r"\s*[(\[](?:feat|ft|featuring|with)\b[^)\]]*[)\]]", re.IGNORECASE)
_SAME = 90.0  # percent of letters in common, in any order of words, from which typed and found names match


@dataclass(frozen=True, slots=True)
class Wanted:
    """A name to look up; artist and title are "" in a text that does not separate them."""

    text: str
    artist: str = ""
    title: str = ""

    @classmethod
    def read(cls, text: str) -> Self:
        """Read "artist - title", or any other name: "Blinded by the Light" is a title."""
        line = " ".join(text.split())
        artist, *title = _DASH.split(line, maxsplit=1)
        return cls(line, artist, title[0]) if title else cls(line)

    @property
    def words(self) -> str:
        """The words to search for, without the "by" between title and artist."""
        return f"{self.artist} {self.title}" if self.artist else _BY.sub(" ", self.text)

    @property
    def key(self) -> str:
        """The cache key of the name."""
        return f"{fold(self.artist)}|{fold(self.title)}" if self.artist else fold(self.text)


@dataclass(frozen=True, slots=True)
class FoundSong:
    """A song at a service.

    Of stores (Deezer, iTunes, Spotify) only names, ids and the cover are kept; tags, year and length come
    from open data alone.
    """

    source: str  # code of the service, as in its buttons
    id: str  # the id there
    artist: str
    title: str
    ids: tuple[tuple[str, str], ...] = ()  # (scheme, id) of the track
    artist_mbid: str = ""
    year: int | None = None
    length_ms: int | None = None
    tags: tuple[tuple[str, float], ...] = ()  # name, weight 0 to 1
    artist_tags: tuple[tuple[str, float], ...] = ()
    cover: str = ""
    preview: str = ""  # URL of 30 seconds of audio
    page: str = ""  # URL of the song at the store

    def to_json(self) -> dict[str, Any]:
        """Return the song as it is cached."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Return the song that `to_json` wrote."""
        pairs = {name: tuple(map(tuple, data[name])) for name in ("ids", "tags", "artist_tags")}
        return cls(**{**data, **pairs})


class Client(Protocol):
    """Client for one service; its calls block, and raise the errors of `Web.get`."""

    code: str  # two letters, in buttons
    title: str  # as displayed
    most: int  # requests ...
    window: float  # ... in so many seconds
    kept_seconds: int  # how long its terms allow an answer to be cached
    song_seconds: int  # the same for one song, whose preview may expire

    def suits(self, wanted: Wanted) -> bool:
        """Return whether the service can look this name up."""
        ...

    def search(self, wanted: Wanted) -> list[FoundSong]:
        """Return at most `MOST_FOUND` candidates, likeliest first."""
        ...

    def song(self, song_id: str) -> FoundSong | None:
        """Return one song by its id, or by "isrc:" and its ISRC; None if there is none."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...


class Searched(Protocol):
    """A service as `Lookup` asks it, without blocking; calls raise `Unavailable`."""

    code: str
    title: str

    def suits(self, wanted: Wanted) -> bool:
        """Return whether the service can look this name up."""
        ...

    async def search(self, wanted: Wanted) -> list[FoundSong]:
        """Return candidates, likeliest first."""
        ...

    async def song(self, song_id: str) -> FoundSong | None:
        """Return one song by its id there, or by "isrc:" and its ISRC; None if there is none."""
        ...

    async def close(self) -> None:
        """Close the connection."""
        ...


def likeness(wanted: Wanted, artist: str, title: str | None) -> float:
    """Return the similarity of a name to a song or artist, 0 to 100; without an artist, only titles count."""
    named = fold(f"{wanted.title} {wanted.artist}" if wanted.artist else wanted.text)
    whole = float(fuzz.token_sort_ratio(named, fold(f"{artist} {title or ''}")))
    parts = [float(fuzz.ratio(named, fold(part))) for part in (artist, title) if part and not wanted.artist]
    return max([whole, *parts])


def exact_song(found: Sequence[FoundSong], wanted: Wanted) -> FoundSong | None:
    """Return the song whose artist and title match the typed text, None without one."""
    named = fold(wanted.words)
    names = [fold(f"{song.artist} {_GUESTS.sub('', song.title)}") for song in found]
    fits = [fuzz.token_sort_ratio(named, name) for name in names]
    best = max(range(len(fits)), key=fits.__getitem__, default=None)
    return None if best is None or fits[best] < _SAME else found[best]


def exact_artist(found: Sequence[FoundSong], wanted: Wanted) -> list[FoundSong]:
    """Return the songs of the artist whose name matches, if most of the results are theirs."""
    theirs = [song for song in found if fold(song.artist) == fold(wanted.text)]
    return theirs if 2 * len(theirs) > len(found) else []


def texts(row: dict[str, Any], *names: str) -> tuple[str, ...]:
    """Return fields of an answer as text, "" for a missing one."""
    return tuple(str(row.get(name) or "") for name in names)
