"""Connections to Kafka: options, topics, and errors as sentences."""

import logging
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from bot.adapters.kafka.topics import Topic
from bot.settings import Settings
from recommender.errors import MusicError

log = logging.getLogger(__name__)

Options = dict[str, Any]
"""Options of a connection for librdkafka, by name."""

SESSION_SECONDS = 6.0
"""After this long without a sign a worker counts as gone; brokers allow no less by default."""
_ANSWER_SECONDS = 5.0
_NO_REPLICAS_SET = -1  # as many as the broker makes by default

# An answer is worth more than a full packet: fetch and send at once.
_CONSUMER = {
    "enable.auto.commit": False,
    "auto.offset.reset": "earliest",
    "enable.partition.eof": True,
    "fetch.wait.max.ms": 10,
    "session.timeout.ms": int(1000 * SESSION_SECONDS),
    "heartbeat.interval.ms": 1000,
    "isolation.level": "read_committed",
}
_PRODUCER = {"enable.idempotence": True, "linger.ms": 1}


class NoBrokerError(MusicError):
    """No broker answers, or none lets this client in."""


class _Refusal:
    """Why brokers let nobody in, of which failed calls only say that no broker answers."""

    def __init__(self) -> None:
        self.why = ""

    def __call__(self, error: KafkaError) -> None:
        """Note an error of a connection; librdkafka writes `where: why (after so many ms in state so)`."""
        if error.code() in (KafkaError._AUTHENTICATION, KafkaError._SSL):  # noqa: SLF001 - librdkafka's names
            self.why = error.str().partition(": ")[2].partition(" (after")[0]


def brokers_of(settings: Settings) -> str:
    """Return the brokers of SEGUE_EVENTS as librdkafka names them."""
    return (settings.events or "").removeprefix("kafka://")


def options(settings: Settings, brokers: str) -> Options:
    """Return what every connection needs; raises `MusicError` for options that are none."""
    quiet = {"logger": _Quiet("segue.kafka"), "log_level": 4, "error_cb": _Refusal()}
    found: Options = {"bootstrap.servers": brokers, **quiet}
    said = settings.kafka_options.get_secret_value() if settings.kafka_options else ""
    for option in filter(None, map(str.strip, said.split(";"))):
        name, equals, value = option.partition("=")
        if not equals:
            raise MusicError("SEGUE_KAFKA_OPTIONS needs name=value;name=value.")
        found[name.strip()] = value.strip()
    return found


class _Quiet(logging.Logger):
    """Hands librdkafka's lines to the log of this adapter, as information: it repeats them every second."""

    def handle(self, record: logging.LogRecord) -> None:
        """Log a line of librdkafka."""
        log.info("%s", record.getMessage())


def consumer(base: Options, group: str) -> Consumer:
    """Return a consumer; raises `MusicError` for an option that librdkafka does not know."""
    try:
        return Consumer({**base, **_CONSUMER, "group.id": group})
    except KafkaException as error:
        raise MusicError(f"SEGUE_KAFKA_OPTIONS: {_reason(error)}.") from error


def producer(base: Options, *, patience: float) -> Producer:
    """Return a producer that tries each message for `patience` seconds."""
    return Producer({**base, **_PRODUCER, "message.timeout.ms": int(1000 * patience)})


def ensure(base: Options, topics: Iterable[Topic], parts: int) -> dict[str, int]:
    """Make the topics that are missing; return the number of partitions of each.

    Blocks for some seconds.  Raises NoBrokerError if no broker answers, and `MusicError` for an option that
    librdkafka does not know.
    """
    admin = _admin(base)
    wanted = list(topics)
    try:
        there = admin.list_topics(timeout=_ANSWER_SECONDS).topics
        missing = [topic for topic in wanted if topic.name not in there]
        made = [
            NewTopic(topic.name, topic.parts or parts, _NO_REPLICAS_SET, config=topic.config)
            for topic in missing
        ]
        for future in admin.create_topics(made).values() if made else ():
            _unless_there(
                future.result(_ANSWER_SECONDS) if future.exception() is None else future.exception()
            )
        found = admin.list_topics(timeout=_ANSWER_SECONDS).topics
    except KafkaException as error:
        raise NoBrokerError(_no_answer(admin, base, error)) from error
    return {topic.name: len(found[topic.name].partitions) for topic in wanted}


def _unless_there(outcome: object) -> None:
    if not isinstance(outcome, BaseException):
        return
    code = outcome.args[0].code() if isinstance(outcome, KafkaException) else None
    if code != KafkaError.TOPIC_ALREADY_EXISTS:  # another machine was faster
        raise outcome


def ping(settings: Settings, brokers: str) -> str:
    """Return how many brokers answer and which topics of Segue they have; raises NoBrokerError."""
    base = options(settings, brokers)
    admin = _admin(base)
    try:
        found = admin.list_topics(timeout=_ANSWER_SECONDS)
    except KafkaException as error:
        raise NoBrokerError(_no_answer(admin, base, error)) from error
    ours = sorted(name for name in found.topics if name.startswith("segue."))
    return f"{len(found.brokers)} brokers answer at {brokers}; topics: {', '.join(ours) or 'none yet'}"


def _admin(base: Options) -> AdminClient:
    try:
        return AdminClient(base)
    except KafkaException as error:
        raise MusicError(f"SEGUE_KAFKA_OPTIONS: {_reason(error)}.") from error


def _no_answer(admin: AdminClient, base: Options, error: KafkaException) -> str:
    admin.poll(0)  # tells `error_cb` what has happened
    refusal = base.get("error_cb")
    if refusal is not None and refusal.why:
        return (
            f"The brokers at {base['bootstrap.servers']} refuse the name and password of"
            f" SEGUE_KAFKA_OPTIONS: {refusal.why}."
        )
    return f"No broker answers at {base['bootstrap.servers']}: {_reason(error)}."


def _reason(error: KafkaException) -> str:
    return str(error.args[0].str() if isinstance(error.args[0], KafkaError) else error).rstrip(".")


def one_thread(name: str) -> ThreadPoolExecutor:
    """Return the thread of one connection: its calls block, and its callbacks run within them."""
    return ThreadPoolExecutor(1, thread_name_prefix=name)
