"""The real service on the bundled catalogue, and people who talk to it at a terminal."""

from collections.abc import Callable
from pathlib import Path

import pytest
from worlds import bundled, copied

from bot.cli import main as cli

Talk = Callable[..., list[str]]


@pytest.fixture(scope="session")
def learned(tmp_path_factory) -> Path:
    """A database with the bundled catalogue and its snapshot, to be copied."""
    return bundled(tmp_path_factory)


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
    return copied(learned, tmp_path)


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
