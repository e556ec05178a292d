"""Segue as a process of its own, talking to a Telegram on the loopback."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

sys.path.insert(0, str(Path(__file__).parent))

from botapi import BOT, TOKEN, BotApi, Person
from botapi_spec import Spec
from worlds import copied

SPEC = Path(__file__).resolve().parents[3].parent / "shared" / "specs" / "telegram-bot-api.json"
SEGUE = Path(sys.executable).with_name("segue")


@pytest.fixture(scope="session")
def spec() -> Spec:
    """The machine-readable Bot API that lies beside the project."""
    if not SPEC.is_file():
        pytest.skip(f"needs the description of the Bot API in {SPEC}, which is not part of the project")
    return Spec(SPEC)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def api(spec) -> AsyncIterator[BotApi]:
    """A Telegram that judges, for the bot that serves all tests of this folder."""
    server = BotApi(spec)
    await server.start()
    yield server
    await server.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def own_api(spec) -> AsyncIterator[BotApi]:
    """A Telegram for one test, which may break it."""
    server = BotApi(spec)
    await server.start()
    yield server
    await server.stop()
    _judge(server)


@pytest.fixture(autouse=True)
def flawless(api) -> Iterator[None]:
    """Nothing that the bot did may have been wrong, and every press been answered exactly once."""
    yield
    _judge(api)


def _judge(api: BotApi) -> None:
    assert api.violations == []
    assert {query: api.answered[query] for query in api.queries} == dict.fromkeys(api.queries, 1)


Start = Callable[..., Awaitable["Bot"]]


class Bot:
    """The product as a process."""

    def __init__(self, api: BotApi, database: Path, folder: Path, **settings: str) -> None:
        self.api, self.folder, self.log = api, folder, folder / "segue.log"
        # With a second token, every platform that has one.
        platform = [] if "DISCORD_TOKEN" in settings else ["telegram"]
        self._command = [str(SEGUE), "--database", str(database), "run", *platform]
        self._environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("TELEGRAM_", "SEGUE_", "DISCORD_"))},
            "TELEGRAM_TOKEN": TOKEN,
            "TELEGRAM_BASE_URL": api.base_url,
            "TELEGRAM_BASE_FILE_URL": api.base_file_url,
            "SEGUE_LOG": str(self.log),
            "SEGUE_SEED": "7",
            "LISTENBRAINZ_DAILY": "0",
            "SEGUE_LOOKUP": "off",
            **settings,
        }
        self.process: asyncio.subprocess.Process | None = None

    async def spawn(self) -> None:
        """Start, and wait for nothing."""
        self.process = await asyncio.create_subprocess_exec(
            *self._command,
            env=self._environment,
            cwd=self.folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def start(self) -> None:
        """Start, and wait until Telegram is listened to and the menus are told."""
        menus = self.api.calls["setMyCommands"]
        await self.spawn()
        waits = "setWebhook" if "TELEGRAM_WEBHOOK_URL" in self._environment else "getUpdates"
        before = self.api.calls[waits]
        await self.api.until(
            lambda: self.api.calls[waits] > before and self.api.calls["setMyCommands"] >= menus + 9, 60
        )

    async def stop(self, number: int = signal.SIGTERM) -> float:
        """End it by a signal; return the seconds that took.  What it wrote never holds the token."""
        process, self.process = self.process, None
        if process is None:
            return 0.0
        began = time.monotonic()
        process.send_signal(number)
        out, errors = await process.communicate()
        seconds = time.monotonic() - began
        log = self.log.read_text(encoding="utf-8") if self.log.exists() else ""
        assert TOKEN not in f"{out!r}{errors!r}{log}"
        if number == signal.SIGTERM:
            assert process.returncode == 0, errors
        return seconds


@pytest_asyncio.fixture(loop_scope="session")
async def start(own_api, learned, tmp_path) -> AsyncIterator[Start]:
    """Start bots on the test's own Telegram and database; they end with the test."""
    bots: list[Bot] = []
    database = copied(learned, tmp_path)

    async def started(**settings: str) -> Bot:
        bot = Bot(own_api, database, tmp_path, **settings)
        bots.append(bot)
        await bot.start()
        return bot

    yield started
    for bot in bots:
        await bot.stop()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def bot(api, learned, tmp_path_factory) -> AsyncIterator[Bot]:
    """A bot that fetches its messages, and serves all tests that leave it as it is."""
    folder = tmp_path_factory.mktemp("bot")
    bot = Bot(api, copied(learned, folder), folder)
    await bot.start()
    yield bot
    await bot.stop()


@pytest.fixture
def ann(api) -> Person:
    """Somebody the bot has never met."""
    return api.person(next(api.people), "Ann")


@pytest.fixture
def bo(api) -> Person:
    """Somebody else."""
    return api.person(next(api.people), "Bo")


@pytest.fixture
def group(api) -> dict[str, Any]:
    """A group that the bot is in."""
    chat = {"id": -next(api.people) - 1000, "type": "group", "title": "Friday <3"}
    api.store(chat, {"from": BOT, "group_chat_created": True})
    return chat
