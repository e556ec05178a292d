"""MusicService: the recommender's public interface. All verbs are async; nothing blocks the event loop.

Reads and the pipeline run on reader threads with a read-only connection each, writes on a single writer
thread, training on its own thread. The snapshot is immutable: a verb takes the reference once, and a swap is
a single assignment.
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import numpy as np

from recommender.arrays import Floats
from recommender.audio.ear import Ear
from recommender.connections import Connections
from recommender.connections.apis import Apis
from recommender.linalg import stay_on_one_thread
from recommender.radio import RadioService
from recommender.service import permissions
from recommender.service.accounts import Links
from recommender.service.api_access import ApiAccess
from recommender.service.circles import Circles
from recommender.service.clip_memory import ClipMemory, keep
from recommender.service.communities import Communities
from recommender.service.comparisons import Comparing
from recommender.service.feature_table import KeptFeatures
from recommender.service.file_uploads import FileUploads
from recommender.service.history import Diary
from recommender.service.imports import Bringing
from recommender.service.inbox import Deliveries
from recommender.service.kept_out import KeptOut
from recommender.service.mailings import Mailings
from recommender.service.messages import Cards
from recommender.service.names import Names
from recommender.service.now_playing import Plays
from recommender.service.onboarding import Welcome
from recommender.service.permissions import Permissions
from recommender.service.policies import DEFAULT, Promotion
from recommender.service.portraits import Portraits
from recommender.service.rate_limits import RateLimits
from recommender.service.reactions import Reactions
from recommender.service.release_news import ReleaseNews
from recommender.service.replication import Replication
from recommender.service.scrobbles import Scrobbles
from recommender.service.streamed import Streamed
from recommender.service.taste_profile import taste_profile
from recommender.service.unlearning import Unlearning
from recommender.service.web_sign_ins import WebSignIns
from recommender.sessions import Sessions
from recommender.slates import answer, shown_here
from recommender.training import Progress
from recommender.training.on_spark import SparkEngine
from recommender.training.trainer import Trainer
from recommender.types import (
    Listener,
    Query,
    ServedSlate,
    TasteProfile,
)
from storage.disk import private_folder
from storage.ingest.importer import fill_starter
from storage.readers import Readers
from storage.records import Account, Community, Slate
from storage.store import Store
from storage.writer import Writer

T = TypeVar("T")


class MusicService:
    """All verbs on one database: `async with await MusicService.open(...) as music`."""

    def __init__(
        self, database: Path, *, seed: int | None, clock: Callable[[], float], policy: str, apis: Apis
    ) -> None:
        """Store the arguments; call `open` to create a service."""
        self._clock = clock
        self._rng = np.random.default_rng(seed)
        self._writer = Writer(database)
        self._readers = Readers(database)
        self._trainer = Trainer(database, self._writer, clock, apis.snapshots)
        self._unlearning = Unlearning(self._writer, self._trainer)
        self._features = KeptFeatures()
        self.names = Names(self._read, self._write, lambda: self._trainer.snapshot.tags)
        self.reactions = Reactions(self._read, self._write, self._now)
        self.promotion = Promotion(self._read, self._write, policy)
        self.communities = Communities(self._read, self._write, self._now)
        self.cards = Cards(self._read, self._write, self._now)
        self.links = Links(self._read, self._write, self._now)
        self.permissions = Permissions(self._read)
        self.deliveries = Deliveries(self._write, self._now)
        self.mailings = Mailings(self._read, self._write, self._now)
        self.kept_out = KeptOut(self._read, self._write, self._now, self._trainer.look)
        self.welcome = Welcome(self._read, lambda: self._trainer.snapshot)
        self.circles = Circles(self._read, self._write, self._now)
        self.bringing = Bringing(self._writer)
        self.access = ApiAccess(self._read, self._write, self._now)
        self.scrobbles = Scrobbles(self._writer)
        pieces = database.with_name(f"{database.name}.uploads")
        self.uploads = FileUploads(pieces, self.bringing, self._read, self._write, self._now)
        self.limits = RateLimits(clock)
        self.replication = Replication(self._read, self._write, self._now, self._unlearning.run)
        self.streamed = Streamed(self._read, self._write, self._now)
        self.ear = Ear()
        self.clips = ClipMemory(self._read, self._write)
        self.plays = Plays(self._write, self._now)
        self.diary = Diary(self._read, self._now)
        self.connections = Connections(self._writer, self._read, self._write, self._now, self._trainer, apis)
        self.releases = ReleaseNews(self._read, self._write, self.connections.new_releases)
        self.comparing = Comparing(self._read, self._write, self._clock, lambda: self._trainer.snapshot)
        self.portraits = Portraits(self._read, self._clock, lambda: self._trainer.snapshot)
        self.sessions = Sessions(self._read, self._write, self._now, lambda: self._trainer.snapshot)
        self.web = WebSignIns(self._read, self._write, self._now)

        self.radio = RadioService(
            self._read,
            self._write,
            self._now,
            lambda: self._trainer.snapshot,
            self.promotion.policy,
            lambda: int(self._rng.integers(2**62)),
        )

    @classmethod
    async def open(
        cls,
        database: Path,
        *,
        starter: Path | None = None,
        seed: int | None = None,
        clock: Callable[[], float] = time.time,
        policy: str = DEFAULT,
        learn: bool = True,
        apis: Apis | None = None,
    ) -> Self:
        """Open the database, fill an empty one from `starter`, and load the snapshot or train one.

        `seed` makes every choice repeatable; by default it comes from the operating system. Each
        slate logs its own seed either way. `clock` returns seconds since 1970. `learn=False` only
        loads an existing snapshot, for callers that train or count but do not recommend. `apis` lists
        the external services that may be called, by default none.
        """
        private_folder(database.parent)
        stay_on_one_thread()
        service = cls(database, seed=seed, clock=clock, policy=policy, apis=apis or Apis())
        try:
            if starter is not None:
                await asyncio.to_thread(fill_starter, service._writer, starter)
            await service._trainer.start(learn=learn)
        except BaseException:
            await service.close()
            raise
        return service

    async def close(self) -> None:
        """Finish pending work and close the database."""
        await self.uploads.close()
        await self.connections.close()
        await asyncio.to_thread(self.ear.close)
        await self._trainer.close()
        self._unlearning.close()
        await asyncio.to_thread(self._readers.close)
        await asyncio.to_thread(self._writer.close)

    async def __aenter__(self) -> Self:
        """Return the service."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the service."""
        await self.close()

    # --- users and names -------------------------------------------------------------------------------

    async def arrive(
        self, account: Account, community: Community | None = None, *, spoke: bool = True
    ) -> Listener:
        """Return the user of an account, created with the first message, as a member of the community.

        A user who left the community rejoins by sending a message (`spoke`), not by pressing a
        button.
        """
        met = await self._read(lambda store: store.people.met(account, community))
        if met is None:
            met = await self._write(
                lambda store: permissions.arrived(store, account, community, spoke=spoke, now=self._now())
            )
        user, place = met
        return Listener(user, place, account.platform)

    # --- recommendations --------------------------------------------------------------------------------

    async def recommend(self, query: Query, sound: Floats | None = None) -> ServedSlate:
        """Make a slate, log it, and return it with names; raise `NothingToDo` without candidates.

        `sound`: the vector of a clip, which is kept with the slate only if its user says so.
        """
        snapshot, promotion = self._trainer.snapshot, self.promotion
        self._trainer.look()
        seed, now = int(self._rng.integers(2**62)), self._clock()

        def answered(store: Store) -> tuple[Slate, ServedSlate]:
            features = self._features.of(store, snapshot) if query.features else None
            policy = promotion.policy(store)
            return answer(store, snapshot, policy, query, seed=seed, now=now, sound=sound, features=features)

        slate, served = await self._read(answered)

        def logged(store: Store) -> int:
            slate_id = store.slates.add(slate).id or 0
            keep(store, slate_id, sound)
            return slate_id

        return replace(served, id=await self._write(logged))

    async def shown(self, slate_id: int) -> None:
        """Mark a slate as shown, once the platform accepted the message; training ignores other slates."""
        await self._write(lambda store: store.slates.stamp_shown(slate_id, now=self._now()))

    async def slate(self, listener: Listener, slate_id: int | None = None) -> ServedSlate:
        """Return a slate, by default the newest shown here, with this user's verdicts.

        Its explanations are included in the chat that showed it, and for its owner in private.
        """
        return await self._read(lambda store: shown_here(store, listener, slate_id))

    # --- user data -------------------------------------------------------------------------------------

    async def profile(self, listener: Listener) -> TasteProfile:
        """Return the user's taste profile."""
        snapshot = self._trainer.snapshot
        return await self._read(lambda store: taste_profile(store, snapshot, listener.user_id, self._clock()))

    async def export(self, listener: Listener) -> dict[str, Any]:
        """Return all stored data about the user, ready for JSON."""
        return await self._read(lambda store: store.people.export(listener.user_id))

    async def forget(self, listener: Listener) -> dict[str, int]:
        """Erase the user: the facts at once, then everything learned from them. Returns the counts erased."""
        await self.connections.release(listener)
        await self.uploads.release(listener)
        counts = await self._write(lambda store: store.people.forget(listener.user_id, now=self._now()))
        await self._unlearning.run()
        return counts

    async def stats(self) -> dict[str, Any]:
        """Return the database's counts and the snapshot's figures."""
        counts = await self._read(lambda store: {**store.music.counts(), **store.log.counts()})
        return {**counts, "snapshot": self._trainer.figures(), "trains": self._trainer.is_training}

    async def train(
        self, progress: Progress | None = None, engine: SparkEngine | None = None
    ) -> dict[str, Any]:
        """Train on all stored facts, on more machines with an `engine`; return the snapshot's figures."""
        return await self._trainer.train(progress, engine)

    async def rebuilt(self) -> dict[str, Any]:
        """Compare the learned policy with a replay of the log; see `Trainer.rebuilt`."""
        return await self._trainer.rebuilt()

    async def reload(self) -> dict[str, Any]:
        """Load the newest snapshot from disk, which another process may have written; return its figures."""
        return await self._trainer.reload()

    def now(self) -> int:
        """Return the time in seconds since 1970, by the service's clock."""
        return self._now()

    # --- threads ----------------------------------------------------------------------------------------

    def _now(self) -> int:
        return int(self._clock())

    async def _write(self, work: Callable[[Store], T]) -> T:
        return await _answer(self._writer.write(work))

    async def _read(self, work: Callable[[Store], T]) -> T:
        return await _answer(self._readers.read(work))


async def _answer(future: Future[T]) -> T:
    return await asyncio.wrap_future(future)
