"""Adapters beside each other in one process: one that breaks comes back, and the other never notices."""

import asyncio
import time

import pytest

from bot.cli import run
from bot.cli.run import chosen, supervise
from bot.settings import Settings
from recommender.errors import MusicError
from recommender.service import MusicService
from recommender.types import Query
from storage.records import Account

pytestmark = pytest.mark.asyncio


@pytest.fixture
def settings(database):
    return Settings(database=database)


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    monkeypatch.setattr(run, "_FIRST_PAUSE", 0.01)


async def until(is_so, seconds=5.0):
    async with asyncio.timeout(seconds):
        while not is_so():  # noqa: ASYNC110 - what it waits for is any state, not an event
            await asyncio.sleep(0.005)


async def test_an_adapter_that_breaks_is_started_again_and_the_other_is_left_alone(settings, caplog):
    starts = {"broken": [], "sound": []}

    async def broken(*_):
        starts["broken"].append(time.monotonic())
        raise ConnectionError("gone")

    async def sound(*_):
        starts["sound"].append(time.monotonic())
        await asyncio.Event().wait()

    stop = asyncio.Event()
    running_ = asyncio.create_task(supervise(settings, None, {"broken": broken, "sound": sound}, stop))
    await until(lambda: len(starts["broken"]) >= 5)
    stop.set()
    await running_
    pauses = [b - a for a, b in zip(starts["broken"], starts["broken"][1:], strict=False)]
    assert len(starts["sound"]) == 1
    assert pauses[3] > pauses[0], "the pause doubles"
    assert "broken broke and is started again" in caplog.text


async def test_what_a_person_must_mend_ends_that_adapter_alone(settings, capsys):
    async def unwelcome(*_):
        raise MusicError("Check the token.")

    async def sound(*_):
        await asyncio.Event().wait()

    stop = asyncio.Event()
    running_ = asyncio.create_task(supervise(settings, None, {"a": unwelcome, "b": sound}, stop))
    await asyncio.sleep(0.1)
    assert not running_.done()
    stop.set()
    await running_
    assert capsys.readouterr().err == "segue: a gives up. Check the token.\n"
    with pytest.raises(MusicError, match="Check the token"):
        await supervise(settings, None, {"a": unwelcome}, asyncio.Event())
    assert capsys.readouterr().err == "", "the caller says it"


async def test_an_adapter_says_that_it_is_there_once_it_is_and_never_again(settings, capsys):
    starts = []

    async def shaky(_, __, ready):
        starts.append(capsys.readouterr().err)
        ready()
        raise ConnectionError("gone")

    stop = asyncio.Event()
    running_ = asyncio.create_task(supervise(settings, None, {"shaky": shaky}, stop))
    await until(lambda: len(starts) >= 3)
    stop.set()
    await running_
    assert starts[:3] == ["", "Segue is on shaky. Ctrl-C ends it.\n", ""]


async def test_who_ran_well_is_not_given_up_when_the_network_is_gone(settings, monkeypatch):
    monkeypatch.setattr(run, "_SOUND_SECONDS", 0.02)
    starts = []

    async def later(*_):
        starts.append(1)
        await asyncio.sleep(0.03 if len(starts) == 1 else 0)
        raise MusicError("I cannot reach Discord.")

    stop = asyncio.Event()
    running_ = asyncio.create_task(supervise(settings, None, {"a": later}, stop))
    await until(lambda: len(starts) >= 3)
    assert not running_.done()
    stop.set()
    await running_


async def test_at_the_end_every_adapter_may_say_goodbye(settings):
    said = []

    async def polite(*_):
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.05)
            said.append("goodbye")

    stop = asyncio.Event()
    running_ = asyncio.create_task(supervise(settings, None, {"a": polite, "b": polite}, stop))
    await asyncio.sleep(0.02)
    stop.set()
    await running_
    assert said == ["goodbye", "goodbye"]


async def test_load_on_one_adapter_delays_the_other_by_less_than_50_ms(settings, database):
    late = []

    async def busy(_, music, __):
        async def one(number):
            listener = await music.arrive(Account("telegram", str(number), "x"))
            while True:
                await music.recommend(Query(listener.user_id))

        await asyncio.gather(*(one(number) for number in range(8)))

    async def calm(*_):
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.01)
            late.append(time.perf_counter() - began - 0.01)

    stop = asyncio.Event()
    async with await MusicService.open(database, seed=1) as music:
        running_ = asyncio.create_task(supervise(settings, music, {"busy": busy, "calm": calm}, stop))
        await asyncio.sleep(3)
        stop.set()
        await running_
    late.sort()
    print(f"event loop late by p50 {late[len(late) // 2]:.4f} s, p99 {late[int(len(late) * 0.99)]:.4f} s")
    assert late[int(len(late) * 0.95)] < 0.05


@pytest.mark.parametrize(("platform", "said"), [("telegram", "TELEGRAM_TOKEN"), (None, "TELEGRAM_TOKEN")])
async def test_a_missing_token_is_named(settings, platform, said):
    with pytest.raises(MusicError, match=said):
        chosen(settings, platform)


async def test_every_platform_with_a_token_is_chosen(database, monkeypatch):
    monkeypatch.setenv("TELEGRAM_TOKEN", "1:a")
    assert chosen(Settings(database=database), None) == ("telegram",)
