"""MusicService: the only door to the recommender.  Async verbs; the event loop never computes or waits.

Reads and the pipeline run on the reader threads, each with a read-only connection of its own; writes go to
the one writer thread; training runs on a thread of its own.  The snapshot is a frozen thing behind one
reference: a verb takes it once, and swapping it is one assignment.
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

from recommender.catalog.resolve import decade_named, song_of
from recommender.connections import Connections
from recommender.connections.apis import Apis
from recommender.errors import NothingToDo, NotKnown
from recommender.service import reactions
from recommender.service.accounts import Links
from recommender.service.circles import Circles
from recommender.service.communities import Communities
from recommender.service.comparisons import Comparing
from recommender.service.history import Diary
from recommender.service.imports import Bringing
from recommender.service.inbox import Deliveries
from recommender.service.messages import Cards
from recommender.service.name_search import completed, meant
from recommender.service.now_playing import Plays
from recommender.service.onboarding import Welcome
from recommender.service.policies import DEFAULT, Promotion
from recommender.service.taste_profile import taste_profile
from recommender.sessions import Sessions
from recommender.slates import answer, serve, verdicts_of
from recommender.training import Progress
from recommender.training.trainer import FORGOTTEN, Trainer
from recommender.types import (
    Listener,
    Query,
    Resolution,
    ServedSlate,
    Song,
    TasteProfile,
)
from storage.importer import fill_starter
from storage.readers import Readers
from storage.records import Account, Community, HistoryLine, Kind, Subject
from storage.store import Store
from storage.writer import Writer

T = TypeVar("T")


class MusicService:
    """Opinions about music for the people of one database: `async with await MusicService.open(...)`."""

    def __init__(
        self, database: Path, *, seed: int | None, clock: Callable[[], float], policy: str, apis: Apis
    ) -> None:
        """Use `open`; this only takes the arguments."""
        self._clock = clock
        self._rng = np.random.default_rng(seed)
        self._writer = Writer(database)
        self._readers = Readers(database)
        self._trainer = Trainer(database, self._writer, clock)
        self.promotion = Promotion(self._read, self._write, policy)
        self.communities = Communities(self._read, self._write, self._now)
        self.cards = Cards(self._read, self._write, self._now)
        self.links = Links(self._read, self._write, self._now)
        self.deliveries = Deliveries(self._write, self._now)
        self.welcome = Welcome(self._read, lambda: self._trainer.snapshot)
        self.circles = Circles(self._read, self._write, self._now)
        self.bringing = Bringing(self._writer)
        self.plays = Plays(self._write, self._now)
        self.diary = Diary(self._read, self._now)
        self.connections = Connections(self._writer, self._read, self._write, self._now, self._trainer, apis)
        self.comparing = Comparing(self._read, self._write, self._clock, lambda: self._trainer.snapshot)
        self.sessions = Sessions(self._read, self._write, self._now, lambda: self._trainer.snapshot)

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

        `seed` makes every choice repeatable; without it the operating system's randomness is used.  Each
        slate logs its own seed either way.  `clock` returns seconds since 1970.  `learn=False` only loads a
        snapshot, for somebody who wants to count or to train, not to be recommended anything.  `apis` says
        which services elsewhere may be asked; by default none.
        """
        database.parent.mkdir(parents=True, exist_ok=True)
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
        """Finish what was promised and let go of the database."""
        await self.connections.close()
        await self._trainer.close()
        await asyncio.to_thread(self._readers.close)
        await asyncio.to_thread(self._writer.close)

    async def __aenter__(self) -> Self:
        """Return itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        await self.close()

    # --- people and names -------------------------------------------------------------------------------

    async def arrive(self, account: Account, community: Community | None = None) -> Listener:
        """Greet whoever speaks: the first message makes the user, and a member of the place."""

        def known(store: Store) -> Listener:
            user = store.people.ensure(account, now=self._now())
            place = None
            if community is not None:
                place = store.people.ensure_community(community)
                store.people.join(place, user, now=self._now())
            return Listener(user, place, account.platform)

        return await self._write(known)

    async def resolve(self, text: str, place: int | None = None) -> Resolution:
        """Find what a name, "artist - title", link or ISRC means; nothing near gives an empty resolution.

        Nothing is offered that the `place` (a community) bars; what was named without doubt is found.
        """
        return await self._read(lambda store: meant(store, text, place))

    async def complete(self, text: str, n: int = 25, place: int | None = None) -> list[Song]:
        """Return songs and artists for half a name, as somebody types; nothing that the `place` bars."""
        return await self._read(lambda store: completed(store, text, n, place))

    async def song(self, subject: Subject) -> Song:
        """Return a song or artist by name; `NotKnown` if it is not in the catalogue."""
        try:
            return await self._read(lambda store: song_of(store, subject))
        except KeyError as error:
            raise NotKnown("That song is no longer in the catalogue. Search for it by name.") from error

    async def add(self, artist: str, title: str | None) -> Song:
        """Put a song that nobody knows yet into the catalogue; an existing one is returned as it is."""

        def added(store: Store) -> Song:
            artist_id = store.music.ensure_artist(artist)
            track_id = store.music.ensure_track(artist_id, title) if title else None
            return song_of(store, Subject(artist_id, track_id))

        return await self._write(added)

    async def find_tag(self, name: str) -> str | None:
        """Return the genre, mood or decade that a word means, None if there is none like it."""
        if (decade := decade_named(name)) in self._trainer.snapshot.tags:
            return decade
        return await self._read(lambda store: store.music.find_tag(name))

    # --- reactions --------------------------------------------------------------------------------------

    async def react(self, listener: Listener, subject: Subject, kind: Kind, *, key: str) -> bool:
        """Record a like, dislike, skip, block or unblock said in words.

        `key` names the message, so that one delivered twice counts once.  Returns False where that very
        verdict stands already.
        """
        return await self._write(
            lambda store: reactions.record(store, listener, subject, kind, key=key, now=self._now())
        )

    async def press(
        self, listener: Listener, slate_id: int, position: int, kind: Kind, *, key: str
    ) -> Kind | None:
        """Press a button under a song: it sets the verdict; pressed again, it takes it back.

        Returns the verdict that stands now.  The same `key` twice is one press.  Raises `NotKnown` if there
        is no such song.
        """
        return await self._write(
            lambda store: reactions.press(store, listener, slate_id, position, kind, key=key, now=self._now())
        )

    async def undo(self, listener: Listener, *, key: str) -> HistoryLine:
        """Take back the last thing the listener said; `NothingToDo` if there is nothing."""
        return await self._write(lambda store: reactions.undo(store, listener, key=key, now=self._now()))

    # --- recommendations --------------------------------------------------------------------------------

    async def recommend(self, query: Query) -> ServedSlate:
        """Make a slate, log it, and return it with names; `NothingToDo` where nothing fits."""
        snapshot, promotion = self._trainer.snapshot, self.promotion
        self._trainer.look()
        seed, now = int(self._rng.integers(2**62)), self._clock()
        slate, served = await self._read(
            lambda store: answer(store, snapshot, promotion.policy(store), query, seed=seed, now=now)
        )
        slate_id = await self._write(lambda store: store.log.add_slate(slate).id)
        return replace(served, id=slate_id or 0)

    async def shown(self, slate_id: int) -> None:
        """Stamp a slate as shown: the platform has taken the message.  One nobody saw teaches nothing."""
        await self._write(lambda store: store.log.stamp_shown(slate_id, now=self._now()))

    async def slate(self, listener: Listener, slate_id: int | None = None) -> ServedSlate:
        """Return that slate, or the newest shown here, with this listener's verdicts on it."""

        def found(store: Store) -> ServedSlate:
            if slate_id is None:
                slate = store.log.last_slate(listener.user_id, listener.community_id)
            else:
                slate = store.log.slate(slate_id)
            if slate is None:
                raise NothingToDo("There is no list of songs yet. Type /recommend to get one.")
            return serve(store, slate, verdicts_of(store, listener.user_id))

        return await self._read(found)

    # --- what is known of a person ----------------------------------------------------------------------

    async def history(self, listener: Listener, n: int = 10, before: int | None = None) -> list[HistoryLine]:
        """Return the listener's log, newest first, in pages of `n`."""
        return await self._read(lambda store: store.log.history(listener.user_id, n, before))

    async def profile(self, listener: Listener) -> TasteProfile:
        """Return what is known of the listener's taste."""
        snapshot = self._trainer.snapshot
        return await self._read(lambda store: taste_profile(store, snapshot, listener.user_id, self._clock()))

    async def export(self, listener: Listener) -> dict[str, Any]:
        """Return everything stored about the listener, ready for JSON."""
        return await self._read(lambda store: store.people.export(listener.user_id))

    async def forget(self, listener: Listener) -> dict[str, int]:
        """Erase the listener everywhere: the facts at once, then what was learned from them."""

        def forgotten(store: Store) -> dict[str, int]:
            store.people.set_setting("app", 0, FORGOTTEN, str(self._clock()))
            return store.people.forget(listener.user_id)

        await self.connections.release(listener)
        counts = await self._write(forgotten)
        await self._trainer.train(afresh=True)
        return counts

    async def stats(self) -> dict[str, Any]:
        """Return the counts of the database and the figures of the snapshot."""
        counts = await self._read(lambda store: {**store.music.counts(), **store.log.counts()})
        return {**counts, "snapshot": self._trainer.figures()}

    async def train(self, progress: Progress | None = None) -> dict[str, Any]:
        """Learn from everything stored; return the figures of the new snapshot."""
        return await self._trainer.train(progress)

    async def rebuilt(self) -> dict[str, Any]:
        """Compare what the policy has learned with what the log says; see `Trainer.rebuilt`."""
        return await self._trainer.rebuilt()

    async def reload(self) -> dict[str, Any]:
        """Take the newest snapshot on disk, which another process may have made; return its figures."""
        return await self._trainer.reload()

    # --- threads ----------------------------------------------------------------------------------------

    def _now(self) -> int:
        return int(self._clock())

    async def _write(self, work: Callable[[Store], T]) -> T:
        return await _answer(self._writer.write(work))

    async def _read(self, work: Callable[[Store], T]) -> T:
        return await _answer(self._readers.read(work))


async def _answer(future: Future[T]) -> T:
    return await asyncio.wrap_future(future)
