"""Messages that were handed over survive kills, and one that ends the process takes no other with it."""

import asyncio
import itertools
import os
import signal
import sqlite3

import pytest
from conftest import Bot

from storage.chats.deliveries import MOST_TRIES

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.slow]

_ARTISTS = ("queen", "radiohead", "abba", "nirvana", "blur")
# Python runs this before anything else: a message of that text ends the process, as a broken library would.
_POISON = """
import os, signal
import bot.commands as commands

typed = commands.typed

async def poisoned(ask, line, *, chatty):
    if line == "poison":
        os.kill(os.getpid(), signal.SIGKILL)
    return await typed(ask, line, chatty=chatty)

commands.typed = poisoned
"""


async def test_forty_likes_that_were_handed_over_outlive_four_quick_kills(own_api, start, tmp_path):
    bot = await start()
    people = [own_api.person(number, f"P{number}") for number in range(1, 9)]
    for artist, person in itertools.product(_ARTISTS, people):
        await person.say(f"/like {artist}")
    await own_api.until(lambda: not own_api.pending)
    for _ in range(4):
        await bot.stop(signal.SIGKILL)
        assert _waiting(tmp_path), "killed too late to show anything"
        before = _answers(own_api, people)
        await bot.spawn()
        await own_api.until(lambda before=before: _answers(own_api, people) > before, 60)
    await own_api.until(lambda: not _waiting(tmp_path), 60)
    for person in people:
        history = (await person.ask("/history"))["text"].casefold()
        assert [history.count(artist) for artist in _ARTISTS] == [1] * len(_ARTISTS)


async def test_a_message_that_ends_the_process_is_set_aside_alone(own_api, start, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(_POISON, encoding="utf-8")
    bot = await start(PYTHONPATH=os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    people = [own_api.person(number, f"P{number}") for number in range(1, 11)]
    for person in people[:5]:
        await person.say("/like queen")
    await people[5].say("poison")
    for person in people[5:]:
        await person.say("/like queen")
    kills = await _until_set_aside(bot)
    await own_api.until(
        lambda: all(own_api.sent[person.id] for person in people if person is not people[5]), 60
    )
    assert kills <= MOST_TRIES + 2
    for person in people:
        assert (await person.ask("/history"))["text"].count("Queen") == 1
    log = bot.log.read_text(encoding="utf-8")
    assert "set aside" in log
    assert "poison" not in log, "what somebody wrote"


async def _until_set_aside(bot: Bot) -> int:
    """Start it again whenever it ends, as a supervisor does; return how often it ended."""
    kills = 0
    async with asyncio.timeout(120):
        while not bot.log.exists() or "set aside" not in bot.log.read_text(encoding="utf-8"):
            await asyncio.sleep(0.1)
            if bot.process.returncode is not None:
                kills += 1
                assert kills < 12, "it ends again and again"
                await bot.spawn()
    return kills


def _answers(api, people) -> int:
    return sum(len(api.sent[person.id]) for person in people)


def _waiting(folder) -> int:
    with sqlite3.connect(folder / "segue.db") as db:
        return db.execute("SELECT count(*) FROM deliveries WHERE body IS NOT NULL").fetchone()[0]
