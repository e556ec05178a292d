"""The API on a real server of this machine, and people with tokens."""

import asyncio
import itertools
import socket
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

import httpx
import pytest
from worlds import copied

from bot.adapters.web import run
from bot.adapters.web.api import gate
from bot.settings import Settings
from recommender.service import MusicService
from recommender.service.api_access import SCOPES
from recommender.types import Listener
from storage.records import Account

T = TypeVar("T")


@dataclass(frozen=True)
class Person:
    """A person with a token, whose requests go to the server."""

    account: Account
    listener: Listener
    token: str
    client: httpx.Client


class Api:
    """The server in a thread of its own; `do` runs work on its event loop."""

    def __init__(self, database: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        self.url = f"http://{self.address}"
        self.database = database
        self._numbers = itertools.count(1)
        self._started: Future[tuple[MusicService, asyncio.AbstractEventLoop, asyncio.Task[None]]] = Future()
        self._thread = Thread(target=lambda: asyncio.run(self._serve()), name="api under test")
        self._thread.start()
        self.music, self._loop, self._task = self._started.result(60)

    async def _serve(self) -> None:
        settings = Settings(web=self.address, database=self.database)
        async with await MusicService.open(self.database, seed=3) as music:
            ready = asyncio.Event()
            task = asyncio.create_task(run(settings, music, ready.set))
            waiting = asyncio.create_task(ready.wait())
            await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED)
            self._started.set_result((music, asyncio.get_running_loop(), task))
            await asyncio.wait([task])

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(30)

    def person(self, *scopes: str) -> Person:
        """Return a new person with a token for these scopes, by default all."""
        account = Account("discord", f"p{next(self._numbers)}", f"Person {id(self)}")
        listener = self.do(self.music.arrive(account))
        token = self.do(self.music.access.make(listener, account, "test", scopes or SCOPES))
        headers = {"Authorization": f"Bearer {token}"}
        return Person(account, listener, token, httpx.Client(base_url=self.url, headers=headers, timeout=30))


@pytest.fixture(scope="package")
def api(learned, tmp_path_factory) -> Iterator[Api]:
    database = copied(learned, tmp_path_factory.mktemp("api"))
    with pytest.MonkeyPatch.context() as patched:
        for scope in gate.RATES:  # the tests of rates set their own
            patched.setitem(gate.RATES, scope, 1_000_000)
        server = Api(database)
        yield server
        server.close()


@pytest.fixture(autouse=True)
def forgiven(api) -> None:
    """Forget wrong tokens of the tests before: all come from one address."""
    api.music.limits._buckets.pop(("wrong token", "127.0.0.1"), None)


@pytest.fixture
def person(api) -> Iterator[Callable[..., Person]]:
    """Make people, by the scopes of their tokens."""
    people: list[Person] = []

    def made(*scopes: str) -> Person:
        people.append(api.person(*scopes))
        return people[-1]

    yield made
    for one in people:
        one.client.close()
