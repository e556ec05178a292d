"""Requests by stream: takes them from `segue.songs`, answers them, and sends the results to `segue.results`.

Exactly once in effect. The offsets stand in the database, in one transaction with the results; those are
sent afterwards, to the partition of their requests, in order. Whoever takes a partition over reads its last
results first, and goes on after the request they answer. A reaction counts once by its key.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar

from confluent_kafka import KafkaError, KafkaException, Message, TopicPartition

from bot.adapters.kafka.client import SESSION_SECONDS, consumer, ensure, one_thread, options
from bot.adapters.kafka.envelope import Asked, Unreadable, dead_letter, read
from bot.adapters.kafka.results import Sender, last_answered
from bot.adapters.kafka.topics import DEAD, RESULTS, SONGS
from bot.requests import answer, listener_of
from bot.settings import Settings
from recommender.errors import MusicError
from recommender.service import MusicService
from storage.errors import DiskFullError
from storage.sharing.offsets import Position
from storage.sharing.results import Outgoing

log = logging.getLogger(__name__)

T = TypeVar("T")

IN_FLIGHT = 64
"""Requests that are answered at the same time; those of one user are answered one after the other."""
PARTS = 8
"""Partitions of requests, so that up to as many workers share them."""
GROUP = "segue-songs"
_POLL_SECONDS = 0.05
_PAUSE_SECONDS = 2.0


class Worker:
    """One member of the group that answers requests."""

    def __init__(self, settings: Settings, music: MusicService, brokers: str, parts: int = PARTS) -> None:
        """Take a service; `parts`: the partitions of topics that are missing."""
        self._music, self._parts = music, parts
        self._base = options(settings, brokers)
        self._thread = one_thread("segue-songs")
        self._sender = Sender(music, self._base, self._is_fresh)
        self._loop = asyncio.get_running_loop()
        self._owned: dict[int, int] = {}  # partitions, each with the epoch in which it was taken
        self._polled_at = 0.0
        self.answered = 0
        """How many requests were answered."""

    async def run(self, ready: Callable[[], None]) -> None:
        """Answer requests until cancelled; `ready` is called with the first partition.

        Raises NoBrokerError if no broker answers at the start.
        """
        try:
            there = await self._call(partial(ensure, self._base, (SONGS, RESULTS, DEAD), self._parts))
            if there[RESULTS.name] != there[SONGS.name]:
                raise MusicError(
                    f"{RESULTS.name} has {there[RESULTS.name]} partitions and {SONGS.name} has "
                    f"{there[SONGS.name]}: give both as many."
                )
            self._reader = consumer(self._base, GROUP)
            await self._call(
                partial(
                    self._reader.subscribe,
                    [SONGS.name],
                    on_assign=partial(self._took, ready),
                    on_revoke=partial(self._gave_up, self._sender.flush),
                    on_lost=partial(self._gave_up, self._sender.purge),
                )
            )
            await self._serve()
        finally:
            if hasattr(self, "_reader"):
                await asyncio.shield(self._call(self._reader.close))
            self._sender.close()
            self._thread.shutdown(wait=False)

    async def _serve(self) -> None:
        while True:
            messages = await self._call(self._poll)
            if messages:
                await self._answer(messages)
            self._sender.look(self._owned)

    # --- partitions: on the thread of the consumer, within `poll` -----------------------------------------

    def _took(self, ready: Callable[[], None], reader: object, parts: list[TopicPartition]) -> None:
        del reader
        starts = [self._start(one.partition) for one in parts]
        self._reader.assign(
            [
                TopicPartition(SONGS.name, one.partition, start)
                for one, start in zip(parts, starts, strict=True)
            ]
        )
        self._sender.again()
        self._loop.call_soon_threadsafe(ready)

    def _start(self, part: int) -> int:
        """Take a partition; return the offset of its first request that nobody has answered."""
        answered = last_answered(self._base, part)
        begun = self._music.streamed.begin(SONGS.name, part, answered)
        self._owned[part] = asyncio.run_coroutine_threadsafe(begun, self._loop).result()
        stored = self._music.replication.position(SONGS.name, part)
        here = asyncio.run_coroutine_threadsafe(stored, self._loop).result() or 0
        there = self._reader.committed([TopicPartition(SONGS.name, part)], timeout=_PAUSE_SECONDS)[0].offset
        return max(here, there, answered + 1, 0)

    def _gave_up(self, end: Callable[[], None], reader: object, parts: list[TopicPartition]) -> None:
        del reader
        end()
        for one in parts:
            self._owned.pop(one.partition, None)

    def _poll(self) -> list[Message]:
        first = self._reader.poll(_POLL_SECONDS)
        self._polled_at = time.monotonic()
        if first is None:
            return []
        messages = [first, *self._reader.consume(IN_FLIGHT - 1, 0)]
        for message in messages:
            error = message.error()
            if error is not None and error.fatal():
                raise KafkaException(error)
        return [one for one in messages if one.error() is None]

    def _is_fresh(self) -> bool:
        return time.monotonic() - self._polled_at < SESSION_SECONDS / 2

    def _still(self) -> dict[int, int]:
        """Return the partitions that are still this worker's, after asking where that took long."""
        if not self._is_fresh():
            mine = self._reader.assignment()
            self._reader.pause(mine)
            for _ in range(4):
                self._reader.poll(SESSION_SECONDS / 20)
            self._reader.resume([one for one in self._reader.assignment() if one.partition in self._owned])
            self._polled_at = time.monotonic()
        return dict(self._owned)

    # --- requests ---------------------------------------------------------------------------------------

    async def _answer(self, messages: list[Message]) -> None:
        """Answer some requests, and store the results with the offsets after them."""
        read_ = [read(message) for message in messages]
        asked = [one for one in read_ if isinstance(one, Asked)]
        known = await self._music.streamed.answered({one.name for one in asked})
        users: dict[str, dict[str, Asked]] = {}
        for one in asked:
            if one.name not in known:
                users.setdefault(one.request.user, {}).setdefault(one.name, one)
        answers = await asyncio.gather(
            *(self._answer_user(user, some.values()) for user, some in users.items())
        )
        results = [_dead(one) for one in read_ if isinstance(one, Unreadable)]
        results += [one for some in answers for one in some]
        results.sort(key=lambda one: (one.part, one.position))
        ends = {one.part: one.position + 1 for one in read_}
        while not await self._keep(results, ends):  # noqa: ASYNC110 - no disk tells when it has space again
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _keep(self, results: list[Outgoing], ends: dict[int, int]) -> bool:
        """Store results, and the offsets after them, by partition; return False while the disk is full."""
        mine, sent = await self._call(self._still), self._sender.taken()
        kept = [one for one in results if one.part in mine]
        positions = [Position(SONGS.name, part, end) for part, end in ends.items() if part in mine]
        try:
            lost = await self._music.streamed.keep(kept, positions, mine, sent)
        except DiskFullError as error:
            log.warning("results wait: %s", error)
            return False
        if lost:
            log.warning("another worker has taken the partitions %s meanwhile", sorted(lost))
        self.answered += len(kept)
        self._sender.look(mine)
        if positions:
            offsets = [TopicPartition(*position) for position in positions]
            await self._call(partial(self._commit, offsets))
        return True

    async def _answer_user(self, user: str, some: Iterable[Asked]) -> list[Outgoing]:
        listener = await listener_of(self._music, user)
        found = []
        for one in some:
            result = await answer(self._music, listener, one.request)
            body = result.model_dump_json(exclude_none=True).encode()
            found.append(Outgoing(one.name, listener.user_id, one.part, one.position, RESULTS.name, body))
        return found

    def _commit(self, offsets: list[TopicPartition]) -> None:
        """Tell the broker how far this worker is, for those who have no copy of this database."""
        try:
            self._reader.commit(offsets=offsets, asynchronous=True)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.ILLEGAL_GENERATION:  # taken over meanwhile
                log.warning("the broker takes no offsets: %s", error)

    async def _call(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _dead(one: Unreadable) -> Outgoing:
    log.warning("request %d of partition %d cannot be read: %s", one.position, one.part, one.why)
    name = f"dead {one.part} {one.position}"
    return Outgoing(name, None, one.part, one.position, DEAD.name, dead_letter(one, SONGS.name))
