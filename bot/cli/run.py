"""Segue on the chat platforms: one process and MusicService, with one adapter per platform.

An adapter is `async def run(settings, music, ready) -> None` in its package; it calls `ready` once it listens
and its token is accepted.  A failed adapter restarts after a pause that doubles, and the others are
unaffected.  A MusicError ends an adapter for good: it names the thing to repair first.  An adapter that has
run well before is always restarted: the cause is then outside, such as a network failure, and may pass.
"""

import asyncio
import gc
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module
from importlib.util import find_spec

from bot.adapters import PLATFORMS, WEB
from bot.app import open_music, start_log
from bot.backups import BackupSchedule
from bot.cli.stream import shared
from bot.heartbeat import beat
from bot.settings import Settings, variable
from recommender.errors import MusicError
from recommender.service import MusicService

log = logging.getLogger(__name__)

Ready = Callable[[], None]
Adapter = Callable[[Settings, MusicService, Ready], Awaitable[None]]
First = Callable[[MusicService, Settings], Awaitable[None]]

_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 60.0
_SOUND_SECONDS = 60.0  # an adapter that ran this long has recovered: its next pause is short again
_GOODBYE_SECONDS = 3.5
_LAST_RESORT_SECONDS = 4.6


def run(settings: Settings, platform: str | None = None, first: First | None = None) -> None:
    """Serve one platform, or every platform with a token, until SIGTERM or Ctrl-C.

    `first` runs before them.
    Raises `MusicError` if no token is set, or once every adapter has given up.
    """
    names = chosen(settings, platform)
    need(names)
    schedule = BackupSchedule(settings)
    start_log(settings)
    asyncio.run(_run(settings, schedule, {name: adapter(name) for name in names}, first))


def chosen(settings: Settings, platform: str | None) -> tuple[str, ...]:
    """Return the adapters to serve; raises `MusicError` with the name of a missing token.

    The web pages stand beside the platforms where SEGUE_WEB is set.
    """
    beside = (WEB,) if settings.web else ()
    if platform is not None:
        if platform != WEB and _token(settings, platform) is None:
            raise MusicError(f"There is no token for {platform}: put {_variable(platform)}=... in .env.")
        return tuple(dict.fromkeys((platform, *beside)))
    names = (*(name for name in PLATFORMS if _token(settings, name) is not None), *beside)
    if not names:
        wanted = " or ".join(f"{_variable(name)}=..." for name in PLATFORMS)
        raise MusicError(f"There is no token to talk with: put {wanted} in .env.")
    return names


def need(names: tuple[str, ...]) -> None:
    """Raise `MusicError` if the pages are to be served and their libraries are not installed."""
    if WEB in names and find_spec("fastapi") is None:
        raise MusicError("The web pages need more libraries: pip install 'segue[web]'.")


def _token(settings: Settings, platform: str) -> object:
    return getattr(settings, f"{platform}_token", None)


def _variable(platform: str) -> str:
    name = f"{platform}_token"
    return variable(name) if name in Settings.model_fields else name.upper()


def adapter(platform: str) -> Adapter:
    """Return the adapter of a platform; loads its library only now."""
    found: Adapter = import_module(f"bot.adapters.{platform}").run
    return found


async def _run(
    settings: Settings, schedule: BackupSchedule, adapters: Mapping[str, Adapter], first: First | None
) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, _ask_to_stop, stop)
    async with await open_music(settings) as music, shared(settings, music):
        if first is not None:
            await first(music, settings)
        music.connections.watch()
        # Loaded modules stay: the collector need not scan them again, neither during answers nor at exit,
        # where a scan takes seconds on a busy machine.
        gc.freeze()
        beside = [
            asyncio.create_task(schedule.keep(), name="backups"),
            asyncio.create_task(beat(settings.database), name="heartbeat"),
        ]
        try:
            await supervise(settings, music, adapters, stop)
        finally:
            for task in beside:
                task.cancel()
            await asyncio.wait(beside, timeout=_GOODBYE_SECONDS)
    gc.freeze()


def _ask_to_stop(stop: asyncio.Event) -> None:
    stop.set()
    # Every confirmed change is committed by now.  A training under way cannot be interrupted, but can be
    # repeated.
    last_resort = threading.Timer(_LAST_RESORT_SECONDS, os._exit, (0,))
    last_resort.daemon = True
    last_resort.start()


async def supervise(
    settings: Settings, music: MusicService, adapters: Mapping[str, Adapter], stop: asyncio.Event
) -> None:
    """Keep every adapter running until `stop`; raises the first `MusicError` once all have given up."""
    is_alone = len(adapters) == 1
    tasks = [
        asyncio.create_task(_keep_running(name, start, settings, music, is_alone=is_alone), name=name)
        for name, start in adapters.items()
    ]
    everybody = asyncio.create_task(asyncio.wait(tasks), name="adapters")
    stopped = asyncio.create_task(stop.wait(), name="stop")
    try:
        await asyncio.wait([everybody, stopped], return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopped.cancel()
        for task in tasks:
            task.cancel()
        await asyncio.wait([everybody], timeout=_GOODBYE_SECONDS)
        everybody.cancel()
    if not stop.is_set():
        for task in tasks:
            task.result()


async def _keep_running(
    name: str, start: Adapter, settings: Settings, music: MusicService, *, is_alone: bool
) -> None:
    pause, ran_well = _FIRST_PAUSE, False
    ready = _Welcome(name)
    while True:
        began = time.monotonic()
        try:
            await start(settings, music, ready)
            log.warning("%s ended by itself", name)
        except Exception as error:
            lasted = time.monotonic() - began > _SOUND_SECONDS
            ran_well = ran_well or lasted
            if isinstance(error, MusicError) and not ran_well:
                if not is_alone:  # a single adapter's error is reported by the caller
                    _tell(f"segue: {name} gives up. {error}")
                raise
            log.exception("%s broke and is started again", name)
            pause = _FIRST_PAUSE if lasted else pause
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)


class _Welcome:
    """Announces once that an adapter listens; restarts are not announced."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._is_told = False

    def __call__(self) -> None:
        if not self._is_told:
            self._is_told = True
            _tell(f"Segue is on {self._name}. Ctrl-C ends it.")


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
