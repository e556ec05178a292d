"""The real service on the bundled catalogue, and people who talk to it at a terminal."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.cli import main as cli
from bot.settings import STARTER
from recommender.service import MusicService

Talk = Callable[..., list[str]]


@pytest.fixture(scope="session")
def learned(tmp_path_factory) -> Path:
    """A database filled from the starter catalogue, with its snapshot: made once, copied for each test."""
    database = tmp_path_factory.mktemp("starter") / "segue.db"

    async def make() -> None:
        async with await MusicService.open(database, starter=STARTER, seed=1):
            pass

    asyncio.run(make())
    return database


@pytest.fixture
def database(learned, tmp_path, monkeypatch) -> Path:
    """A database of the test's own; settings and files stay in the test's folder."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.chdir(home)
    monkeypatch.setenv("SEGUE_LOG", str(tmp_path / "segue.log"))
    monkeypatch.setenv("SEGUE_SEED", "7")
    monkeypatch.setenv("LISTENBRAINZ_DAILY", "0")
    monkeypatch.delenv("SEGUE_DATABASE", raising=False)
    shutil.copy(learned, tmp_path / "segue.db")
    shutil.copytree(f"{learned}.models", tmp_path / "segue.db.models")
    return tmp_path / "segue.db"


@pytest.fixture
def talk(database, tmp_path, capsys) -> Talk:
    """Hold a conversation with `segue chat --script`; return the answer to each line."""

    def hold(*lines: str, name: str = "Ann") -> list[str]:
        script = tmp_path / "script.txt"
        script.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        capsys.readouterr()
        status = cli.run(["--database", str(database), "chat", "--as", name, "--script", str(script)])
        captured = capsys.readouterr()
        assert (status, captured.err) == (0, "")
        echoed, *answers = f"\n{captured.out}".split("\n> ")
        assert echoed == ""
        assert [answer.partition("\n")[0] for answer in answers] == list(lines)
        return [answer.partition("\n")[2].rstrip("\n") for answer in answers]

    return hold
