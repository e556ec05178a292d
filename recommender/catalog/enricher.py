"""Enricher: looks up missing ids, years, tags and covers of songs in the background.

Songs that users were shown or heard come first.  The queue is in the database, so that a restart resumes it
and two processes share the work; a service that asks for a pause gets it.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

from recommender.catalog.background import keep_asking
from recommender.catalog.errands import Service, keep
from recommender.errors import NotKnown, Unavailable
from storage.errors import UnknownIdError
from storage.records import Subject, Track
from storage.services.outside import Outside
from storage.store import Store
from storage.users.communities import Communities as Places
from storage.work import RunsWork

T = TypeVar("T")

_LEASE = 600
_AT_ONCE = 50  # songs added to the queue at a time
_NEVER_MIND = 180 * 86_400


class Enricher:
    """One task per service, from `start` to `close`."""

    def __init__(
        self,
        read: RunsWork,
        write: RunsWork,
        now: Callable[[], int],
        services: Sequence[Service],
        *,
        first_after: float = 10.0,
        rest: float = 30.0,
    ) -> None:
        """Wait `first_after` seconds before the first question, `rest` seconds when the queue is empty."""
        self._read, self._write, self._now = read, write, now
        self._services = tuple(services)
        self._first_after, self._rest = first_after, rest
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Start asking."""
        if not self._tasks:
            self._tasks = [asyncio.create_task(self._serve(one), name=one.name) for one in self._services]

    async def close(self) -> None:
        """Stop; unanswered questions stay in the queue."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        for service in self._services:
            await asyncio.to_thread(service.close)

    async def _serve(self, service: Service) -> None:
        await asyncio.sleep(self._first_after)
        await keep_asking(service.name, lambda: self.once(service), rest=self._rest)

    async def once(self, service: Service) -> bool:
        """Ask a service about the next song; return False if the queue is empty."""
        claimed = await self._write(lambda store: self._claimed(store, service))
        if claimed is None:
            return False
        track, ids = claimed
        again = _NEVER_MIND
        try:
            found = await asyncio.to_thread(service.look, track, ids)
        except Unavailable:
            await self._write(
                lambda store: Outside(store.db).set_errand(service.name, track.id, at=self._now())
            )
            raise
        except NotKnown:
            found = None
        if found is not None:
            again = found.again_after

        def kept(store: Store) -> None:
            now = self._now()
            if found is not None and track.id in store.music.tracks([track.id]):
                keep(store, track, service.name, found, now=now)
            Outside(store.db).set_errand(service.name, track.id, at=now + again)

        await self._write(kept)
        return True

    def _claimed(self, store: Store, service: Service) -> tuple[Track, dict[str, str]] | None:
        outside, name, now = Outside(store.db), service.name, self._now()
        claimed = outside.claim_errand(name, now=now, until=now + _LEASE)
        if claimed is None:
            outside.add_errands(name, outside.unasked(name, _AT_ONCE, needs=service.needs), at=now)
            claimed = outside.claim_errand(name, now=now, until=now + _LEASE)
        if claimed is None:
            return None
        try:
            track = store.music.track(claimed)
        except UnknownIdError:  # deleted a moment ago
            return None
        subject, artist = Subject(track.artist_id, track.id), Subject(track.artist_id)
        links = Places(store.db).links([subject, artist])
        ids = dict(links.get(subject, {}))
        if mbid := links.get(artist, {}).get("mbid"):
            ids["artist_mbid"] = mbid
        return track, ids
