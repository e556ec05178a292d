"""Costly commands come at a bounded rate, and a disk that is nearly full takes likes and no files."""

import shutil
from types import SimpleNamespace

import pytest

from bot.commands import dispatch, perform
from bot.commands.table import COMMANDS
from bot.context import Context
from bot.handlers.importing import bring, progress_of
from bot.replies import Problem
from recommender.service import MusicService
from storage import disk
from storage.records import Account, Community

NOW = [1_700_000_000.0]


@pytest.fixture
async def music(database):
    async with await MusicService.open(database, learn=False, clock=lambda: NOW[0]) as service:
        yield service


async def said(music, line, name="Ann", room=None):
    community = None if room is None else Community("terminal", room, "room", room)
    return await dispatch(Context(music, Account("terminal", name, name), community, f"{name} {line}"), line)


async def test_who_asks_too_often_is_told_when_to_come_back(music):
    most = COMMANDS["export"].per_minute
    answers = [await said(music, "/export") for _ in range(most + 1)]
    assert [isinstance(one, Problem) for one in answers] == [False] * most + [True]
    assert answers[-1].sentence == (
        "That takes me a while each time, so give me a moment: /export again in 20 seconds."
    )
    assert not isinstance(await said(music, "/export", name="Bob"), Problem)
    NOW[0] += 20
    assert not isinstance(await said(music, "/export"), Problem)


async def test_a_room_may_ask_four_times_as_often_as_one_of_it(music):
    most = COMMANDS["export"].per_minute
    people = [f"person {n}" for n in range(5)]
    answers = [await said(music, "/export", name, room="hall") for name in people for _ in range(most)]
    assert [isinstance(one, Problem) for one in answers] == [False] * 4 * most + [True] * most
    assert not isinstance(await said(music, "/export", "person 6", room="other"), Problem)


async def test_a_nearly_full_disk_takes_likes_and_no_file(music, monkeypatch, run_import):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=disk.LEAST_FREE - 1))
    answer = await run_import(music, "artist,track,plays\nCan,Vitamin C,3\n")
    assert answer.sentence.startswith("My disk is nearly full: I stopped reading that file")
    assert not isinstance(await said(music, "/like Queen"), Problem)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=disk.LEAST_FREE))
    assert not isinstance(await run_import(music, "artist,track,plays\nCan,Vitamin C,3\n"), Problem)


@pytest.fixture
def run_import(tmp_path):
    async def called(music, text):
        path = tmp_path / "plays.csv"
        path.write_text(text, encoding="utf-8")
        context = Context(music, Account("terminal", "Ann", "Ann"), None, "import")
        return await perform(context, lambda ask: bring(ask, path))

    return called


def waiting(user):
    """What a person asks while user 7's file is the third in the queue."""
    queue = SimpleNamespace(place=lambda one: 3 if one == 7 else None)
    bringing = SimpleNamespace(queue=queue)
    return SimpleNamespace(music=SimpleNamespace(bringing=bringing), listener=SimpleNamespace(user_id=user))


def test_a_file_that_waits_shows_its_place():
    said = "a.zip waits: other people's files come first, you are number 3."
    assert progress_of(waiting(7), "a.zip", 0.0) == said
    assert progress_of(waiting(7), "a.zip", 0.5) == "Importing a.zip: 50 %"
    assert progress_of(waiting(8), "a.zip", 0.0) == "Importing a.zip: 0 %"
