"""The painting process: apart from the event loop, started again when it dies, asked once for one content."""

import asyncio
import os
import signal
import time

import pytest

from bot.pictures import Drawing
from bot.pictures.painter import Painter, PaintError, can_paint

SQUARE = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="{}"><rect width="9" height="9"/></svg>'
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def painter():
    made = Painter()
    yield made
    made.close()


def test_pictures_are_installed_for_the_tests():
    assert can_paint()


def test_a_drawing_becomes_a_picture_and_its_like_is_the_same(painter):
    first = painter.picture(SQUARE.format(9))
    assert first.startswith(PNG)
    assert painter.picture(SQUARE.format(9)) is first
    assert painter.picture(SQUARE.format(8)) != first


def test_a_process_that_died_is_started_again(painter):
    painter.picture(SQUARE.format(9))
    os.kill(painter._process.pid, signal.SIGKILL)
    assert painter.picture(SQUARE.format(7)).startswith(PNG)


def test_what_is_no_drawing_is_an_error_and_the_next_one_is_drawn(painter):
    with pytest.raises(PaintError):
        painter.picture("<svg")
    assert painter.picture(SQUARE.format(9)).startswith(PNG)


async def test_a_failure_is_logged_and_gives_no_picture(painter, caplog):
    good, bad = (Drawing("a", svg, "alt", 9, 9) for svg in (SQUARE.format(9), "<svg"))
    [picture] = await painter.paint([good])
    assert (picture.name, picture.alt) == ("a.png", "alt")
    assert await painter.paint([good, bad]) == ()
    assert "no picture could be made" in caplog.text


async def test_the_event_loop_goes_on_while_it_paints(painter):
    big = SQUARE.replace("9", "3000").format(3000)
    task = asyncio.create_task(painter.paint([Drawing("b", big, "", 3000, 3000)]))
    gaps, before = [], time.perf_counter()
    while not task.done():
        await asyncio.sleep(0.001)
        gaps.append(time.perf_counter() - before)
        before = time.perf_counter()
    assert await task
    assert len(gaps) > 20
    assert sorted(gaps)[len(gaps) // 2] < 0.02


def test_the_pictures_kept_are_bounded(painter, monkeypatch):
    monkeypatch.setattr("bot.pictures.painter._KEPT", 300)
    for height in range(1, 9):
        painter.picture(SQUARE.format(height))
    assert 1 <= len(painter._kept) < 8
