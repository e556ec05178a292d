"""One Segue on both platforms at once, each a server on loopback: those of the folders beside this."""

import asyncio
import importlib.util
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from types import ModuleType

import pytest
from aiohttp import web
from worlds import copied


def _beside(folder: str) -> ModuleType:
    """Load the servers of a neighbour by path: all of them are called conftest."""
    path = Path(__file__).resolve().parents[1] / folder / "conftest.py"
    found = importlib.util.spec_from_file_location(f"servers_of_{folder}", path)
    module = importlib.util.module_from_spec(found)
    sys.modules[module.__name__] = module
    found.loader.exec_module(module)
    return module


TELEGRAM, DISCORD = _beside("telegram"), _beside("discord")


class Discord(DISCORD.Discord):
    """A Discord that can be gone altogether, HTTP and gateway, and come back under the same address."""

    async def die(self) -> None:
        self._port = self._runner.addresses[0][1]
        self.ready.clear()
        self.resumed.clear()
        for socket in self._sockets.values():
            if socket._req.transport is not None:
                socket._req.transport.abort()  # as a machine dies: without a goodbye
        self._sockets.clear()
        await self._runner.cleanup()

    async def rise(self) -> None:
        app = web.Application(client_max_size=1 << 24)
        app.router.add_get("/gateway", self._serve_gateway)
        app.router.add_route("*", "/api/v10/{path:.*}", self._serve)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True).start()

    async def back(self) -> None:
        """Wait until the bot has found its way back, by either of the two ways there are."""
        ways = [asyncio.create_task(event.wait()) for event in (self.ready, self.resumed)]
        _, others = await asyncio.wait(ways, timeout=60, return_when=asyncio.FIRST_COMPLETED)
        for other in others:
            other.cancel()
        assert len(others) < len(ways), "the bot has not come back to Discord"


class Both:
    """The product as one process, and the two servers that it talks to."""

    def __init__(self, telegram, discord: Discord, bot) -> None:
        self.telegram, self.discord, self._bot = telegram, discord, bot

    async def start(self) -> None:
        self.discord.ready.clear()
        await self._bot.start()
        await asyncio.wait_for(self.discord.ready.wait(), 60)

    async def stop(self) -> float:
        """End it by SIGTERM; return the seconds that took."""
        return await self._bot.stop()


@pytest.fixture(scope="session")
def specs():
    """Both platforms' own descriptions of themselves."""
    for path in (TELEGRAM.SPEC, DISCORD.SPEC):
        if not path.is_file():
            pytest.skip(f"needs {path.name} in {path.parent}, which is not part of the project")
    return TELEGRAM.Spec(TELEGRAM.SPEC), DISCORD.Spec(DISCORD.SPEC)


@pytest.fixture
async def both(specs, learned, tmp_path) -> AsyncIterator[Both]:
    database = copied(learned, tmp_path)
    telegram = TELEGRAM.BotApi(specs[0])
    await telegram.start()
    async with Discord(specs[1]) as discord:
        bot = TELEGRAM.Bot(
            telegram,
            database,
            tmp_path,
            DISCORD_TOKEN=DISCORD.TOKEN,
            DISCORD_API_BASE=discord.url,
            DISCORD_GATEWAY_URL=discord.gateway,
        )
        running = Both(telegram, discord, bot)
        await running.start()
        yield running
        await running.stop()
    await telegram.stop()
    assert telegram.violations == []
    assert discord.complaints == []
