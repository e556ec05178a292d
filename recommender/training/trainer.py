"""Trainer: keeps the snapshot fresh; loads it, makes it, swaps it, and knows when that is due."""

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from recommender import training
from recommender.errors import NotReady
from recommender.snapshot import Snapshot, files
from recommender.training import audit, process, usable
from recommender.training.facts import due
from storage.credits import Credits
from storage.store import Store
from storage.writer import Writer

WATCH_SECONDS = 5.0
"""How soon a process notices that another one has erased somebody."""
_LOOK_EVERY = 30.0  # seconds between looks whether a training is due
_SLICE = 5_000  # listener counts stored in one transaction
_LARGE = 50_000  # songs, artists and events: a training of more takes longer than a process to start

log = logging.getLogger(__name__)


class Trainer:
    """Holds the current snapshot of one database; a training replaces it in one assignment."""

    def __init__(self, database: Path, writer: Writer, clock: Callable[[], float]) -> None:
        """Snapshots live beside the database, in a folder of its name with `.models` behind it."""
        self._database = database
        self._folder = database.with_name(database.name + ".models")
        self._writer = writer
        self._clock = clock
        self._snapshot: Snapshot | None = None
        self._lock = asyncio.Lock()
        self._background: asyncio.Task[None] | None = None
        self._is_apart = False  # whether what trains now is another process
        self._looked = 0.0
        self._watch: asyncio.Task[None] | None = None

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot to recommend from; take it once per ask.  `NotReady` before the first."""
        if self._snapshot is None:
            raise NotReady("I am still learning the catalogue. Try again in a moment.")
        return self._snapshot

    def figures(self) -> dict[str, Any] | None:
        """Return the figures of the current snapshot, None before the first."""
        return None if self._snapshot is None else self._snapshot.figures()

    async def start(self, *, learn: bool = True) -> None:
        """Load the snapshot of last time; where there is none that may be used, train if `learn`."""
        try:
            self._snapshot = await asyncio.to_thread(self._load)
        except NotReady as reason:
            if learn:
                log.info("training, because: %s", reason)
                await self.train()
        else:
            if learn:
                self.look()
        if learn:
            self._watch = asyncio.create_task(self._keep_watching(), name="erasures")

    async def train(self, progress: training.Progress | None = None) -> dict[str, Any]:
        """Learn from everything stored; return the figures of the new snapshot and the seconds it took."""
        async with self._lock:
            began = time.perf_counter()
            await asyncio.wrap_future(self._writer.write(lambda store: Credits(store.db).settle()))
            fresh = await self._learn(self._snapshot, progress, self._clock())
            await asyncio.to_thread(self._count, fresh)
            self._snapshot = fresh
            self._looked = time.monotonic()  # what was just learned is not due again
            return {**fresh.figures(), "seconds": round(time.perf_counter() - began, 3)}

    async def forget(self) -> None:
        """Remove what was learned from somebody who has been erased, the files at once, and learn anew."""
        await asyncio.to_thread(files.remove, self._folder)
        await self.train()

    async def reload(self) -> dict[str, Any]:
        """Take the snapshot on disk; `NotReady`, and the old one stays, where it may not be used."""
        async with self._lock:
            self._snapshot = await asyncio.to_thread(self._load)
            return self._snapshot.figures()

    async def rebuilt(self) -> dict[str, Any]:
        """Learn what the policy knows again from the log alone; tell how far that is from the snapshot."""
        snapshot = self.snapshot
        return await asyncio.to_thread(audit.compare, self._database, snapshot)

    def look(self) -> None:
        """See, now and then, whether enough has changed for a training in the background."""
        now = time.monotonic()
        if self._looked and now - self._looked < _LOOK_EVERY:
            return
        if self._background is not None and not self._background.done():
            return
        self._looked = now
        self._background = asyncio.create_task(self._train_if_due())

    async def close(self) -> None:
        """End a training that is under way: in another process at once, here when it is done."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.wait([self._watch])
        if self._background is not None:
            if self._is_apart:
                self._background.cancel()
            await asyncio.wait([self._background])

    async def _train_if_due(self) -> None:
        """Train when enough has changed; a training that fails is logged and the old snapshot stays."""
        try:
            if await asyncio.to_thread(self._due):
                await self.train()
        except Exception:
            log.exception("training failed; the snapshot of before stays in use")

    async def _keep_watching(self) -> None:
        """Let go of whoever another process erases: take what it has learned since, or learn anew."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            try:
                if await asyncio.to_thread(process.erasures, self._database) != self.snapshot.erasures:
                    await self._renew()
            except Exception:
                log.exception("the snapshot could not be renewed after an erasure")

    async def _renew(self) -> None:
        try:
            await self.reload()
        except NotReady:
            await self.train()

    def _due(self) -> bool:
        with Store.open(self._database, readonly=True) as store:
            return due(store, self.snapshot, now=self._clock())

    def _load(self) -> Snapshot:
        return usable.load(self._database, self._folder)

    async def _learn(
        self, previous: Snapshot | None, progress: training.Progress | None, now: float
    ) -> Snapshot:
        if not await asyncio.to_thread(self._is_large):
            return await asyncio.to_thread(
                process.learn,
                self._database,
                self._folder,
                now=now,
                previous=previous,
                progress=progress,
            )
        self._is_apart = True
        try:
            version = "" if previous is None else previous.version
            return await process.learn_apart(
                self._database, self._folder, now=now, previous=version, progress=progress
            )
        finally:
            self._is_apart = False

    def _is_large(self) -> bool:
        with Store.open(self._database, readonly=True) as store:
            counts = store.music.counts()
            return store.log.last_event_id() + counts["artists"] + counts["tracks"] > _LARGE

    def _count(self, snapshot: Snapshot) -> None:
        """Store how many people like what, in slices, so that nobody's like waits behind 100,000 songs."""
        artists = training.listeners(snapshot.artists.listening)
        tracks = training.listeners(snapshot.tracks.listening)
        while self._writer.write(
            lambda store: store.music.set_listeners(artists, tracks, at_most=_SLICE)
        ).result():
            pass
