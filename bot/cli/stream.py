"""`segue stream`: answers requests from Kafka, and shares facts with other machines."""

import asyncio
import contextlib
import logging
import signal
import time
from contextlib import asynccontextmanager
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any

import click

from bot.app import open_music, start_log
from bot.heartbeat import beat
from bot.settings import Settings
from recommender.errors import MusicError
from recommender.service import MusicService

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.adapters.kafka.fact_exchange import FactExchange

log = logging.getLogger(__name__)

_WAIT_SECONDS = 10.0  # for a broker at the start of a chat, which goes on without


def run(settings: Settings, brokers: str | None, parts: int, *, replay: bool, again: bool) -> None:
    """Answer requests until SIGTERM or Ctrl-C.

    `brokers` as HOST:PORT,HOST:PORT, by default those of SEGUE_EVENTS.  `replay` reads all facts from
    the beginning of the log first; `again` publishes all facts of this database once more.  Raises
    `MusicError` if there are no brokers to ask.
    """
    start_log(settings)
    asyncio.run(_run(settings, brokers, parts, replay=replay, again=again))


async def _run(settings: Settings, brokers: str | None, parts: int, *, replay: bool, again: bool) -> None:
    kafka, worker = module("fact_exchange"), module("request_worker")
    of_events = module("client").brokers_of(settings)
    brokers = brokers or of_events
    if not brokers:
        raise MusicError("Which brokers? segue stream --kafka HOST:PORT, or SEGUE_EVENTS=kafka://HOST:PORT.")
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with await open_music(settings) as music, contextlib.AsyncExitStack() as stack:
        if replay or again or of_events:
            await _share(
                stack, kafka.sharing, settings, music, of_events or brokers, replay=replay, again=again
            )
        answering = asyncio.create_task(worker.Worker(settings, music, brokers, parts).run(_ready()))
        beside = asyncio.create_task(beat(settings.database), name="heartbeat")
        stopped = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait([answering, stopped], return_when=asyncio.FIRST_COMPLETED)
            if answering.done():
                answering.result()
        finally:
            for task in (answering, beside, stopped):
                task.cancel()
            await asyncio.wait([answering, beside, stopped])


async def _share(
    stack: contextlib.AsyncExitStack,
    sharing: Any,  # noqa: ANN401 - of a module that is loaded only when asked for
    settings: Settings,
    music: MusicService,
    brokers: str,
    *,
    replay: bool,
    again: bool,
) -> None:
    if replay:
        await music.replication.rewind("segue.events")
    if again:
        await music.replication.again()
    began = time.monotonic()
    facts = await stack.enter_async_context(sharing(settings, music, brokers, patience=None))
    took = time.monotonic() - began
    click.echo(f"Caught up with segue.events: {facts.applied:,} facts in {took:.1f} s.", err=True)


def _ready() -> Any:  # noqa: ANN401 - a function
    told: list[bool] = []

    def ready() -> None:
        if not told:
            told.append(True)
            click.echo("Segue answers requests of segue.songs. Ctrl-C ends it.", err=True)

    return ready


@asynccontextmanager
async def shared(settings: Settings, music: MusicService) -> "AsyncIterator[FactExchange | None]":
    """Share facts with other machines for the block, where SEGUE_EVENTS names brokers."""
    if settings.events is None:
        if await music.replication.origin() is not None:
            log.warning("SEGUE_EVENTS is not set: facts for other machines wait in the database")
        yield None
        return
    brokers = module("client").brokers_of(settings)
    async with module("fact_exchange").sharing(settings, music, brokers, patience=_WAIT_SECONDS) as facts:
        yield facts


def module(name: str) -> ModuleType:
    """Return a module of the adapter; raises `MusicError` if its library is not installed."""
    if find_spec("confluent_kafka") is None:
        raise MusicError("Kafka needs one more library: pip install 'segue[kafka]'.")
    return import_module(f"bot.adapters.kafka.{name}")
