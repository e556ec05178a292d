"""Pictures in a terminal: by the protocols of those that have one, saved by all."""

import re
from base64 import b64decode

import pytest

from bot.adapters.terminal.images import inline
from bot.pictures.painter import Picture

PICTURE = Picture("taste.png", bytes(range(256)) * 40, "a taste")


def test_kitty_gets_the_whole_picture_in_pieces():
    shown = inline(PICTURE, {"TERM": "xterm-kitty"})
    pieces = re.findall(r"\x1b_G([^;]*);([^\x1b]*)\x1b\\", shown)
    assert b64decode("".join(data for _, data in pieces)) == PICTURE.content
    assert all(len(data) <= 4096 for _, data in pieces)
    assert [keys.endswith("m=1") for keys, _ in pieces] == [True] * (len(pieces) - 1) + [False]
    assert pieces[0][0].startswith("a=T,f=100,")


def test_iterm_gets_the_picture_with_its_size():
    shown = inline(PICTURE, {"TERM_PROGRAM": "iTerm.app"})
    found = re.fullmatch(r"\x1b\]1337;File=name=(\S+);inline=1;size=(\d+);width=80:(\S+)\x07\n", shown)
    assert b64decode(found[1]) == b"taste.png"
    assert int(found[2]) == len(PICTURE.content)
    assert b64decode(found[3]) == PICTURE.content


@pytest.mark.parametrize(
    "environment", [{}, {"TERM": "xterm-256color"}, {"TERM": "xterm-kitty", "TMUX": "1"}]
)
def test_other_terminals_get_nothing_they_would_print_as_text(environment):
    assert inline(PICTURE, environment) == ""
