"""One broker for all tests here, with topics of each test's own, and `segue stream` as processes."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from broker import Broker
from worlds import copied

from bot.settings import Settings


@pytest.fixture(scope="session")
def shared_broker() -> Iterator[Broker]:
    broker = Broker()
    broker.start()
    yield broker
    broker.kill()


@pytest.fixture
def broker(shared_broker) -> Broker:
    """The broker without the topics of the test before."""
    admin = shared_broker.admin()
    names = [name for name in admin.list_topics(timeout=5).topics if name.startswith("segue.")]
    if names:
        for future in admin.delete_topics(names).values():
            future.result(10)
    return shared_broker


@pytest.fixture
def own_broker() -> Iterator[Broker]:
    """A broker that the test may end."""
    broker = Broker()
    yield broker
    broker.kill()


@pytest.fixture
def machine(learned, tmp_path) -> Callable[[str], Path]:
    """Return the database of a new machine with the starter catalogue."""

    def made(name: str) -> Path:
        return copied(learned, tmp_path / name)

    return made


@pytest.fixture
def settings_of(tmp_path) -> Callable[[Path, Broker], Settings]:
    def made(database: Path, broker: Broker) -> Settings:
        return Settings(database=database, events=f"kafka://{broker.address}", log=tmp_path / "segue.log")

    return made


class Stream:
    """One process of `segue stream`."""

    def __init__(self, database: Path, broker: Broker, *options: str) -> None:
        self._log = database.parent / f"stream-{time.monotonic_ns()}.txt"
        environment = {**os.environ, "SEGUE_LOG": "-", "SEGUE_ENRICH": "false", "LISTENBRAINZ_DAILY": "0"}
        with self._log.open("wb") as out:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-c",
                    "from bot.cli.main import main; main()",
                    "--database",
                    str(database),
                    "stream",
                    "--kafka",
                    broker.address,
                    *options,
                ],
                env=environment,
                stderr=out,
            )

    @property
    def said(self) -> str:
        return self._log.read_text()

    def wait(self, words: str, seconds: float = 60) -> None:
        """Wait until it says these words."""
        deadline = time.monotonic() + seconds
        while words not in self.said:
            assert self._process.poll() is None, self.said
            assert time.monotonic() < deadline, self.said
            time.sleep(0.05)

    def send(self, number: int) -> None:
        self._process.send_signal(number)

    def end(self, number: int = signal.SIGKILL) -> int:
        if self._process.poll() is None:
            self.send(number)
        return self._process.wait(30)


@pytest.fixture
def stream() -> Iterator[Callable[..., Stream]]:
    """Start `segue stream` on a database; it is killed at the end."""
    running: list[Stream] = []

    def started(database: Path, broker: Broker, *options: str) -> Stream:
        running.append(Stream(database, broker, *options))
        return running[-1]

    yield started
    for one in running:
        one.end()


def request(user: str, number: object, kind: str, **payload: object) -> tuple[str, bytes]:
    """Return a message as (key, value)."""
    return user, json.dumps({"id": f"r{number}", "user": user, "kind": kind, "payload": payload}).encode()


def results(broker: Broker, n: int, parts: int = 1, seconds: float = 60) -> list[dict]:
    """Return the results in the topic, once there are `n`."""
    deadline = time.monotonic() + seconds
    while True:
        found = [value for _, _, value in broker.all("segue.results", parts)]
        if len(found) >= n:
            return found
        assert time.monotonic() < deadline, found
        time.sleep(0.1)
