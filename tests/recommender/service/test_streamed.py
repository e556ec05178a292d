"""Results of streamed requests, and workers that share one database."""

import pytest

from recommender.service import MusicService
from storage.sharing.offsets import Position
from storage.sharing.results import Outgoing

TOPIC = "segue.songs"


def outgoing(name, position):
    return Outgoing(name, None, 0, position, "segue.results", b"{}")


@pytest.fixture
async def music(database):
    async with await MusicService.open(database, learn=False) as opened:
        yield opened


async def test_the_older_of_two_workers_on_a_partition_stores_and_sends_nothing(music):
    older = {0: await music.streamed.begin(TOPIC, 0, -1)}
    assert await music.streamed.keep([outgoing("a", 0)], [Position(TOPIC, 0, 1)], older, ()) == set()
    newer = {0: await music.streamed.begin(TOPIC, 0, -1)}
    await music.streamed.keep([outgoing("b", 1)], [Position(TOPIC, 0, 2)], newer, ())
    assert await music.streamed.keep([outgoing("c", 0)], [Position(TOPIC, 0, 1)], older, ()) == {0}
    assert await music.replication.position(TOPIC, 0) == 2
    assert await music.streamed.waiting(TOPIC, older, 0, 9) == []
    assert [one.request for one in await music.streamed.waiting(TOPIC, newer, 0, 9)] == ["a", "b"]
