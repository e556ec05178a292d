"""Connections: listening services that users connect, read in the background while connected.

`connect` checks the account, stores the connection and starts reading; `watch` reads every due connection
while the process runs. The database decides which process reads a connection, so that a bot and a terminal
can share one.
"""

import asyncio
import json
import logging
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from recommender.catalog.cover_images import CoverImages
from recommender.catalog.enricher import Enricher
from recommender.catalog.lookup import Lookup
from recommender.catalog.lookup.lookup_service import LookupService
from recommender.catalog.lookup.spotify_search import SpotifySearch
from recommender.catalog.new_releases import NewReleases
from recommender.catalog.similar_artists import SimilarArtists
from recommender.catalog.spotify import SpotifyCatalogue
from recommender.connections.apis import Apis
from recommender.connections.live import LEASE, Disconnected, Reading
from recommender.connections.source import Source
from recommender.connections.spotify import SpotifyPeople
from recommender.errors import MusicError, NothingToDo, NotKnown, Unavailable
from recommender.training.trainer import Trainer
from recommender.types import Listener
from storage.records import Account
from storage.services.connections import Connection
from storage.services.connections import Connections as Kept
from storage.services.outside import Outside
from storage.store import Store
from storage.users.erasures import Erasures
from storage.work import RunsWork
from storage.writer import Writer

T = TypeVar("T")
log = logging.getLogger(__name__)

_LOOK_EVERY = 5.0  # seconds between checks for due connections
_SWEEP_EVERY = 3600  # seconds between erasures of expired data
_AT_ONCE = 4  # connections read in parallel
_LONGEST_PAUSE = 6 * 3600
_NAME = re.compile(r"[^\s/?#&]{1,64}")


@dataclass(frozen=True, slots=True)
class Linked:
    """A connection as shown to its owner."""

    source: str  # as typed
    title: str  # as displayed
    name: str
    listens: int  # stored so far
    total: int  # reported by the service
    is_reading: bool  # the history is incomplete
    problem: MusicError | None


def _nothing_from(service: str, brought: Iterable[str]) -> NothingToDo:
    if known := ", ".join(sorted(brought)):
        return NothingToDo('Nothing came from "{}". What you brought: {}.', service, known)
    return NothingToDo('Nothing came from "{}". /connect shows what can.', service)


class Connections:
    """Verbs on listening services: `music.connections`."""

    def __init__(
        self,
        writer: Writer,
        read: RunsWork,
        write: RunsWork,
        now: Callable[[], int],
        trainer: Trainer,
        apis: Apis,
    ) -> None:
        """`read` and `write` run work on the threads of the service; `now` returns seconds since 1970."""
        self._writer = writer
        self._read = read
        self._write = write
        self._now = now
        self._trainer = trainer
        self._apis = apis
        self._sources = apis.sources()
        self.catalogue = SpotifyCatalogue(read, write, now, apis.spotify_catalogue())
        self.spotify = SpotifyPeople(
            writer, read, write, now, self.catalogue, apis.spotify_app(), apis.vault()
        )
        brainz = apis.musicbrainz()
        self.enricher = Enricher(read, write, now, apis.enrichers(brainz))
        self.covers = CoverImages(apis.cover_art_base if apis.enriches else "")
        self.similar_artists = SimilarArtists(
            write, now, trainer.look, apis.listenbrainz_data(), brainz, daily=apis.listenbrainz_daily
        )
        self.new_releases = NewReleases(
            read,
            write,
            now,
            apis.fresh_releases(),
            brainz if apis.enriches and apis.releases_daily else None,
            daily=apis.releases_daily,
        )
        keyless = [LookupService(client, read, write, now) for client in apis.clients(brainz)]
        self.lookup = Lookup([SpotifySearch(self.catalogue), *keyless], apis.pages(), write, now)
        self._readings: dict[tuple[int, str], asyncio.Task[None]] = {}
        self._swept_at = 0
        self._watch: asyncio.Task[None] | None = None
        self._room = asyncio.Semaphore(_AT_ONCE)

    @property
    def offered(self) -> tuple[tuple[str, str], ...]:
        """The services that can be connected here, as (name as typed, title)."""
        return tuple((source.name, source.title) for source in self._sources.values())

    async def connect(self, listener: Listener, account: Account, service: str, name: str) -> Linked:
        """Connect a user to their account at a service, and start reading.

        Raises `NotKnown` for an unknown service or account, `Unavailable` if the service does not
        answer.
        """
        source = self._source(service)
        if not _NAME.fullmatch(name):
            raise NotKnown("Say your name at {}: /connect {} NAME.", source.title, source.name)
        total, now = await asyncio.to_thread(source.count, name), self._now()
        await self._stop(listener.user_id, source.name)
        wanted = Connection(
            listener.user_id,
            source.name,
            name,
            account.platform,
            account.external_id,
            now,
            newest_at=0,
            oldest_at=now + 1,
            listens=0,
            total=total,
            looked_closely_at=0,
            failures=0,
            problem="",
        )
        kept = await self._write(lambda store: Kept(store.db).add(wanted, next_at=now + LEASE))
        self._begin(kept)
        return self._told(kept)

    async def disconnect(self, listener: Listener, service: str) -> dict[str, int]:
        """Erase everything imported from a service or kind of file, connected or not; return the counts.

        The facts go at once, and the models forget them before this returns. Raises `NothingToDo` if
        there is nothing to erase.
        """
        await self._stop(listener.user_id, service)

        def erased(store: Store) -> dict[str, int]:
            known = Kept(store.db)
            brought = store.listens.sources(listener.user_id).keys() - store.people.chats()
            if known.find(listener.user_id, service) is None and service not in brought:
                raise _nothing_from(service, brought)
            counts = known.remove(listener.user_id, service)
            if counts["events"] or counts.get("taggings"):
                Erasures(store.db).note()
            return counts

        counts = await self._write(erased)
        if counts["events"] or counts.get("taggings"):
            await self._trainer.forget()
        return counts

    async def release(self, listener: Listener) -> None:
        """Stop reading for a user who is about to be erased."""
        for user_id, source in list(self._readings):
            if user_id == listener.user_id:
                await self._stop(user_id, source)

    async def of(self, listener: Listener) -> list[Linked]:
        """Return the user's connections with their progress."""
        found = await self._read(lambda store: Kept(store.db).of(listener.user_id))
        return [self._told(connection) for connection in found]

    async def settled(self, listener: Listener, service: str, seconds: float) -> Linked:
        """Wait at most `seconds` for a reading to end; return its progress."""
        task = self._readings.get((listener.user_id, service))
        if task is not None:
            await asyncio.wait([task], timeout=seconds)
        for linked in await self.of(listener):
            if linked.source == service:
                return linked
        raise NothingToDo("{} is not connected any more. /connect shows what is.", service)

    # --- background -------------------------------------------------------------------------------------

    def watch(self) -> None:
        """Read due connections and look tracks up, until `close`."""
        self.enricher.start()
        self.similar_artists.start()
        self.new_releases.start()
        if self._sources and self._watch is None:
            self._watch = asyncio.create_task(self._keep_watching(), name="connections")

    async def close(self) -> None:
        """Stop reading; stored listens stay, and the next start reads the rest."""
        tasks = [task for task in (self._watch, *self._readings.values()) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._watch = None
        for source in self._sources.values():
            await asyncio.to_thread(source.close)
        await self.spotify.close()
        await self.lookup.close()
        await self.covers.close()
        await self.catalogue.close()
        await self.new_releases.close()
        await self.similar_artists.close()
        await self.enricher.close()

    async def _keep_watching(self) -> None:
        while True:
            try:
                for connection in await self._write(self._claimed):
                    self._begin(connection)
            except Exception:
                log.exception("connections could not be looked at")
            await asyncio.sleep(min(_LOOK_EVERY, self._apis.poll_seconds))

    def _claimed(self, store: Store) -> list[Connection]:
        now = self._now()
        if now - self._swept_at >= _SWEEP_EVERY:
            self._swept_at = now
            Outside(store.db).expire(now=now)
        return Kept(store.db).claim(json.dumps(list(self._sources)), now=now, until=now + LEASE)

    def _begin(self, connection: Connection) -> None:
        key = (connection.user_id, connection.source)
        if key not in self._readings:
            name = f"{connection.source}-{connection.user_id}"
            task = self._readings[key] = asyncio.create_task(self._bring(connection), name=name)
            task.add_done_callback(lambda _: self._readings.pop(key, None))

    async def _bring(self, connection: Connection) -> None:
        reading = Reading(self._writer, self._sources[connection.source], connection)
        now, every = self._now(), self._apis.poll_seconds
        try:
            async with self._room:
                if await reading.run(now=now, every=every):
                    self._trainer.look()
        except asyncio.CancelledError:
            await self._write(lambda store: Kept(store.db).look_again(connection, at=now))
            raise
        except Disconnected:
            log.info("a connection ended while it was read")
        except MusicError as error:
            await self._stumbled(connection, error)
        except Exception as error:
            log.exception("%s of user %d could not be read", connection.source, connection.user_id)
            await self._stumbled(connection, error)

    async def _stumbled(self, connection: Connection, error: Exception) -> None:
        known = error if isinstance(error, MusicError) else MusicError("Something went wrong; I try again.")
        problem = known.to_json()
        pause = min(_LONGEST_PAUSE, self._apis.poll_seconds * 2 ** min(connection.failures, 10))
        if isinstance(error, Unavailable):
            pause = max(pause, int(error.retry_after))
        at = self._now() + pause
        await self._write(lambda store: Kept(store.db).stumble(connection, problem, next_at=at))

    async def _stop(self, user_id: int, source: str) -> None:
        task = self._readings.get((user_id, source))
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    # --- wording ----------------------------------------------------------------------------------------

    def _source(self, name: str) -> Source:
        found = self._sources.get(name.casefold())
        if found is None:
            if not self._sources:
                raise NotKnown('I cannot connect "{}" here: whoever runs me has to set a service up.', name)
            raise NotKnown('I cannot connect "{}" here. What I can: {}.', name, ", ".join(self._sources))
        return found

    def _told(self, connection: Connection) -> Linked:
        source = self._sources.get(connection.source)
        return Linked(
            connection.source,
            source.title if source else connection.source.title(),
            connection.name,
            connection.listens,
            connection.total,
            connection.oldest_at is not None,
            MusicError.from_json(connection.problem) if connection.problem else None,
        )
