"""People in a place of a small world: twelve artists in two camps, and who loves which."""

import asyncio
from pathlib import Path

import pytest
from worlds import copied, made_once

from recommender.service import MusicService
from storage.records import Account, Community, Event, Kind, Subject
from storage.writer import Writer

NOW = 1_700_000_000
ROOM = Community("terminal", "room", "room", "the room")


def small_world(store) -> None:
    """Fill an empty database: eight artists in each of two camps, five songs each, eight fans per camp."""
    music, people, log = store.music, store.people, store.log
    for camp in ("rock", "jazz"):
        tag = music.ensure_tag(camp, "genre")
        for n in range(8):
            artist = music.ensure_artist(f"{camp} {n}")
            music.tag_artist(artist, tag, "test", 10.0)
            for song in range(5):
                track = music.ensure_track(artist, f"{camp} {n} song {song}", year=1960 + 5 * n)
                music.tag_track(track, tag, "test", 1.0)
        for fan in range(8):
            user = people.ensure(Account("world", f"{camp} fan {fan}", f"{camp} fan {fan}"), now=NOW)
            for n in range(8):
                if n != fan:
                    subject = Subject(music.ensure_artist(f"{camp} {n}"))
                    event = Event(f"{camp}{fan}-{n}", user, subject, Kind.PLAY, "world", plays=10 + n)
                    log.append(event, now=NOW)


class Clock:
    """A clock that stands still unless it is told to go."""

    def __init__(self):
        self.now = NOW + 60.0

    def __call__(self):
        return self.now


@pytest.fixture(scope="session")
def learned(tmp_path_factory) -> Path:
    """The world with its snapshot: made once, copied for each test."""

    async def learn(path: Path) -> None:
        async with await MusicService.open(path, seed=1, clock=Clock()):
            pass

    def make(folder: Path) -> None:
        with Writer(folder / "world.db") as writer:
            writer.write(small_world).result()
        asyncio.run(learn(folder / "world.db"))

    return made_once(tmp_path_factory, "two-camps-of-eight", make) / "world.db"


@pytest.fixture
def database(learned, tmp_path) -> Path:
    return copied(learned, tmp_path)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def music(database, clock):
    async with await MusicService.open(database, seed=1, clock=clock) as service:
        yield service


@pytest.fixture
def someone(music):
    """Let somebody arrive in the room, who likes what is named."""

    async def arrive(name, *likes):
        listener = await music.arrive(Account("terminal", name.casefold(), name), ROOM)
        for liked in likes:
            subject = (await music.names.resolve(liked)).song.subject
            await music.reactions.record(listener, subject, Kind.LIKE, key=f"{name} {liked}")
        return listener

    return arrive
