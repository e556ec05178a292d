"""Every folder here is a test: a file or a conversation that went wrong once, here or in a similar program.

A folder holds the files that are brought, `script.txt` with what is typed, and `expected.txt` with what has
to come of it.  In the script a line that begins with "$ " is a command of the shell; every other one is said
in the terminal chat by Ann, who is new, on a database with the bundled catalogue.  In the expectations a line
that begins with "$ " or "> " names a step of the script; below it stand, one to a line:

    + text       a line of the answer has this text in it
    - text       no line has
    3x text      three lines have

Case counts, the number of spaces does not; # begins a remark.  To add a case, add a folder.
"""

import re
import shlex
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from worlds import bundled, copied, made_once

from bot.cli import main as cli

CASES = sorted(path.parent for path in Path(__file__).parent.glob("*/script.txt"))


class Step(NamedTuple):
    """What is typed, and the lines of the answer."""

    typed: str
    answer: list[str]


@pytest.fixture(scope="session")
def learned(tmp_path_factory) -> Path:
    """A database with the bundled catalogue and its snapshot, in which Ann has said a word."""

    def make(folder: Path) -> None:
        database, script = copied(bundled(tmp_path_factory), folder), folder / "script.txt"
        script.write_text("/help\n", encoding="utf-8")
        assert cli.run(["--database", str(database), "chat", "--as", "Ann", "--script", str(script)]) == 0

    return made_once(tmp_path_factory, "bundled-with-ann", make) / "segue.db"


@pytest.fixture
def at_home(learned, tmp_path, monkeypatch) -> Path:
    """A folder to sit in, with a database of its own, in UTC and with seeds."""
    for name, value in {
        "SEGUE_LOG": str(tmp_path / "log"),
        "SEGUE_SEED": "7",
        "COLUMNS": "200",
        "TZ": "UTC",
    }.items():
        monkeypatch.setenv(name, value)
    time.tzset()
    monkeypatch.chdir(tmp_path)
    copied(learned, tmp_path)
    return tmp_path


def expectations(path: Path) -> list[tuple[str, list[str]]]:
    """Return (step, checks) in the order of the file."""
    found: list[tuple[str, list[str]]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith(("$ ", "> ")):
            found.append((line.removeprefix("> "), []))
        elif line.strip() and not line.startswith("#"):
            found[-1][1].append(line)
    return found


def run_steps(folder: Path, capsys) -> Iterator[Step]:
    """Do what the script says, in the folder; yield each step with its answer."""
    lines = [
        line for line in (folder / "script.txt").read_text(encoding="utf-8").splitlines() if line.strip()
    ]
    while lines:
        if lines[0].startswith("$ "):
            typed = lines.pop(0)
            program, *arguments = shlex.split(typed.removeprefix("$ "))
            assert program == "segue"
            cli.run(["--database", "segue.db", *arguments])
            captured = capsys.readouterr()
            yield Step(typed, (captured.out + captured.err).splitlines())
            continue
        chat = []
        while lines and not lines[0].startswith("$ "):
            chat.append(lines.pop(0))
        (folder / "chat.txt").write_text("".join(f"{line}\n" for line in chat), encoding="utf-8")
        cli.run(["--database", "segue.db", "chat", "--as", "Ann", "--script", "chat.txt"])
        yield from answers(chat, capsys.readouterr().out)


def answers(chat: list[str], output: str) -> Iterator[Step]:
    """Yield what was typed in a chat with its answer; the output echoes each line behind "> "."""
    _, *parts = f"\n{output}".split("\n> ")
    assert len(parts) == len(chat), output
    for typed, part in zip(chat, parts, strict=True):
        yield Step(typed, part.splitlines()[1:])


def failed(check: str, answer: list[str]) -> bool:
    """Tell whether an answer is not as a check says."""
    sign, _, text = check.partition(" ")
    wanted = " ".join(text.split())
    count = sum(wanted in " ".join(line.split()) for line in answer)
    if sign == "+":
        return count == 0
    if sign == "-":
        return count > 0
    times = re.fullmatch(r"([0-9]+)x", sign)
    assert times, f"a check begins with +, - or a number and x: {check}"
    return count != int(times[1])


def test_there_are_cases():
    assert len(CASES) >= 28


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_it_does_what_was_asked_and_nothing_else(case, at_home, capsys):
    shutil.copytree(case, at_home, dirs_exist_ok=True)
    capsys.readouterr()
    steps = list(run_steps(at_home, capsys))
    told = "\n".join(f"{step.typed}\n  " + "\n  ".join(step.answer) for step in steps)
    left = iter(steps)
    for typed, checks in expectations(case / "expected.txt"):
        step = next((step for step in left if step.typed == typed), None)
        assert step is not None, f"no such step: {typed}\n{told}"
        broken = [check for check in checks if failed(check, step.answer)]
        assert broken == [], told
