"""Last.fm, asked for real on loopback: the history once, then what is new, and nothing twice."""

import asyncio

import pytest
from lastfm_server import Person
from people_there import ANN, NOW, until

from recommender.connections.apis import Apis
from recommender.errors import NothingToDo, NotKnown, Unavailable
from recommender.service import MusicService
from storage.readers import Readers
from storage.records import Account, Kind

PATIENCE = 30.0


def plays(n, begin=NOW - 1_000_000):
    return [(begin + 240 * i, f"Artist {i % 7}", f"Song {i % 31}") for i in range(n)]


async def connected(music, listener, name="rj"):
    await music.connections.connect(listener, ANN, "lastfm", name)
    return await music.connections.settled(listener, "lastfm", PATIENCE)


async def look_again(music, clock, listener, lastfm, seconds=300):
    """Let time pass until the next look, and wait for it to end."""
    before = len(lastfm.asked)
    clock.now += seconds
    music.connections.watch()
    await until(lambda: len(lastfm.asked) > before)
    return await music.connections.settled(listener, "lastfm", PATIENCE)


async def test_the_whole_history_comes_in_once(music, ann, lastfm, events):
    lastfm.people["rj"].plays = plays(450)
    lastfm.people["rj"].playing = ("Right", "Now")
    linked = await connected(music, ann)
    assert (linked.listens, linked.total, linked.is_reading, linked.problem) == (450, 450, False, None)
    assert [(at, artist, title) for _, artist, title, at in events()] == lastfm.people["rj"].plays
    again = await connected(music, ann)
    assert again.listens == 0
    assert len(events()) == 450


async def test_new_plays_come_in_by_themselves_with_those_that_were_handed_in_late(
    music, ann, lastfm, clock, events
):
    lastfm.people["rj"].plays = plays(10, NOW - 4000)
    await connected(music, ann)
    late = (NOW - 3900, "Late", "From the phone")
    lastfm.people["rj"].plays += [late, (NOW + 100, "New", "Song")]
    linked = await look_again(music, clock, ann, lastfm)
    assert linked.listens == 12
    assert [line[1:] for line in events() if line[1] in ("Late", "New")] == [
        ("Late", "From the phone", NOW - 3900),
        ("New", "Song", NOW + 100),
    ]


async def test_a_long_absence_is_read_in_pages(music, ann, lastfm, clock, events):
    lastfm.people["rj"].plays = plays(1, NOW - 4000)
    await connected(music, ann)
    lastfm.people["rj"].plays += plays(600, NOW + 10)
    await look_again(music, clock, ann, lastfm, seconds=1_000_000)
    assert len(events()) == 601


async def test_many_plays_of_one_second_do_not_stop_the_reading(music, ann, lastfm):
    same = [(NOW - 5000, f"Artist {i}", f"Song {i}") for i in range(230)]
    lastfm.people["rj"].plays = [*plays(50), *same]
    linked = await connected(music, ann)
    assert not linked.is_reading
    assert linked.listens >= 240  # of that second, only what one page shows can be had


async def test_a_history_that_was_interrupted_goes_on_where_it_was(database, clock, apis, lastfm, events):
    lastfm.people["rj"].plays = plays(1000)
    async with await MusicService.open(database, seed=1, clock=clock, apis=apis) as music:
        ann = await music.arrive(ANN)
        await music.connections.connect(ann, ANN, "lastfm", "rj")
        await until(lambda: [query["method"] for query in lastfm.asked].count("user.getRecentTracks") >= 3)
    before = len(lastfm.asked)
    some = len(events())
    assert 0 < some < 1000
    async with await MusicService.open(database, seed=1, clock=clock, apis=apis) as music:
        music.connections.watch()
        await until(lambda: len(lastfm.asked) > before)
        linked = await music.connections.settled(ann, "lastfm", PATIENCE)
    assert (len(events()), linked.is_reading) == (1000, False)
    assert len(lastfm.asked) - before <= 2 + (1000 - some) // 199 + 3


async def test_loved_songs_are_liked_until_they_are_loved_no_longer(music, ann, lastfm, clock, events):
    lastfm.people["rj"].loved = [(NOW - 50, "Queen", "Under Pressure"), (NOW - 40, "Low", "Monkey")]
    await connected(music, ann)
    assert [line[:3] for line in events()] == [
        ("like", "Queen", "Under Pressure"),
        ("like", "Low", "Monkey"),
    ]
    del lastfm.people["rj"].loved[0]
    await look_again(music, clock, ann, lastfm, seconds=90_000)
    assert [line[:3] for line in events()] == [("like", "Low", "Monkey")]


async def test_tags_that_somebody_gave_describe_the_artists(music, ann, lastfm):
    lastfm.people["rj"].tagged = {"sleepy": ["Low", "Grouper"], "loud & fast": ["Low"]}
    await connected(music, ann)
    exported = await music.export(ann)
    assert {(tag["artist"], tag["tag"]) for tag in exported["tags"]} == {
        ("Low", "sleepy"),
        ("Grouper", "sleepy"),
        ("Low", "loud & fast"),
    }


async def test_disconnecting_erases_what_came_from_there_and_nothing_else(music, ann, lastfm, events):
    lastfm.people["rj"].plays = plays(20)
    lastfm.people["rj"].loved = [(NOW - 50, "Queen", "Under Pressure")]
    lastfm.people["rj"].tagged = {"sleepy": ["Low"]}
    song = await music.names.add(ann, "Nina Simone", "Sinnerman")
    await music.reactions.record(ann, song.subject, Kind.LIKE, key="mine")
    bo = await music.arrive(Account("terminal", "bo", "Bo"))
    await connected(music, ann)
    await music.connections.connect(bo, Account("terminal", "bo", "Bo"), "lastfm", "rj")
    await music.connections.settled(bo, "lastfm", PATIENCE)
    counts = await music.connections.disconnect(ann, "lastfm")
    assert counts == {"connections": 1, "events": 21, "taggings": 1}
    exported = await music.export(ann)
    assert [event["artist"] for event in exported["events"]] == ["Nina Simone"]
    assert exported["tags"] == exported["connections"] == []
    assert len(events()) == 1 + 21  # Bo keeps hers
    with pytest.raises(NothingToDo):
        await music.connections.disconnect(ann, "lastfm")


async def test_disconnecting_in_the_middle_of_the_reading_leaves_nothing(music, ann, lastfm, events):
    lastfm.people["rj"].plays = plays(2000)
    await music.connections.connect(ann, ANN, "lastfm", "rj")
    await until(events)
    await music.connections.disconnect(ann, "lastfm")
    await asyncio.sleep(0.5)
    assert events() == []


@pytest.mark.parametrize(
    ("name", "words"),
    [("nobody", "knows nobody called nobody"), ("two words", "Say your name at Last.fm"), ("", "Say your")],
)
async def test_who_is_not_there_is_told_so(music, ann, name, words):
    with pytest.raises(NotKnown, match=words):
        await music.connections.connect(ann, ANN, "lastfm", name)
    assert await music.connections.of(ann) == []


async def test_a_hidden_history_says_where_to_untick_it(music, ann, lastfm):
    lastfm.people["rj"].is_private = True
    linked = await connected(music, ann)
    assert "hides recent listening" in str(linked.problem)


async def test_a_service_that_is_down_is_asked_again_later(music, ann, lastfm, clock, events):
    lastfm.people["rj"].plays = plays(5)
    lastfm.broken = 99
    with pytest.raises(Unavailable):
        await music.connections.connect(ann, ANN, "lastfm", "rj")
    lastfm.broken = 0
    lastfm.people["rj"].plays = plays(300)
    await music.connections.connect(ann, ANN, "lastfm", "rj")
    lastfm.broken = 3  # pylast tries three times
    linked = await music.connections.settled(ann, "lastfm", PATIENCE)
    assert "does not answer" in str(linked.problem)
    linked = await look_again(music, clock, ann, lastfm)
    assert (linked.problem, len(events())) == (None, 300)


async def test_what_is_not_set_up_is_not_offered(database, clock, lastfm):
    async with await MusicService.open(database, seed=1, clock=clock, apis=Apis()) as music:
        ann = await music.arrive(ANN)
        assert music.connections.offered == ()
        with pytest.raises(NotKnown, match="whoever runs me"):
            await music.connections.connect(ann, ANN, "lastfm", "rj")
    assert lastfm.asked == []


async def test_forgetting_somebody_ends_the_reading(music, ann, lastfm, events):
    lastfm.people["rj"] = Person(plays=plays(2000))
    await music.connections.connect(ann, ANN, "lastfm", "rj")
    await until(events)
    await music.forget(ann)
    await asyncio.sleep(1.0)
    assert events() == []
    assert (await music.stats())["users"] == 0


async def test_whoever_connected_twice_before_linking_disconnects_both(music, ann, lastfm, events, database):
    """Of two connections to one service only one moves along; the other must not go on unseen."""
    lastfm.people["rj"].plays = plays(5)
    lastfm.people["jr"] = Person(plays=plays(3, NOW - 900_000))
    phone = Account("telegram", "7", "Ann")
    other = await music.arrive(phone)
    await connected(music, ann)
    await music.connections.connect(other, phone, "lastfm", "jr")
    await music.connections.settled(other, "lastfm", PATIENCE)
    await music.links.join(other, await music.links.offer(ann))
    await music.connections.disconnect(ann, "lastfm")
    assert events() == []
    with Readers(database, threads=1) as readers:
        left = readers.read(lambda store: store.db.execute("SELECT source FROM connections").fetchall())
        assert left.result() == []
