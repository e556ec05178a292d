"""What every listening service can be asked, whichever it is.  Calls block: make them on a thread."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from storage.imports import ExternalIds
from storage.records import Kind

MOST_AT_ONCE = 200
"""Listens asked for in one request."""


@dataclass(frozen=True, slots=True)
class PlayedSong:
    """One song that somebody heard."""

    artist: str
    title: str
    at: int  # seconds since 1970
    album: str | None = None
    artist_ids: ExternalIds = ()
    track_ids: ExternalIds = ()
    ms_played: int | None = None


@dataclass(frozen=True, slots=True)
class MarkedSong:
    """A song that somebody marked there as loved, or hated."""

    artist: str
    title: str
    kind: Kind  # LIKE or DISLIKE
    at: int | None = None
    track_ids: ExternalIds = ()


class Source(Protocol):
    """A listening service.

    Every call raises `NotKnown` where the person is unknown there or hides what is asked for, and
    `Unavailable` where the service does not answer now.
    """

    name: str  # as it is typed: "lastfm"
    title: str  # as it is written: "Last.fm"

    def count(self, person: str) -> int:
        """Return how many listens there are of a person."""
        ...

    def listens(
        self, person: str, *, before: int | None = None, after: int | None = None
    ) -> list[PlayedSong]:
        """Return listens strictly between two times, the newest first, at most `MOST_AT_ONCE`."""
        ...

    def opinions(self, person: str) -> list[MarkedSong]:
        """Return all songs that a person marked as loved or hated."""
        ...

    def tags(self, person: str) -> Iterator[tuple[str, str]]:
        """Yield the tags a person gave, as (artist, tag)."""
        ...

    def close(self) -> None:
        """Let go of what is open."""
        ...
