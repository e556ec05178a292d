"""A small world: twelve artists in two camps, their songs, and people who love one camp each."""

import asyncio
import shutil
from pathlib import Path

import pytest
from worlds import bundled, copied, made_once

from recommender.evaluation.interactions import Interactions
from recommender.evaluation.readers import read
from recommender.service import MusicService
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
def lastfm_2k(shared_data) -> Interactions:
    """The public data set of 1,892 users; reading it takes seconds."""
    return read("lastfm-2k", shared_data / "lastfm-2k")


@pytest.fixture(scope="session")
def catalogue(tmp_path_factory) -> Path:
    """A database with the bundled catalogue and its snapshot, to be copied."""
    return bundled(tmp_path_factory)


@pytest.fixture(scope="session")
def world(tmp_path_factory) -> Path:
    """The world from which nothing has been learned, to be copied."""

    def make(folder: Path) -> None:
        with Writer(folder / "world.db") as writer:
            writer.write(small_world).result()

    return made_once(tmp_path_factory, "two-camps", make) / "world.db"


@pytest.fixture(scope="session")
def learned(world, tmp_path_factory) -> Path:
    """The world with its snapshot, to be copied."""

    async def learn(path: Path) -> None:
        async with await MusicService.open(path, seed=1, clock=lambda: NOW + 60.0):
            pass

    def make(folder: Path) -> None:
        shutil.copy(world, folder)
        asyncio.run(learn(folder / world.name))

    return made_once(tmp_path_factory, "two-camps-learned", make) / world.name


@pytest.fixture
def database(world, tmp_path) -> Path:
    """The world without a snapshot."""
    return copied(world, tmp_path)


@pytest.fixture
async def music(database, learned):
    copied(learned, database.parent)  # in its place
    async with await MusicService.open(database, seed=1, clock=lambda: NOW + 60.0) as service:
        yield service


@pytest.fixture
async def ann(music: MusicService) -> Listener:
    return await music.arrive(Account("terminal", "ann", "Ann"), ROOM)
