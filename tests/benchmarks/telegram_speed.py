"""Segue beside a bare echo bot, both by polling against the same loopback server, in one run.

    python tests/benchmarks/telegram_speed.py [PEOPLE] [ROUNDS]

Prints commands per second and the time from a message to its answer, p50 and p99.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HERE / "e2e" / "telegram"))

# ruff: noqa: E402 - the server lies beside the tests that use it

from botapi import TOKEN, BotApi
from botapi_spec import Spec
from telegram.ext import ApplicationBuilder, MessageHandler, filters

from bot.adapters.telegram import transport
from bot.adapters.telegram.run import run
from bot.settings import STARTER, Settings
from recommender.service import MusicService

SPEC = HERE.parents[1] / "shared" / "specs" / "telegram-bot-api.json"


async def echo(api: BotApi, stop: asyncio.Event) -> None:
    """Run the least a bot can be, with the same library."""
    application = (
        ApplicationBuilder()
        .token(TOKEN)
        .base_url(api.base_url)
        .base_file_url(api.base_file_url)
        .concurrent_updates(True)
        .connection_pool_size(64)
        .build()
    )

    async def answer(update, _):
        await update.message.reply_text(update.message.text)

    application.add_handler(MessageHandler(filters.TEXT, answer))
    async with application:
        await application.start()
        await application.updater.start_polling()
        await stop.wait()
        await application.updater.stop()
        await application.stop()


async def talk(api: BotApi, line: str, people: int, rounds: int) -> tuple[float, list[float]]:
    """Let `people` say `line` at once, each waiting for the answer, `rounds` times."""
    waited: list[float] = []

    async def one(number: int) -> None:
        person = api.person(number, f"P{number}")
        for _ in range(rounds):
            began = time.perf_counter()
            await person.ask(line)
            waited.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(one(number) for number in range(1, people + 1)))
    return people * rounds / (time.perf_counter() - began), sorted(waited)


def row(name: str, rate: float, waited: list[float]) -> str:
    p50, p99 = (1000 * waited[int(len(waited) * share)] for share in (0.5, 0.99))
    return f"{name:<24} {rate:8.1f} /s   p50 {p50:7.1f} ms   p99 {p99:7.1f} ms"


async def measure(people: int, rounds: int) -> None:
    # Telegram's own limit of 30 messages a second would be all there is to measure.
    original = transport.Patient.__init__
    transport.Patient.__init__ = lambda self: super(transport.Patient, self).__init__(
        0, 0, 0, 0, max_retries=5
    )
    spec = Spec(SPEC)
    try:
        api = BotApi(spec)
        await api.start()
        stop = asyncio.Event()
        task = asyncio.create_task(echo(api, stop))
        await api.until(lambda: api.calls["getUpdates"] > 0, 60)
        await talk(api, "warm", 2, 2)
        bare, waited = await talk(api, "hello", people, rounds)
        print(row("bare echo bot", bare, waited))
        stop.set()
        await task
        await api.stop()
        with tempfile.TemporaryDirectory() as folder:
            database = Path(folder) / "segue.db"
            api = BotApi(spec)
            await api.start()
            settings = Settings(
                database=database,
                TELEGRAM_TOKEN=TOKEN,
                TELEGRAM_BASE_URL=api.base_url,
                TELEGRAM_BASE_FILE_URL=api.base_file_url,
            )
            async with await MusicService.open(database, starter=STARTER, seed=1) as music:
                task = asyncio.create_task(run(settings, music, lambda: None))
                await api.until(lambda: api.calls["getUpdates"] > 0, 60)
                await talk(api, "/like queen", people, 1)
                for line in ("/help like", "/like queen", "/recommend"):
                    rate, waited = await talk(api, line, people, rounds)
                    print(f"{row(f'segue {line}', rate, waited)}   {rate / bare:.2f} of the bare bot")
                task.cancel()
                await asyncio.wait([task])
            await api.stop()
            assert api.violations == [], api.violations[:3]
    finally:
        transport.Patient.__init__ = original


if __name__ == "__main__":
    asyncio.run(measure(*(int(argument) for argument in (sys.argv[1:] or ("20", "10")))))
