"""A small world: twelve artists in two camps, their songs, and people who love one camp each."""

from pathlib import Path

import pytest

from recommender.service import MusicService
from recommender.training import process
from recommender.types import Listener
from storage.records import Account, Community, Event, Kind, Subject
from storage.store import Store
from storage.writer import Writer

NOW = 1_700_000_000
ROOM = Community("terminal", "room", "room", "the room")


def small_world(store: Store) -> None:
    """Fill an empty database: rock 0-5 and jazz 0-5; jazz 5 has no songs; ten people per camp."""
    music, people, log = store.music, store.people, store.log
    for camp in ("rock", "jazz"):
        tag = music.ensure_tag(camp, "genre")
        for n in range(6):
            artist = music.ensure_artist(f"{camp} {n}")
            music.tag_artist(artist, tag, "test", 10.0)
            for song in range(0 if (camp, n) == ("jazz", 5) else 4):
                track = music.ensure_track(artist, f"{camp} {n} song {song}", year=1960 + 10 * n)
                music.tag_track(track, tag, "test", 1.0)
        for fan in range(10):
            user = people.ensure(Account("world", f"{camp} fan {fan}", f"{camp} fan {fan}"), now=NOW)
            for n in range(6):
                if n != fan % 6:  # everybody misses one
                    subject = Subject(music.ensure_artist(f"{camp} {n}"))
                    event = Event(f"{camp}{fan}-{n}", user, subject, Kind.PLAY, "world", plays=10 + n)
                    log.append(event, now=NOW)


@pytest.fixture(scope="session")
def learned(tmp_path_factory) -> Path:
    """The world with its snapshot: made once, to be copied."""
    path = tmp_path_factory.mktemp("learned") / "world.db"
    with Writer(path) as writer:
        writer.write(small_world).result()
    process.learn(path, path.with_name("world.db.models"), now=NOW + 60.0)
    return path


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "world.db"
    with Writer(path) as writer:
        writer.write(small_world).result()
    return path


@pytest.fixture
async def music(database: Path):
    async with await MusicService.open(database, seed=1, clock=lambda: NOW + 60.0) as service:
        yield service


@pytest.fixture
async def ann(music: MusicService) -> Listener:
    return await music.arrive(Account("terminal", "ann", "Ann"), ROOM)
