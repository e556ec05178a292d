"""A service that is asked within its limits, and whose answers are cached as long as its terms allow."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

from recommender.catalog.line import Line
from recommender.catalog.lookup.found import PATIENCE, Client, FoundSong, Wanted
from recommender.catalog.web import Missing
from recommender.errors import Unavailable
from storage.services.outside import Outside
from storage.store import Store

T = TypeVar("T")

_NOTHING_SECONDS = 86_400  # a song that is not there today may be there tomorrow
_UNREADABLE = "{} gives an answer that I cannot read."


class OnStore(Protocol):
    """Runs work on a thread that owns a store."""

    def __call__(self, work: Callable[[Store], T], /) -> Awaitable[T]:
        """Return what the work returns."""
        ...


class LookupService:
    """One client with its queue and its cache; calls raise `Unavailable`."""

    def __init__(self, client: Client, read: OnStore, write: OnStore, now: Callable[[], int]) -> None:
        """`read` and `write` run work on the threads of the service; `now` returns seconds since 1970."""
        self._client, self._read, self._write, self._now = client, read, write, now
        self.code, self.title = client.code, client.title
        self._line = Line(
            client.title,
            clock=now,
            load=self._closed_until,
            save=self._close_until,
            most=client.most,
            window=client.window,
        )

    def suits(self, wanted: Wanted) -> bool:
        """Return whether the service can look that up."""
        return self._client.suits(wanted)

    async def search(self, wanted: Wanted) -> list[FoundSong]:
        """Return the songs that may be meant, the likeliest first."""
        return await self._asked(
            f"search:{wanted.key}", lambda: self._client.search(wanted), self._client.kept_seconds
        )

    async def song(self, song_id: str) -> FoundSong | None:
        """Return one song by its id there, or by "isrc:" and its ISRC; None if there is none."""
        found = await self._asked(f"song:{song_id}", lambda: self._one(song_id), self._client.song_seconds)
        return found[0] if found else None

    async def close(self) -> None:
        """Let go of the connection."""
        await asyncio.to_thread(self._client.close)

    def _one(self, song_id: str) -> list[FoundSong]:
        found = self._client.song(song_id)
        return [] if found is None else [found]

    async def _asked(
        self, question: str, ask: Callable[[], list[FoundSong]], seconds: int
    ) -> list[FoundSong]:
        service, now = f"lookup.{self.code}", self._now()
        kept: list[dict[str, Any]] | None = await self._read(
            lambda store: Outside(store.db).answer(service, question, now=now)
        )
        if kept is not None:
            return [FoundSong.from_json(one) for one in kept]
        found = await self._line.ask(lambda: self._checked(ask), patience=PATIENCE)
        body = [song.to_json() for song in found]
        lasting = seconds if found else min(seconds, _NOTHING_SECONDS)
        await self._write(
            lambda store: Outside(store.db).keep_answer(service, question, body, now=now, seconds=lasting)
        )
        return found

    def _checked(self, ask: Callable[[], list[FoundSong]]) -> list[FoundSong]:
        try:
            return ask()
        except Missing:
            return []
        except (AttributeError, KeyError, TypeError, ValueError) as error:  # not the shape that is documented
            raise Unavailable(_UNREADABLE, self.title, retry_after=60.0) from error

    async def _closed_until(self) -> float:
        kept = await self._read(lambda store: store.people.setting("app", 0, self._pause))
        return float(kept or 0.0)

    async def _close_until(self, moment: float) -> None:
        await self._write(lambda store: store.people.set_setting("app", 0, self._pause, str(moment)))

    @property
    def _pause(self) -> str:
        return f"lookup.{self.code}.closed_until"
