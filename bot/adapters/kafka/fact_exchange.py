"""Facts between machines: publishes those of this database, and applies those of the log `segue.events`.

Nothing is published before the log was read to its end: what this machine sent before is in it then. A broker
that is away costs nothing but time; facts wait in the outbox.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import TypeVar, cast

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition

from bot.adapters.kafka.client import consumer, ensure, one_thread, options, producer
from bot.adapters.kafka.lock import Lock
from bot.adapters.kafka.topics import EVENTS, KEPT_DAYS
from bot.settings import Settings
from recommender.errors import MusicError
from recommender.service import MusicService
from storage.errors import StorageError
from storage.sharing.fact_messages import MOST_BYTES, NewerFactError
from storage.sharing.fact_messages import Message as FactMessage
from storage.sharing.offsets import Position
from storage.sharing.outbox import OutgoingFact

log = logging.getLogger(__name__)

T = TypeVar("T")

BATCH = 500
"""Facts of one transaction: more gain little, and likes that are said here wait behind it."""
_IDLE_SECONDS = 0.05
_POLL_SECONDS = 0.1
_PAUSE_SECONDS = 2.0
_PATIENCE_SECONDS = 30.0
_ORIGIN, _NUMBER = "origin", "number"
Headers = list[tuple[str, str | bytes | None]]


class FactExchange:
    """The facts of one database, to and from the log."""

    def __init__(self, settings: Settings, music: MusicService, brokers: str) -> None:
        """Take a service; `brokers` as HOST:PORT,HOST:PORT."""
        self._music = music
        self._base = options(settings, brokers)
        self._lock = Lock(settings.database.with_name(f"{settings.database.name}.events.lock"))
        self._thread, self._sending = one_thread("segue-facts"), one_thread("segue-outbox")
        self._origin = ""
        self._sent = 0  # the newest number of the outbox that a broker has
        self.caught_up = asyncio.Event()
        """Set once the log has been read to its end."""
        self.applied = 0
        """How many messages were applied."""

    async def run(self) -> None:
        """Publish and apply until cancelled; every failure is logged, and tried again after a pause."""
        try:
            if not self._lock.take():
                self.caught_up.set()  # another process of this database shares its facts
                await self._lock.wait()
            await self._check_age()
            self._origin = await self._music.replication.open()
            while True:
                try:
                    await self._run()
                except (KafkaException, MusicError, StorageError) as error:  # such as a full disk
                    log.warning("facts wait: %s", error)
                except Exception:  # the chat goes on, and so does this later
                    log.exception("facts wait")
                await asyncio.sleep(_PAUSE_SECONDS)
        finally:
            self._lock.release()
            for thread in (self._thread, self._sending):
                thread.shutdown(wait=False, cancel_futures=True)

    async def _check_age(self) -> None:
        at = await self._music.replication.last_applied(EVENTS.name)
        if at is not None and time.time() - at > KEPT_DAYS * 86_400:
            raise MusicError(
                f"This database last saw {EVENTS.name} over {KEPT_DAYS} days ago; the log no longer tells "
                "what was erased since. Begin with a new database: segue stream fills it from the log."
            )

    async def _run(self) -> None:
        parts = (await self._call(partial(ensure, self._base, (EVENTS,), 1)))[EVENTS.name]
        if parts != 1:
            raise MusicError(f"{EVENTS.name} has {parts} partitions; it needs one, for the order of facts.")
        reader = consumer(self._base, f"segue-facts-{self._origin}")
        publishing: asyncio.Task[None] | None = None
        try:
            begin = await self._music.replication.position(EVENTS.name, 0) or 0
            await self._call(partial(reader.assign, [TopicPartition(EVENTS.name, 0, begin)]))
            while True:
                ended = await self._step(reader)
                if ended and publishing is None:
                    self.caught_up.set()
                    publishing = asyncio.create_task(self._publish(), name="outbox")
                if publishing is not None and publishing.done():
                    publishing.result()
        finally:
            if publishing is not None:
                publishing.cancel()
                with contextlib.suppress(asyncio.CancelledError, Exception):
                    await publishing
            await self._call(reader.close)

    # --- in ---------------------------------------------------------------------------------------------

    async def _step(self, reader: Consumer) -> bool:
        """Apply the next messages; return whether the end of the log was reached."""
        ended, messages = await self._call(partial(_next, reader))
        if messages:
            try:
                await self._apply(messages)
            except NewerFactError as error:
                raise MusicError(str(error)) from error
        return ended

    async def _apply(self, messages: list[Message]) -> None:
        position = Position(EVENTS.name, 0, (messages[-1].offset() or 0) + 1)
        applied = await self._music.replication.apply([_fact(one) for one in messages], position)
        self.applied += len(messages)
        for message, why in applied.refused:
            log.error("a fact of %s cannot be read (%s): %.200r", message.origin, why, message.key)

    # --- out --------------------------------------------------------------------------------------------

    async def _publish(self) -> None:
        sender, self._sent = producer(self._base, patience=_PATIENCE_SECONDS), 0
        loop = asyncio.get_running_loop()
        while True:
            facts = await self._music.replication.facts(self._sent, BATCH)
            if not facts:
                await asyncio.sleep(_IDLE_SECONDS)
                continue
            rows = [(one.key, one.value, one.number) for one in facts if _is_short(one)]
            await loop.run_in_executor(self._sending, partial(_send, sender, self._origin, rows))
            self._sent = facts[-1].number

    async def _call(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _next(reader: Consumer) -> tuple[bool, list[Message]]:
    """Return whether the log ended, and the next messages; raise KafkaException if a broker says so."""
    first = reader.poll(_POLL_SECONDS)
    if first is None:
        return False, []
    found, ended = [first, *reader.consume(BATCH - 1, 0)], False
    messages = []
    for message in found:
        error = message.error()
        if error is None:
            messages.append(message)
        elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - the name librdkafka gives it
            ended = True
        elif not error.retriable() and error.code() not in _PASSING:
            raise KafkaException(error)
    return ended, messages


# librdkafka goes on by itself once a broker is back.
_PASSING = (KafkaError._ALL_BROKERS_DOWN, KafkaError._TRANSPORT, KafkaError._RESOLVE)  # noqa: SLF001


def _fact(message: Message) -> FactMessage:
    headers: dict[str, bytes] = {}
    for name, value in cast("list[tuple[str, bytes | None]]", message.headers() or []):
        headers[name] = value or b""
    number = headers.get(_NUMBER, b"0")
    return FactMessage(
        message.key() or b"",
        message.value(),
        headers.get(_ORIGIN, b"").decode(errors="replace"),
        int(number) if number.isdigit() else 0,
    )


def _is_short(fact: OutgoingFact) -> bool:
    """Tell whether brokers take a fact; one that they never take would hold up all that follow."""
    size = len(fact.key.encode()) + len(fact.value or b"")
    if size > MOST_BYTES:
        log.error("a fact of %d bytes is too long for other machines: %.200r", size, fact.key)
    return size <= MOST_BYTES


def _send(sender: Producer, origin: str, rows: list[tuple[str, bytes | None, int]]) -> None:
    """Send facts in order, and wait until a broker has them; raise KafkaException if one is not taken."""
    failed: list[KafkaError] = []

    def told(error: KafkaError | None, _: Message) -> None:
        if error is not None:
            failed.append(error)

    for key, value, number in rows:
        headers: Headers = [(_ORIGIN, origin.encode()), (_NUMBER, str(number).encode())]
        sender.produce(EVENTS.name, value, key, 0, on_delivery=told, headers=headers)
    sender.flush()
    if failed:
        raise KafkaException(failed[0])


@asynccontextmanager
async def sharing(
    settings: Settings, music: MusicService, brokers: str, *, patience: float | None
) -> AsyncIterator[FactExchange]:
    """Share facts for the block, which begins once the log has been read to its end.

    After `patience` seconds it begins anyway, with the facts there are; None waits for as long as it takes.
    """
    facts = FactExchange(settings, music, brokers)
    task = asyncio.create_task(facts.run(), name="facts")
    ready = asyncio.create_task(facts.caught_up.wait(), name="caught up")
    try:
        await asyncio.wait([task, ready], timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
        if not ready.done():
            log.warning("no broker answers at %s: facts wait, and those of others come later", brokers)
        yield facts
    finally:
        for one in (task, ready):
            one.cancel()
        await asyncio.wait([task, ready], timeout=_PAUSE_SECONDS)
