"""The README and the pages in docs/ are run: what they show is what happens.

The `console` blocks of a page are one session in one folder: lines after `$ ` are run, and the lines below
are what they print, with `...` for anything.  A `chat` block is a conversation with a new database, word for
word.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from bot.commands.table import COMMANDS

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
PAGES = {
    page.name: page.read_text(encoding="utf-8") for page in (README, *sorted((ROOT / "docs").glob("*.md")))
}
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)(?:#([^)]+))?\)")
MOST_BYTES = 7 * 1024


def blocks(kind):
    return [
        pytest.param(text, id=f"{name}-{n}")
        for name, page in PAGES.items()
        for n, (found, text) in enumerate(BLOCK.findall(page))
        if found == kind
    ]


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """The folder of all console blocks: each goes on where the one before ended."""
    folder = tmp_path_factory.mktemp("session")
    (folder / "my-plays.csv").write_text(
        "artist,track,plays\nPortishead,Glory Box,41\nMassive Attack,Teardrop,17\nno artist here,,x\n"
    )
    return folder


def run(arguments, folder):
    environment = os.environ | {
        "SEGUE_DATABASE": str(folder / "segue.db"),
        "SEGUE_LOG": str(folder / "segue.log"),
        "SEGUE_SEED": "1",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "COLUMNS": "100",
    }
    return subprocess.run(
        arguments, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120
    )


def fits(expected, printed):
    """Tell whether `printed` is `expected`, where `...` stands for anything."""
    pattern = ".*?".join(re.escape(part) for part in expected.strip().split("..."))
    return re.fullmatch(pattern, printed.strip(), re.DOTALL) is not None


@pytest.mark.parametrize("text", blocks("console"))
def test_console_blocks_print_what_they_say(text, session):
    for step in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, expected = step.partition("\n")
        answer = run(shlex.split(command), session)
        printed = answer.stdout + answer.stderr
        assert answer.returncode == 0, printed
        assert fits(expected, printed), f"$ {command}\n{printed}"


@pytest.mark.parametrize("text", blocks("chat"))
def test_chat_blocks_are_word_for_word(text, tmp_path):
    said = [line[2:] for line in text.splitlines() if line.startswith("> ")]
    (tmp_path / "talk.txt").write_text("\n".join(said) + "\n", encoding="utf-8")
    answer = run(["segue", "chat", "--as", "Ann", "--script", "talk.txt"], tmp_path)
    assert answer.stdout.strip() == text.strip()
    assert answer.returncode == 0


def test_there_is_something_to_run():
    assert len(blocks("console")) >= 2
    assert len(blocks("chat")) >= 1


def test_ci_runs_the_second_command_of_the_readme():
    commands = re.findall(r"^(python3 -m bot\.install.*)$", PAGES["README.md"], re.MULTILINE)
    assert len(commands) == 2
    assert commands[1] in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_the_readme_is_a_front_door():
    assert len(README.read_bytes()) <= MOST_BYTES


def test_every_command_is_on_its_page():
    assert [name for name in COMMANDS if f"`/{name}" not in PAGES["commands.md"]] == []


def test_every_page_is_reached_from_the_readme():
    reached, waiting = set(), ["README.md"]
    while waiting:
        name = waiting.pop()
        reached.add(name)
        linked = {Path(target).name for target, _ in LINK.findall(PAGES[name])}
        waiting += [page for page in linked & PAGES.keys() if page not in reached]
    assert reached == PAGES.keys()


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name):
    folder = ROOT if name == "README.md" else ROOT / "docs"
    for target, heading in LINK.findall(PAGES[name]):
        found = folder / target
        assert found.exists(), target
        if heading:
            titles = re.findall(r"^#+ (.+)$", found.read_text(encoding="utf-8"), re.MULTILINE)
            anchors = [re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles]
            assert heading in anchors, f"{target}#{heading}"
