"""New releases, looked up in the background: all of them once a day, and by artist as the budget allows.

The queue is in the database, so that a restart resumes it and two processes share the work and the daily
budget.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from recommender.catalog.background import keep_asking
from recommender.catalog.musicbrainz import MusicBrainz
from recommender.catalog.releases import FoundRelease, fresh, of_artist
from recommender.catalog.web import Missing, Web
from recommender.errors import Unavailable
from storage.services.artist_errands import ArtistErrands
from storage.services.outside import Outside
from storage.services.releases import KEPT_DAYS, Releases
from storage.store import Store
from storage.work import RunsWork

T = TypeVar("T")

_FRESH, _BY_ARTIST = "listenbrainz-fresh", "musicbrainz-releases"
_DAYS = 14  # releases in an answer
_EVERY = 20 * 3600  # seconds between two readings of all new releases
_LEASE = 600
_CHECKED = 7 * 86_400  # seconds between two questions about one artist
_SEVERAL = 2  # users of a community who like an artist


class NewReleases:
    """The background task, from `start` to `close`."""

    def __init__(
        self,
        read: RunsWork,
        write: RunsWork,
        now: Callable[[], int],
        web: Web | None,
        brainz: MusicBrainz | None,
        *,
        daily: int,
        first_after: float = 15.0,
        rest: float = 60.0,
    ) -> None:
        """Take the clients, None to ask nothing; `daily` is the number of requests to MusicBrainz per day."""
        self._read, self._write, self._now = read, write, now
        self._web, self._brainz, self._daily = web, brainz, daily
        self._first_after, self._rest = first_after, rest
        self._task: asyncio.Task[None] | None = None

    @property
    def is_on(self) -> bool:
        """Whether releases can be looked up at all."""
        return self._web is not None or self._brainz is not None

    def start(self) -> None:
        """Start asking."""
        if self.is_on and self._task is None:
            self._task = asyncio.create_task(self._serve(), name="new releases")

    async def close(self) -> None:
        """Stop; unanswered questions stay in the queue."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        if self._web is not None:
            await asyncio.to_thread(self._web.close)

    async def _serve(self) -> None:
        await asyncio.sleep(self._first_after)
        await keep_asking("new releases", self.once, rest=self._rest)

    async def once(self) -> bool:
        """Ask the next question; return False if no user wants to know anything or the budget is spent."""
        if not await self._read(lambda store: Releases(store.db).subscribers()):
            return False
        return await self.everywhere() or await self._one_artist()

    async def everywhere(self) -> bool:
        """Read the list of all new releases, at most once a day; return False if it was read already."""
        web, now = self._web, self._now()
        if web is None or await self._read(lambda store: Outside(store.db).answer(_FRESH, "", now=now)):
            return False

        def claimed(store: Store) -> bool:
            known = Outside(store.db)
            if known.answer(_FRESH, "", now=now):
                return False
            known.keep_answer(_FRESH, "", True, now=now, seconds=_LEASE)
            return True

        if not await self._write(claimed):
            return False
        found = await asyncio.to_thread(fresh, web, self.day(), _DAYS)

        def kept(store: Store) -> None:
            self._keep(store, found)
            Releases(store.db).drop_old(self.day(-KEPT_DAYS))
            Outside(store.db).keep_answer(_FRESH, "", True, now=now, seconds=_EVERY)

        await self._write(kept)
        return True

    def day(self, days: int = 0) -> str:
        """Return today's date (UTC), or the date some days later."""
        return f"{datetime.fromtimestamp(self._now(), UTC) + timedelta(days=days):%Y-%m-%d}"

    async def _one_artist(self) -> bool:
        brainz = self._brainz
        claimed = None if brainz is None else await self._write(self._claimed)
        if brainz is None or claimed is None:
            return False
        (artist_id, mbid), before = claimed, brainz.requests
        found: list[FoundRelease] = []
        try:
            found = await asyncio.to_thread(lambda: list(of_artist(brainz, mbid, self.day(-_DAYS * 2))))
        except Missing:
            pass
        except Unavailable:
            await self._done(artist_id, [], brainz.requests - before, again=_LEASE)
            raise
        await self._done(artist_id, found, brainz.requests - before, again=_CHECKED)
        return True

    def _claimed(self, store: Store) -> tuple[int, str] | None:
        now = self._now()
        if ArtistErrands(store.db).spent(_BY_ARTIST, now=now) >= self._daily:
            return None
        known = Releases(store.db)
        wanted = {
            artist
            for user, place in known.subscribers()
            for artist in known.artists_of(user, place, _SEVERAL)
        }
        return known.claim(sorted(wanted), now=now, until=now + _LEASE)

    async def _done(self, artist_id: int, found: list[FoundRelease], requests: int, *, again: int) -> None:
        now = self._now()

        def done(store: Store) -> None:
            ArtistErrands(store.db).spend(_BY_ARTIST, requests, now=now)
            if artist_id in store.music.artists([artist_id]):
                self._keep(store, found)
                Releases(store.db).put_off(artist_id, until=now + again)

        await self._write(done)

    def _keep(self, store: Store, found: list[FoundRelease]) -> None:
        known = Releases(store.db)
        for one in found:
            known.keep(*one)
