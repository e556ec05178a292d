"""A service with a Last.fm on loopback, and a clock that tests set."""

from pathlib import Path

import pytest
from lastfm_server import LastfmServer, Person, serve_lastfm
from people_there import ANN, NOW

from recommender.connections.apis import Apis
from recommender.service import MusicService
from storage.readers import Readers


class Clock:
    """Seconds since 1970, as a test wants them."""

    def __init__(self) -> None:
        self.now = float(NOW)

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def lastfm():
    with serve_lastfm() as server:
        server.people["rj"] = Person()
        yield server


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "world.db"


@pytest.fixture
def apis(lastfm: LastfmServer) -> Apis:
    return Apis(lastfm_key="key", lastfm_base=lastfm.base, poll_seconds=300)


@pytest.fixture
async def music(database, clock, apis):
    async with await MusicService.open(database, seed=1, clock=clock, apis=apis) as service:
        yield service


@pytest.fixture
async def ann(music):
    return await music.arrive(ANN)


@pytest.fixture
def events(database):
    """Return what stands in the log as (kind, artist, title, at), by time."""

    def read():
        with Readers(database, threads=1) as readers:
            return readers.read(
                lambda store: store.db.execute(
                    "SELECT kind, artists.name, title, at FROM standing_events AS e"
                    " JOIN artists ON artists.id = e.artist_id LEFT JOIN tracks ON tracks.id = e.track_id"
                    " ORDER BY at, e.id"
                ).fetchall()
            ).result()

    return read
