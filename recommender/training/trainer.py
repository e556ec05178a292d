"""Trainer: loads, trains and swaps the snapshot, and decides when a training is due."""

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from recommender import training
from recommender.errors import NotReady
from recommender.snapshot import Snapshot, files
from recommender.training import audit, process, published, usable
from recommender.training.facts import due
from recommender.training.on_spark import SparkEngine
from storage.catalogue.credits import Credits
from storage.listening.exclusions import Exclusions
from storage.store import Store
from storage.writer import Writer

WATCH_SECONDS = 5.0
"""Seconds until a process notices another process's erasure."""
_LOOK_EVERY = 30.0  # seconds between checks whether a training is due
_SLICE = 5_000  # user counts stored per transaction
_LARGE = 50_000  # tracks, artists and events; a larger training takes longer than starting a process

log = logging.getLogger(__name__)


class Trainer:
    """Holds one database's current snapshot; a training replaces it in a single assignment."""

    def __init__(
        self, database: Path, writer: Writer, clock: Callable[[], float], published: str = ""
    ) -> None:
        """Keep snapshots beside the database, in a folder with the database's name plus `.models`.

        `published`: where another machine publishes what it learns; then nothing is learned here while that
        can be had.
        """
        self._published = published
        self._database = database
        self._folder = database.with_name(database.name + ".models")
        self._writer = writer
        self._clock = clock
        self._snapshot: Snapshot | None = None
        self._lock = asyncio.Lock()
        self._background: asyncio.Task[None] | None = None
        self._is_apart = False  # whether a child process trains
        self._looked = 0.0
        self._watch: asyncio.Task[None] | None = None

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot to recommend from; take it once per request. Raises `NotReady` before the first."""
        if self._snapshot is None:
            raise NotReady("I am still learning the catalogue. Try again in a moment.")
        return self._snapshot

    @property
    def is_training(self) -> bool:
        """Whether a training runs, or a snapshot is being loaded."""
        return self._lock.locked()

    def figures(self) -> dict[str, Any] | None:
        """Return the current snapshot's figures, None before the first."""
        return None if self._snapshot is None else self._snapshot.figures()

    async def start(self, *, learn: bool = True) -> None:
        """Load the last snapshot; without a usable one, train if `learn`."""
        try:
            self._snapshot = await asyncio.to_thread(self._load)
        except NotReady as reason:
            if learn:
                log.info("training, because: %s", reason)
                await self._renew()
        else:
            if learn:
                self.look()
        if learn:
            self._watch = asyncio.create_task(self._keep_watching(), name="erasures")

    async def train(
        self, progress: training.Progress | None = None, engine: SparkEngine | None = None
    ) -> dict[str, Any]:
        """Train on all stored facts; return the new snapshot's figures and the seconds taken.

        With an `engine` of more machines the training runs in this process.
        """
        async with self._lock:
            began = time.perf_counter()
            now = self._clock()
            # A second earlier than the snapshot: what is settled here, the snapshot knows.
            await asyncio.wrap_future(self._writer.write(lambda store: _settle(store, int(now) - 1)))
            fresh = await self._learn(self._snapshot, progress, now, engine)
            await asyncio.to_thread(self._count, fresh)
            await asyncio.to_thread(fresh.worked_out)
            self._snapshot = fresh
            self._looked = time.monotonic()  # the training just done needs no check
            return {**fresh.figures(), "seconds": round(time.perf_counter() - began, 3)}

    async def forget(self) -> None:
        """Remove an erased user's data: delete the snapshot files at once, and train again."""
        await asyncio.to_thread(files.remove, self._folder)
        await self.train()

    async def reload(self) -> dict[str, Any]:
        """Load the snapshot from disk; raise `NotReady` and keep the old one if it is unusable."""
        async with self._lock:
            self._snapshot = await asyncio.to_thread(self._load)
            return self._snapshot.figures()

    async def rebuilt(self) -> dict[str, Any]:
        """Rebuild the policy's state from the log alone; return its differences from the snapshot."""
        snapshot = self.snapshot
        return await asyncio.to_thread(audit.compare, self._database, snapshot)

    def look(self) -> bool:
        """Check in the background whether a training is due; return False if it is too soon for that."""
        now = time.monotonic()
        if self._looked and now - self._looked < _LOOK_EVERY:
            return False
        if self._background is not None and not self._background.done():
            return False
        self._looked = now
        self._background = asyncio.create_task(self._train_if_due())
        return True

    async def close(self) -> None:
        """Stop a running training: at once in a child process, after it finishes in this one."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.wait([self._watch])
        if self._background is not None:
            if self._is_apart:
                self._background.cancel()
            await asyncio.wait([self._background])

    async def _train_if_due(self) -> None:
        """Train if enough has changed; on failure log the error and keep the old snapshot."""
        try:
            if self._published:
                await self._follow()
            elif await asyncio.to_thread(self._due):
                await self.train()
        except Exception:
            log.exception("training failed; the snapshot of before stays in use")

    async def _keep_watching(self) -> None:
        """Follow other processes' erasures: load their newer snapshot, or train again."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            try:
                if await asyncio.to_thread(process.erasures, self._database) != self.snapshot.erasures:
                    await self._renew()
            except Exception:
                log.exception("the snapshot could not be renewed after an erasure")

    async def _renew(self) -> None:
        """Load the newest snapshot from disk, else take over the published one, else train."""
        try:
            await self.reload()
        except NotReady:
            if not await self._follow():
                await self.train()

    async def _follow(self) -> bool:
        """Take over the published snapshot if it is newer; tell whether one is in use then."""
        if not self._published:
            return False
        async with self._lock:
            known = "" if self._snapshot is None else self._snapshot.version
            try:
                fresh = await asyncio.to_thread(
                    published.fetch, self._database, self._folder, self._published, self._writer, known=known
                )
            except (NotReady, OSError) as reason:
                log.warning("the published snapshot is not taken over: %s", reason)
                return False
            if fresh is not None:
                self._snapshot = await asyncio.to_thread(fresh.worked_out)
            return True

    def _due(self) -> bool:
        with Store.open(self._database, readonly=True) as store:
            return due(store, self.snapshot, now=self._clock())

    def _load(self) -> Snapshot:
        return usable.load(self._database, self._folder).worked_out()

    async def _learn(
        self,
        previous: Snapshot | None,
        progress: training.Progress | None,
        now: float,
        engine: SparkEngine | None,
    ) -> Snapshot:
        if engine is not None or not await asyncio.to_thread(self._is_large):
            return await asyncio.to_thread(
                process.learn,
                self._database,
                self._folder,
                now=now,
                previous=previous,
                progress=progress,
                engine=engine,
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
        """Store the number of users per item, in slices, so that likes never wait behind 100,000 tracks."""
        artists = training.listeners(snapshot.artists)
        tracks = training.listeners(snapshot.tracks)
        while self._writer.write(
            lambda store: store.music.set_listeners(artists, tracks, at_most=_SLICE)
        ).result():
            pass


def _settle(store: Store, now: int) -> None:
    Credits(store.db).settle()
    Exclusions(store.db).settle(now=now)
