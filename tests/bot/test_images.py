"""Pictures in a terminal: by the protocols of those that have one, roughly by colours, saved by all."""

import os
import pty
import re
import threading
from base64 import b64decode
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from bot.adapters.terminal.attributes import attributes
from bot.adapters.terminal.images import blocks, inline, protocol
from bot.adapters.terminal.sixel import sixels
from bot.pictures.painter import Picture

PICTURE = Picture("taste.png", b"\x89PNG" + bytes(range(256)) * 40, "a taste")


def picture(kind: str, size=(90, 60)) -> Picture:
    """Return a picture whose left half is red and whose right half is blue."""
    image, out = Image.new("RGB", size, (255, 0, 0)), BytesIO()
    image.paste((0, 0, 255), (size[0] // 2, 0, *size))
    image.save(out, kind)
    return Picture("chart", out.getvalue(), "a chart")


@pytest.mark.parametrize(
    ("environment", "attributes", "expected"),
    [
        ({"TERM": "xterm-kitty"}, (), "kitty"),
        ({"TERM_PROGRAM": "ghostty"}, (), "kitty"),
        ({"TERM_PROGRAM": "iTerm.app"}, (), "iterm"),
        ({"TERM": "foot"}, (62, 4, 22), "sixel"),
        ({"TERM": "xterm-256color"}, (62, 22), None),
        ({"TERM": "xterm-kitty", "TMUX": "1"}, (62, 4), None),
    ],
)
def test_a_terminal_gets_what_it_takes(environment, attributes, expected):
    assert protocol(environment, lambda: attributes) == expected


def kitty(shown: str) -> bytes:
    pieces = re.findall(r"\x1b_G([^;]*);([^\x1b]*)\x1b\\", shown)
    assert all(len(data) <= 4096 for _, data in pieces)
    assert [keys.endswith("m=1") for keys, _ in pieces] == [True] * (len(pieces) - 1) + [False]
    assert pieces[0][0].startswith("a=T,f=100,")
    return b64decode("".join(data for _, data in pieces))


def test_kitty_gets_the_whole_picture_in_pieces_as_png():
    assert kitty(inline(PICTURE, "kitty")) == PICTURE.content
    assert kitty(inline(picture("JPEG"), "kitty")).startswith(b"\x89PNG")


def test_iterm_gets_the_picture_with_its_size():
    shown = inline(PICTURE, "iterm")
    found = re.fullmatch(r"\x1b\]1337;File=name=(\S+);inline=1;size=(\d+);width=80:(\S+)\x07\n", shown)
    assert b64decode(found[1]) == b"taste.png"
    assert int(found[2]) == len(PICTURE.content)
    assert b64decode(found[3]) == PICTURE.content


def decoded(shown: str) -> np.ndarray:
    """Read sixels as the VT340's manual says; every pixel has to be drawn once."""
    start = re.match(r'\x1bPq"1;1;(\d+);(\d+)', shown)
    width, height = map(int, start.groups())
    pixels, palette, colour, x, y = np.full((height, width, 3), -1), {}, 0, 0, 0
    body = shown[start.end() : shown.rindex("\x1b\\")]
    for told in re.finditer(r"#(\d+);2;(\d+);(\d+);(\d+)|#(\d+)|!(\d+)(.)|([$-])|(.)", body):
        number, red, green, blue, chosen, times, repeated, move, single = told.groups()
        if number:
            palette[int(number)] = (int(red), int(green), int(blue))
        elif chosen:
            colour = palette[int(chosen)]
        elif move:
            x, y = 0, y + 6 * (move == "-")
        else:
            bits, long = ord(repeated or single) - ord("?"), int(times or 1)
            for row in range(6):
                if bits >> row & 1:
                    assert (pixels[y + row, x : x + long] == -1).all()
                    pixels[y + row, x : x + long] = colour
            x += long
    assert (pixels >= 0).all()
    return pixels


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_sixels_are_the_picture(kind):
    pixels = decoded(sixels(picture(kind).content, 90))
    assert pixels.shape == (60, 90, 3)
    assert np.abs(pixels[:, :40] - (100, 0, 0)).max() <= 3
    assert np.abs(pixels[:, 50:] - (0, 0, 100)).max() <= 3


def test_blocks_are_as_wide_as_the_terminal_and_half_as_high():
    text = blocks(picture("PNG"), 30)
    assert [len(line) for line in text.plain.splitlines()] == [30] * 10
    colours = {(span.style.color.triplet.rgb, span.style.bgcolor.triplet.rgb) for span in text.spans}
    assert colours == {("rgb(255,0,0)",) * 2, ("rgb(0,0,255)",) * 2}


@pytest.mark.parametrize(("answer", "expected"), [(b"\x1b[?62;4;6c", {62, 4, 6}), (b"what?", set())])
def test_a_terminal_is_asked_what_it_can(answer, expected):
    ours, theirs = pty.openpty()

    def terminal():
        assert os.read(ours, 64) == b"\x1b[c"
        os.write(ours, answer)

    answering = threading.Thread(target=terminal)
    answering.start()
    with os.fdopen(theirs, "w") as out:
        assert attributes(out) == expected
    answering.join()
    os.close(ours)


def test_what_is_no_terminal_is_not_asked(tmp_path):
    with (tmp_path / "out.txt").open("w") as out:
        assert attributes(out) == frozenset()
