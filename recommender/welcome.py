"""What to offer to somebody of whom nothing is known: artists whom many know, genres and moods by name."""

import time
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from recommender.types import Song
from storage.openers import well_known
from storage.records import Subject
from storage.store import Store
from storage.text import fold

T = TypeVar("T")

OFFERED = 9
_FRESH_SECONDS = 3600.0


class _Run(Protocol):
    def __call__(self, work: Callable[[Store], T], /) -> Awaitable[T]: ...


class Welcome:
    """The verbs of the service on first meetings: `music.welcome`."""

    def __init__(self, read: _Run) -> None:
        """`read` runs work on the reading threads of the service."""
        self._read = read
        self._artists: tuple[Song, ...] = ()
        self._asked_at = float("-inf")
        self._tags: list[tuple[str, str]] = []
        self._counted_at = float("-inf")

    async def artists(self) -> tuple[Song, ...]:
        """Return `OFFERED` well-known artists of as many genres; fewer in a small catalogue."""
        if time.monotonic() - self._asked_at > _FRESH_SECONDS or not self._artists:
            rows = await self._read(lambda store: well_known(store.db, OFFERED))
            self._artists = tuple(Song(Subject(artist_id), name) for artist_id, name in rows)
            self._asked_at = time.monotonic()
        return self._artists

    async def tags(self, text: str, n: int) -> list[str]:
        """Return at most `n` genres and moods for half a name, as somebody types; the most used first.

        Those that begin so come before those of which a later word does.
        """
        if time.monotonic() - self._counted_at > _FRESH_SECONDS or not self._tags:
            self._tags = await self._read(lambda store: store.music.tags_by_use())
            self._counted_at = time.monotonic()
        start = fold(text)
        first = [name for name, key in self._tags if key.startswith(start)]
        later = [name for name, key in self._tags if f" {start}" in key and not key.startswith(start)]
        return [*first, *later][:n]
