"""A clip goes on being compared by its sound after a restart, if its user wants that, and else by words."""

import json
import shutil

import numpy as np
import pytest
from worlds import copied

pytest.importorskip("av", reason="needs the extra segue[audio]")

from bot.commands import dispatch, perform, press
from bot.context import Context
from bot.handlers.hearing import heard
from bot.handlers.recommend import another_of
from bot.replies import FileReply, SlateReply
from bot.replies.buttons import Yes
from recommender.audio.hearing import hear
from recommender.audio.mel import RATE
from recommender.audio.musicnn import TAGS
from recommender.service import MusicService
from recommender.training import process
from storage.catalogue.heard_songs import HeardSongs
from storage.imports import HeardRow
from storage.records import Account, Community
from storage.writer import Writer

NOW = 1_700_000_000
HERE = Community("terminal", "room", "room", "the room")
NEAR = {f"{camp} {n}" for camp in ("rock", "jazz") for n in range(3)}
"""The artists whose songs sound like the clip; their tags are the same as those of the others."""


@pytest.fixture(scope="module")
def sound():
    t = np.arange(6 * RATE) / RATE
    notes = sum(np.sin(2 * np.pi * hz * t) for hz in (220.0, 277.18, 329.63))
    return (notes * np.exp(-3 * (t % 0.5)) * 0.3).astype(np.float32)


@pytest.fixture
def clip(tmp_path, sound, wav):
    return wav(tmp_path / "clip.wav", sound)


@pytest.fixture(scope="module")
def heard_world(tmp_path_factory, learned, sound):
    """The small world, in which every song was heard, with its snapshot."""
    path = tmp_path_factory.mktemp("heard") / "world.db"
    shutil.copy(learned, path)
    vector, rng = hear(sound).vector, np.random.default_rng(1)

    def listen(store):
        known = HeardSongs(store.db)
        tracks = "SELECT tracks.id, artists.name FROM tracks JOIN artists ON artists.id = artist_id"
        for track, artist in store.db.execute(tracks).fetchall():
            near = (vector if artist in NEAR else -vector) + rng.normal(0, 0.01, len(vector))
            halves = [
                one.astype("<f2").tobytes() for one in (near / np.linalg.norm(near), np.zeros(len(TAGS)))
            ]
            known.add(track, "audio", HeardRow(1, "", "", f"{track}", *halves, None, 0, -20.0, 0.5))

    with Writer(path) as writer:
        writer.write(listen).result()
    process.learn(path, path.with_name("world.db.models"), now=NOW + 60.0)
    return path


@pytest.fixture
def database(tmp_path, heard_world):
    return copied(heard_world, tmp_path)


@pytest.fixture
def opened(database):
    return lambda: MusicService.open(database, seed=1, clock=lambda: NOW + 60.0)


def context(music, name="Ann", place=None) -> Context:
    return Context(music, Account("terminal", name, name), place, "1")


def artists(reply) -> set[str]:
    assert isinstance(reply, SlateReply), reply
    return {pick.song.artist for pick in reply.slate.picks}


async def exported(here: Context) -> dict:
    reply = await dispatch(here, "/export")
    assert isinstance(reply, FileReply)
    return json.loads(reply.content)


async def test_what_is_kept_outlives_a_restart(opened, clip):
    async with await opened() as music:
        told = await dispatch(context(music), "/settings clips keep")
        assert told.text.endswith("I keep 400 numbers for how each sounds, so far for 0 lists.")
        first = await perform(context(music), lambda ask: heard(ask, clip))
        assert artists(first) <= NEAR
        await music.shown(first.slate.id)
        reasons = (await dispatch(context(music), "/why")).text
    async with await opened() as music:
        here = context(music)
        assert (await dispatch(here, "/why")).text == reasons
        for _ in range(2):  # the list after the next goes on from the same sound
            more = await dispatch(here, "/more")
            assert artists(more) <= NEAR
            await music.shown(more.slate.id)
        kept = (await exported(here))["kept_clips"]
        assert [len(line["vector"]) for line in kept] == [400] * 3
        assert [tuple(map(tuple, line["words"])) for line in kept] == [first.slate.query.heard] * 3
        told = await dispatch(here, "/settings clips forget")
        assert told.text == "I erased what I kept of your clips: 3 lists. I keep none from now on."
        assert (await exported(here))["kept_clips"] == []


async def test_nothing_is_kept_until_somebody_says_so(opened, clip):
    async with await opened() as music:
        here = context(music)
        first = await perform(here, lambda ask: heard(ask, clip))
        assert artists(first) <= NEAR
        await music.shown(first.slate.id)
        assert (await exported(here))["kept_clips"] == []
        more = await dispatch(here, "/more")
        assert not isinstance(more, SlateReply) or artists(more) - NEAR
        await dispatch(here, "/settings clips keep")
        assert (await exported(here))["kept_clips"] == []  # what was sent before stays forgotten


async def test_somebody_else_goes_on_by_words_alone(opened, clip):
    async with await opened() as music:
        here, others = context(music, place=HERE), context(music, "Bo", HERE)
        for one in (here, others):
            await dispatch(one, "/settings clips keep")
        list_of_ann = await perform(here, lambda ask: heard(ask, clip))
        assert isinstance(list_of_ann, SlateReply)
        await perform(others, lambda ask: another_of(ask, list_of_ann.slate.id))
        assert len((await exported(here))["kept_clips"]) == 1
        assert (await exported(others))["kept_clips"] == []


async def test_forgetting_and_what_privacy_says(opened, clip, database):
    async with await opened() as music:
        here = context(music)
        assert "/settings clips keep" in (await dispatch(here, "/privacy")).text
        await dispatch(here, "/settings clips keep")
        await perform(here, lambda ask: heard(ask, clip))
        await press(here, str(Yes("forget")))
    with Writer(database) as writer:
        left = writer.write(lambda store: store.db["kept_clips"].count).result()
    assert left == 0
