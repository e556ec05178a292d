"""Covers come from the archive alone, bounded in size and time, and once."""

import time
from uuid import UUID

import pytest
from json_server import Answer, serve

from recommender.catalog import cover_images
from recommender.catalog.cover_images import MOST_BYTES, CoverImages

JPEG = b"\xff\xd8\xff\xe0 a picture"


def url(n: int) -> str:
    return f"https://coverartarchive.org/release/{UUID(int=n)}/front-250.jpg"


class Archive:
    """The archive, with a picture of its own for each release."""

    def __init__(self):
        self.asked = []
        self.answers = {}  # release -> its answer
        self.pause = 0.0  # seconds before each

    def __call__(self, asked):
        self.asked.append(asked.path)
        time.sleep(self.pause)
        release = UUID(asked.path.split("/")[2]).int
        return self.answers.get(release, Answer(raw=JPEG + bytes([release])))


@pytest.fixture
def archive():
    made = Archive()
    with serve(made) as made.base:
        yield made


@pytest.fixture
async def covers(archive):
    made = CoverImages(archive.base)
    yield made
    await made.close()


async def test_covers_are_downloaded_once(archive, covers):
    wanted = {url(n): JPEG + bytes([n]) for n in range(1, 9)}
    assert await covers.get(wanted) == wanted
    assert await covers.get(wanted) == wanted
    assert len(archive.asked) == 8


async def test_only_covers_of_the_archive_are_asked_for(archive, covers):
    others = ("https://i.scdn.co/image/ab67", "http://127.0.0.1/x", f"{url(1)}/../../x", "file:///etc/passwd")
    assert await covers.get(others) == {}
    assert archive.asked == []
    assert await CoverImages("").get([url(1)]) == {}


@pytest.mark.parametrize(
    "answer",
    [
        Answer(raw=JPEG + bytes(MOST_BYTES)),
        Answer(status=404, html="gone"),
        Answer(status=302, headers={"Location": "https://127.0.0.1:1/inside.jpg"}),
        Answer(status=302, headers={"Location": "http://archive.org/plain.jpg"}),
        Answer(status=302, headers={"Location": "https://archive.org.example/x.jpg"}),
    ],
    ids=["large", "missing", "inside", "plain", "elsewhere"],
)
async def test_what_is_too_large_or_elsewhere_is_no_cover_and_not_asked_for_at_once_again(
    archive, covers, answer
):
    archive.answers[1] = answer
    assert await covers.get([url(1), url(2)]) == {url(2): JPEG + b"\x02"}
    await covers.get([url(1)])
    assert len(archive.asked) == 2


async def test_a_redirect_within_the_archive_is_followed(archive, covers):
    there = f"{archive.base}/release/{UUID(int=2)}/front-250.jpg"
    archive.answers[1] = Answer(status=307, headers={"Location": there})
    assert await covers.get([url(1)]) == {url(1): JPEG + b"\x02"}


async def test_a_slow_cover_is_there_for_the_next_drawing(archive, covers, monkeypatch):
    monkeypatch.setattr(cover_images, "PATIENCE", 0.2)
    archive.pause = 0.5
    assert await covers.get([url(1)]) == {}
    monkeypatch.setattr(cover_images, "PATIENCE", 5)
    assert await covers.get([url(1)]) == {url(1): JPEG + b"\x01"}
    assert len(archive.asked) == 1


async def test_the_pictures_kept_are_bounded(covers, monkeypatch):
    monkeypatch.setattr(cover_images, "_KEPT_BYTES", 3 * len(JPEG) + 3)
    await covers.get([url(n) for n in range(1, 9)])
    assert len(covers._kept) == 3
