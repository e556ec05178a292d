"""A platform that nobody has heard of yet: an account and a few lines, and everything works as elsewhere."""

import ast
from pathlib import Path

import pytest

import bot
import storage
from bot.commands import delivered, dispatch
from bot.context import Context
from bot.replies import Problem
from recommender.service import MusicService
from storage.records import Account


@pytest.fixture
async def says(database):
    """Talk on a platform named echo."""
    async with await MusicService.open(database, seed=3) as music:
        count = iter(range(1_000_000))

        async def say(line: str):
            context = Context(music, Account("echo", "7", "Ann"), None, f"echo:{next(count)}")
            reply = await dispatch(context, line, chatty=True)
            assert await delivered(context, reply) is None
            return reply

        yield say


async def test_what_is_said_on_a_new_platform_is_said_and_not_imported(says):
    for line in ("radiohead", "/like queen", "/recommend", "+1", "/undo", "/profile"):
        assert not isinstance(await says(line), Problem), line
    assert "What came in because you brought it" not in (await says("/privacy")).text
    assert (await says("/disconnect echo")).sentence.startswith("Nothing")


def names_of_platforms(folder: Path) -> list[str]:
    """Return where strings name a platform, but for the migrations, which tell of old databases."""
    return [
        f"{path.name}:{node.lineno} names {node.value}"
        for path in sorted(folder.glob("*.py"))
        if path.name != "migrations.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value in ("discord", "telegram", "terminal", "echo")
    ]


def test_what_remembers_facts_knows_no_platform():
    assert names_of_platforms(Path(storage.__file__).parent) == []


def test_what_handles_commands_knows_no_platform():
    assert names_of_platforms(Path(bot.__file__).parent / "handlers") == []
