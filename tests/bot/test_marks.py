"""The sign of what somebody did is the same in every chat."""

from io import StringIO

import pytest
from rich.console import Console

from bot.adapters.discord import render
from bot.adapters.telegram import render as telegram
from bot.adapters.terminal import render as terminal
from bot.replies import HistoryReply
from bot.replies.explanations import MARKS
from storage.records import HistoryLine, Kind, Subject


def in_terminal(reply: HistoryReply) -> str:
    console = Console(file=StringIO(), width=80)
    console.print(terminal.render(reply))
    return console.file.getvalue()


CHATS = {
    "terminal": in_terminal,
    "discord": lambda reply: render.page(reply, render.Scene()).pieces[0].text,
    "telegram": lambda reply: telegram.render(reply)[0].text,
}


def test_every_kind_that_a_history_can_hold_has_a_sign_of_its_own():
    # What undoes is no line: the line that it undoes is struck through.
    assert set(MARKS) == set(Kind) - {Kind.UNDO}
    assert len(set(MARKS.values())) == len(MARKS)


@pytest.mark.parametrize("chat", CHATS)
@pytest.mark.parametrize("kind", MARKS)
def test_a_history_shows_the_same_sign_in_every_chat(chat, kind):
    line = HistoryLine(1, kind, 0, 0, Subject(1, 2), "Queen", "Bohemian Rhapsody", None, undone=False)
    shown = CHATS[chat](HistoryReply((line,)))
    assert [sign for sign in MARKS.values() if sign in shown] == [MARKS[kind]]
    assert f"{MARKS[kind]}\ufe0f" not in shown
