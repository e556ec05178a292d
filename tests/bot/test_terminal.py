"""A person at a real terminal: the prompt, its completion, its keys."""

import asyncio
import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from bot.adapters.terminal.chat import account
from bot.adapters.terminal.completion import CommandCompleter
from bot.commands.table import COMMANDS
from recommender.service import MusicService

ROOT = Path(__file__).resolve().parents[2]
CTRL_C, CTRL_D, ENTER = b"\x03", b"\x04", b"\r"
PATIENCE = 30.0
READY = "\x1b[?2004h"  # each prompt asks for bracketed paste once it has the keyboard to itself


@pytest.fixture
async def completer(database):
    async with await MusicService.open(database, seed=3) as music:
        yield CommandCompleter(music, account("Ann"))


async def offered(completer: CommandCompleter, typed: str) -> list[str]:
    found = completer.get_completions_async(Document(typed), CompleteEvent())
    return [completion.text async for completion in found]


async def test_a_slash_offers_the_commands(completer):
    assert await offered(completer, "/") == [f"/{name}" for name in COMMANDS]
    assert await offered(completer, "/UNB") == ["/unblock"]
    assert await offered(completer, "hello") == []


async def test_a_command_about_songs_offers_songs_and_artists(completer):
    assert "Queen - Bohemian Rhapsody" in await offered(completer, "/like bohem")
    assert (await offered(completer, "/similar depeche mo"))[0] == "Depeche Mode"


async def test_a_command_about_artists_offers_no_songs(completer):
    assert await offered(completer, "/block depeche") == ["Depeche Mode"]
    assert await offered(completer, "/history que") == []
    assert await offered(completer, "/nonsense que") == []


async def test_a_completed_line_replaces_what_was_typed(completer):
    document = Document("/like bohem")
    first = await anext(completer.get_completions_async(document, CompleteEvent()))
    assert document.text[: first.start_position] + first.text == "/like Queen - Bohemian Rhapsody"


class Terminal:
    """`segue chat` on a pseudo-terminal, driven by its keys."""

    def __init__(self, database: Path) -> None:
        self.master, slave = pty.openpty()
        code = "from bot.cli.main import main; main()"
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, "--database", str(database), "chat", "--as", "Ann"],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"},
        )
        os.close(slave)
        self.seen = ""

    def at_the_prompt(self, keys: bytes) -> None:
        self.wait_for(READY)
        os.write(self.master, keys)

    def wait_for(self, text: str) -> None:
        """Read until `text` appears, and forget what came up to it."""
        deadline = time.monotonic() + PATIENCE
        while text not in self.seen:
            assert time.monotonic() < deadline, self.seen
            if select.select([self.master], [], [], 1.0)[0]:
                self.seen += os.read(self.master, 65536).decode(errors="replace")
        self.seen = self.seen.partition(text)[2]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.master)


def converse(terminal: Terminal) -> int:
    terminal.wait_for("Hello Ann.")
    terminal.wait_for("Ctrl-D ends.")
    terminal.at_the_prompt(b"/like nonsense that is given up" + CTRL_C)
    terminal.at_the_prompt(b"/like queen" + ENTER)
    terminal.wait_for("you like Queen. A song of theirs as well?")
    terminal.at_the_prompt(b"/recommend" + ENTER)
    terminal.wait_for(" For you ")
    terminal.wait_for("╯")
    terminal.at_the_prompt(CTRL_D)
    terminal.wait_for("Goodbye.")
    return terminal.process.wait(timeout=PATIENCE)


async def test_ctrl_c_gives_up_the_line_and_ctrl_d_says_goodbye(database):
    with Terminal(database) as terminal:
        assert await asyncio.to_thread(converse, terminal) == 0
