"""Interface of all listening services. Calls block: make them on a thread."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from storage.imports import ExternalIds
from storage.records import Kind

MOST_AT_ONCE = 200
"""Listens per request."""


@dataclass(frozen=True, slots=True)
class PlayedSong:
    """A play: one track heard at one time."""

    artist: str
    title: str
    at: int  # seconds since 1970
    album: str | None = None
    artist_ids: ExternalIds = ()
    track_ids: ExternalIds = ()
    ms_played: int | None = None


@dataclass(frozen=True, slots=True)
class MarkedSong:
    """A track marked as loved or hated."""

    artist: str
    title: str
    kind: Kind  # LIKE or DISLIKE
    at: int | None = None
    track_ids: ExternalIds = ()


class Source(Protocol):
    """A listening service.

    Every call raises `NotKnown` for an unknown or private profile, and `Unavailable` if the service does
    not answer.
    """

    name: str  # as typed: "lastfm"
    title: str  # as displayed: "Last.fm"

    def count(self, person: str) -> int:
        """Return the number of a user's listens."""
        ...

    def listens(
        self, person: str, *, before: int | None = None, after: int | None = None
    ) -> list[PlayedSong]:
        """Return listens strictly between two times, newest first, at most `MOST_AT_ONCE`."""
        ...

    def opinions(self, person: str) -> list[MarkedSong]:
        """Return all tracks a user marked as loved or hated."""
        ...

    def tags(self, person: str) -> Iterator[tuple[str, str]]:
        """Yield a user's tags as (artist, tag)."""
        ...

    def close(self) -> None:
        """Close open connections."""
        ...
