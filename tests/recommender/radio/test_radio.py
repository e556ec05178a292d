"""A radio: no song twice, what is skipped stays away, every press counts once, and it survives a restart."""

import asyncio
from itertools import pairwise

import numpy as np
import pytest

from recommender.errors import NothingToDo, NotKnown
from recommender.service import MusicService
from recommender.types import Query
from storage.chats.radios import Radios
from storage.records import Account, Event, Kind, Subject

NOW = 1_700_000_000


async def press(music, ann, live, kind, key):
    await music.reactions.press(ann, live.slate.id, 0, kind, key=key)
    return await music.radio.next(live.slate.id)


def playing(live) -> Subject:
    return live.slate.picks[0].song.subject


async def until_nothing_is_left(music, ann, live, choose):
    """Play on until the radio ends by itself; return its songs."""
    heard = [playing(live)]
    for n in range(100):
        try:
            live = await press(music, ann, live, choose(n), f"press {n}")
        except NothingToDo:
            return heard
        heard.append(playing(live))
    raise AssertionError("a world of 44 songs has a radio without end")


@pytest.mark.parametrize("seed", [0, 1])
async def test_no_song_comes_twice_whatever_is_pressed_and_a_skip_never_comes_back(music, ann, seed):
    drawn = np.random.default_rng(seed).integers(3, size=100)
    kinds = [(Kind.LIKE, Kind.SKIP, Kind.DISLIKE)[n] for n in drawn.tolist()]
    live = await music.radio.start(Query(ann.user_id, 1), key="a")
    heard = await until_nothing_is_left(music, ann, live, lambda n: kinds[n])
    assert len(heard) == len(set(heard)) > 20
    refused = {song for song, kind in zip(heard, kinds, strict=False) if kind is not Kind.LIKE}
    live = await music.radio.start(Query(ann.user_id, 1), key="b")
    again = await until_nothing_is_left(music, ann, live, lambda _: Kind.LIKE)
    assert not refused & set(again[:-1])


async def test_a_thumb_down_and_skips_steer_it_at_once(music, ann):
    queen = await music.names.resolve("rock 0")
    jazz = await music.names.resolve("jazz 0")

    async def share_of_rock(kinds):
        live = await music.radio.start(
            Query(ann.user_id, 1, seeds=(queen.song.subject, jazz.song.subject)), key=str(kinds)
        )
        songs = []
        for n in range(10):
            name = live.slate.picks[0].song.artist
            songs.append(name.startswith("rock"))
            live = await press(music, ann, live, kinds[songs[-1]], f"{kinds} {n}")
        for event in await music._read(lambda store: store.log.standing(ann.user_id, (Kind.LIKE, Kind.SKIP))):
            subject = Subject(event[1], event[2])
            await music.reactions.take_back(ann, subject, key=f"undo {kinds} {event[0]}")
        return sum(songs[5:])

    rock = await share_of_rock({True: Kind.LIKE, False: Kind.SKIP})
    other = await share_of_rock({True: Kind.SKIP, False: Kind.LIKE})
    assert rock > other


async def test_a_press_that_comes_twice_plays_one_song(music, ann):
    first = await music.radio.start(Query(ann.user_id, 1), key="a")
    assert (await music.radio.start(Query(ann.user_id, 1), key="a")).id == first.id
    both = await asyncio.gather(*(music.radio.next(first.slate.id) for _ in range(5)))
    assert {live.slate.id for live in both} == {both[0].slate.id} != {first.slate.id}
    assert both[0].played == 2
    assert (await music.radio.next(first.slate.id)).slate.id == both[0].slate.id


async def test_it_goes_on_after_a_restart(database, ann, music):
    live = await music.radio.start(Query(ann.user_id, 1), key="a")
    second = await music.radio.next(live.slate.id)
    async with await MusicService.open(database, seed=2, clock=lambda: NOW + 120.0) as later:
        found = await later.radio.running(ann)
        assert (found.id, found.slate.id, found.played) == (live.id, second.slate.id, 2)
        third = await later.radio.next(second.slate.id)
        assert len({playing(one) for one in (live, second, third)}) == 3


async def test_one_radio_at_a_time_and_none_after_it_is_stopped(music, ann):
    first = await music.radio.start(Query(ann.user_id, 1), key="a")
    second = await music.radio.start(Query(ann.user_id, 1), key="b")
    assert (await music.radio.running(ann)).id == second.id
    assert (await music.radio.next(first.slate.id)).is_over
    stopped = await music.radio.stop(second.slate.id)
    assert stopped.is_over
    assert (await music.radio.next(second.slate.id)).slate.id == stopped.slate.id
    with pytest.raises(NothingToDo):
        await music.radio.running(ann)
    with pytest.raises(NotKnown):
        await music.radio.look(10**9)


async def test_every_song_is_logged_as_a_list_of_one_with_its_propensity(music, ann):
    live = await music.radio.start(Query(ann.user_id, 1), key="a")
    for _ in range(3):
        live = await music.radio.next(live.slate.id)
    slates = await music._read(
        lambda store: [store.slates.get(one.slate_id) for one in Radios(store.db).songs(live.id)]
    )
    assert [len(slate.impressions) for slate in slates] == [1] * 4
    for slate in slates:
        (shown,) = slate.impressions
        assert 0 < shown.propensity <= 1
        assert shown.features[f"odds.{slate.policy}"] == pytest.approx(shown.propensity)


async def test_what_is_blocked_or_disliked_is_not_played_and_what_is_known_may_be(music, ann):
    rock = [(await music.names.resolve(f"rock {n}")).song.subject for n in range(6)]
    for subject in rock[:3]:
        await music.reactions.record(ann, subject, Kind.BLOCK, key=f"block {subject}")
    songs = await music._read(lambda store: list(store.music.track_rows()))
    track = next(track for track, artist, *_ in songs if artist == rock[4].artist_id)
    known = Subject(rock[4].artist_id, track)
    await music.reactions.record(ann, known, Kind.LIKE, key="known")
    live = await music.radio.start(Query(ann.user_id, 1), key="a")
    heard = await until_nothing_is_left(music, ann, live, lambda _: Kind.LIKE)
    assert not {song.artist_id for song in heard} & {subject.artist_id for subject in rock[:3]}
    assert known in heard


async def test_export_has_it_and_forget_leaves_nothing(music, ann):
    live = await music.radio.start(Query(ann.user_id, 1), key="a")
    live = await music.radio.next(live.slate.id)
    told = await music.export(ann)
    assert [radio["id"] for radio in told["radios"]] == [live.id]
    assert [one["slate_id"] for one in told["radio_slates"]][-1] == live.slate.id
    await music.forget(ann)
    counts = [f"SELECT count(*) FROM {table}" for table in ("radios", "radio_slates")]
    left = await music._read(lambda store: [store.db.execute(sql).fetchone()[0] for sql in counts])
    assert left == [0, 0]
    with pytest.raises(NotKnown):
        await music.radio.next(live.slate.id)


@pytest.fixture
async def in_order(database):
    """The world, where three people play the songs of each rock artist in order, again and again."""

    def play(store):
        tracks = {}
        for track, artist, *_ in store.music.track_rows():
            tracks.setdefault(artist, []).append(track)
        for person in range(3):
            user = store.people.ensure(Account("world", f"rock fan {person}", "x"), now=NOW)
            for day in range(12):
                artist = store.music.ensure_artist(f"rock {(day + person) % 6}")
                for n, track in enumerate(tracks[artist]):
                    at = NOW - 86_400 * (20 - day) + 3600 * person + 200 * n
                    key = f"{person}-{day}-{n}"
                    store.log.append(
                        Event(key, user, Subject(artist, track), Kind.PLAY, "world", at), now=NOW
                    )
        return tracks

    async with await MusicService.open(database, seed=1, clock=lambda: NOW + 60.0, learn=False) as music:
        tracks = await music._write(play)
        await music.train()
        yield music, tracks


async def test_who_hears_albums_through_gets_the_next_song_and_who_does_not_gets_other_artists(in_order):
    music, tracks = in_order
    artist = (await music.names.resolve("rock 3")).song.subject.artist_id
    seed = Subject(artist, tracks[artist][0])
    fan = await music.arrive(Account("world", "rock fan 0", "Fan"))
    live = await music.radio.start(Query(fan.user_id, 1, seeds=(seed,)), key="fan")
    assert playing(live) == Subject(artist, tracks[artist][1])
    assert (await music.stats())["snapshot"]["next_song"]["sessions"] == 36
    stranger = await music.arrive(Account("terminal", "stranger", "S"))
    live = await music.radio.start(Query(stranger.user_id, 1), key="stranger")
    heard = [playing(live).artist_id]
    for _ in range(5):
        live = await music.radio.next(live.slate.id)
        heard.append(playing(live).artist_id)
    assert all(one != other for one, other in pairwise(heard))
