"""Results on their way to the broker, and what the broker has of them."""

import asyncio
import logging
from collections.abc import Callable

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from bot.adapters.kafka.client import SESSION_SECONDS, Options, consumer, producer
from bot.adapters.kafka.topics import DEAD, RESULTS, SONGS
from recommender.service import MusicService
from recommender.service.streamed import Epochs
from storage.sharing.results import Outgoing

log = logging.getLogger(__name__)

Headers = list[tuple[str, str | bytes | None]]
_POSITION = "request-offset"
_BATCH = 500
_TAIL = 200  # results that are read to find the last; a marker of a transaction takes an offset too
_WAIT_SECONDS = 5.0
_POLL_SECONDS = 0.2


class Sender:
    """Sends stored results in order, each until a broker has it."""

    def __init__(self, music: MusicService, base: Options, is_fresh: Callable[[], bool]) -> None:
        """`is_fresh` tells whether this worker has just heard which partitions it has."""
        self._music, self._is_fresh = music, is_fresh
        # A message that waits for longer than a session is no longer this worker's to send.
        self._producer = producer(base, patience=SESSION_SECONDS)
        self._after = 0  # the newest result that was handed to the producer
        self._taken: list[int] = []
        self._begins = True
        self._looking: asyncio.Task[None] | None = None

    def look(self, owned: Epochs) -> None:
        """Send what waits in these partitions, beside everything else."""
        self._producer.poll(0)
        if self._looking is None or self._looking.done():
            if self._looking is not None and (error := self._looking.exception()) is not None:
                log.error("results wait: %s", error)
            self._looking = asyncio.create_task(self._send(dict(owned)), name="results")

    def taken(self) -> list[int]:
        """Return, once, the results that a broker has taken."""
        self._producer.poll(0)
        taken, self._taken = self._taken, []
        return taken

    def again(self) -> None:
        """Look at all that waits from the start: partitions have come."""
        self._begins = True

    def flush(self) -> None:
        """Wait until a broker has what is under way: another worker takes over. Blocks."""
        self._producer.flush(_WAIT_SECONDS)

    def purge(self) -> None:
        """Send nothing of what is under way: another worker has taken over."""
        self._producer.purge()

    def close(self) -> None:
        """Wait for what is under way."""
        if self._looking is not None:
            self._looking.cancel()
        self._producer.flush(_WAIT_SECONDS)

    async def _send(self, owned: Epochs) -> None:
        if self._begins:  # with the first that no broker has taken
            await asyncio.to_thread(self._producer.flush, _WAIT_SECONDS)
            self._begins, self._after = False, 0
            await self._music.streamed.keep((), (), owned, self.taken())
        for one in await self._music.streamed.waiting(SONGS.name, owned, self._after, _BATCH):
            if not self._is_fresh():  # this process stood still: its partitions may be another's by now
                return
            self._produce(one)
            self._after = one.id

    def _produce(self, one: Outgoing) -> None:
        def told(error: KafkaError | None, _: Message) -> None:
            if error is None:
                self._taken.append(one.id)
            else:
                log.warning("a result waits: %s", error.str())
                self._begins = True

        user = one.request.partition(" ")[0]
        headers: Headers = [(_POSITION, str(one.position).encode())]
        part = 0 if one.topic == DEAD.name else one.part
        key = None if one.topic == DEAD.name else user
        self._producer.produce(one.topic, one.body, key, part, on_delivery=told, headers=headers)


def last_answered(base: Options, part: int) -> int:
    """Return the offset of the last request of a partition that has a result in the topic, -1 without one.

    Blocks until the end of the partition is reached.
    """
    reader = consumer(base, "segue-results-end")
    try:
        where = TopicPartition(RESULTS.name, part)
        low, high = reader.get_watermark_offsets(where, timeout=_WAIT_SECONDS)
        reader.assign([TopicPartition(RESULTS.name, part, max(low, high - _TAIL, 0))])
        return _last(reader)
    finally:
        reader.close()


def _last(reader: Consumer) -> int:
    last = -1
    while True:
        message = reader.poll(_POLL_SECONDS)
        if message is None:
            continue
        error = message.error()
        if error is None:
            headers = dict(message.headers() or ())
            last = max(last, int(headers.get(_POSITION) or b"-1"))
        elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - the name librdkafka gives it
            return last
        elif error.fatal():
            raise KafkaException(error)
