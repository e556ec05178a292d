"""New releases come in from ListenBrainz and MusicBrainz on loopback, once each, within a daily budget."""

from datetime import UTC, datetime, timedelta

import pytest
from json_server import Answer
from listenbrainz_server import mbid
from people_there import ANN, NOW
from releases_server import Album, serve_releases

from bot.commands import dispatch
from bot.context import Context
from bot.handlers.mailings import made
from recommender.connections.apis import Apis
from recommender.errors import Unavailable
from recommender.service import MusicService
from storage.chats.subscriptions import Owner
from storage.records import Kind


def day(back: int) -> str:
    return f"{datetime.fromtimestamp(NOW, UTC) - timedelta(days=back):%Y-%m-%d}"


@pytest.fixture
def server():
    with serve_releases() as running:
        running.albums = [
            Album("Low", "Hey What", day(3)),
            Album("Low", "At the Cathedral", day(4), "Album", "Live"),
            Album("Low", "Disappearing", day(20), "Single"),
            Album("Codeine", "Dessau", day(2), "EP"),
            Album("Stranger", "Elsewhere", day(1)),
            Album("Low", "Old One", day(90)),
            Album("Low", "Not Yet", day(-5)),
        ]
        yield running


@pytest.fixture
def apis(server):
    return Apis(
        listenbrainz_base=server.base,
        listenbrainz_pause=0.0,
        musicbrainz_contact="ops@example.org",
        musicbrainz_base=server.base,
        musicbrainz_pause=0.0,
        enriches=True,
        releases_daily=100,
    )


@pytest.fixture
async def music(database, clock, apis):
    async with await MusicService.open(database, seed=1, clock=clock, apis=apis) as service:
        yield service


@pytest.fixture
async def ann(music):
    """Ann likes Low, whose id is known, and Codeine, which is known by name alone."""
    listener = await music.arrive(ANN)

    def known(store):
        low = store.music.ensure_artist("Low")
        store.music.add_artist_id(low, "mbid", mbid("Low"))
        return low, store.music.ensure_artist("Codeine"), store.music.ensure_artist("Stranger")

    low, codeine, _ = await music._write(known)
    for artist in (low, codeine):
        song = (await music.names.resolve("Low" if artist == low else "Codeine")).song
        await music.reactions.record(listener, song.subject, Kind.LIKE, key=f"like {artist}")
    return listener


@pytest.fixture
def say(music, ann):
    del ann  # who is there first, with artists that she likes

    async def said(line: str) -> str:
        context = Context(music, ANN, None, f"k {line} {music._now()}")
        return (await dispatch(context, line, chatty=True)).text

    return said


async def test_what_is_new_by_liked_artists_is_listed_with_links(say, server):
    text = await say("/releases")
    assert f"- Low: Hey What (album, {day(3)})" in text
    assert f"- Codeine: Dessau (EP, {day(2)})" in text
    assert f"https://musicbrainz.org/release-group/{mbid('Low Hey What')}" in text
    for absent in ("Stranger", "Cathedral", "Old One", "Not Yet"):
        assert absent not in text
    await say("/releases")
    assert server.paths() == ["/1/explore/fresh-releases/"]  # once a day is enough
    agent = server.asked[0].headers["User-Agent"]
    assert agent.startswith("Segue/")
    assert "ops@example.org" in agent


async def test_musicbrainz_is_asked_by_artist_once_a_week_and_only_for_who_wants_to_know(
    music, say, server, clock
):
    found = music.connections.new_releases
    assert not await found.once()
    assert server.asked == []
    await say("/releases on singles live")
    while await found.once():
        pass
    assert server.paths() == ["/1/explore/fresh-releases/", "/ws/2/release-group"]
    assert server.asked[1].query["artist"] == mbid("Low")
    clock.now += 6 * 86_400
    while await found.once():
        pass
    assert server.paths().count("/ws/2/release-group") == 1
    clock.now += 86_400
    while await found.once():
        pass
    assert server.paths().count("/ws/2/release-group") == 2
    text = await say("/releases")
    assert "Disappearing" in text
    assert "Hey What" not in text


async def test_a_message_tells_each_release_once_and_nothing_new_is_no_message(
    ann, music, say, server, clock
):
    await say("/releases on at once")
    owner = Owner(ann.user_id)

    async def mail() -> str:
        due = await music.mailings.due(ANN.platform)
        assert len(due) == 1
        mailing = await music.mailings.claim(due[0])
        ready = await made(music, due[0], mailing)
        await music.mailings.end(mailing, "nothing" if ready is None else "sent")
        if ready is not None:
            await ready.sent()
        return "" if ready is None else ready.reply.text

    clock.now = NOW - NOW % 86_400 + 86_400 + 12 * 3600
    assert "Hey What" in await mail()
    assert await music.mailings.due(ANN.platform) == []
    clock.now += 86_400
    server.albums.append(Album("Low", "Brand New", day(-2)))
    assert "Brand New" in (text := await mail())
    assert "Hey What" not in text
    clock.now += 86_400
    assert await mail() == ""
    assert [one.at_once for one in await music.mailings.of(owner)] == [True]


async def test_a_service_that_asks_for_a_pause_gets_it_and_the_list_stands(music, say, server, clock):
    await say("/releases on")
    server.busy = Answer({"error": "slow down"}, 503, {"Retry-After": "120"})
    found = music.connections.new_releases
    with pytest.raises(Unavailable) as refusal:
        await found.once()
    assert refusal.value.retry_after == 120
    assert "nothing new" in await say("/releases")
    server.busy = None
    clock.now += 3600
    while await found.once():
        pass
    assert "Hey What" in await say("/releases")


async def test_the_budget_of_a_day_is_kept_over_a_restart(database, clock, apis, music, ann, say, server):
    def known(store):
        for n in range(5):
            artist = store.music.ensure_artist(f"Band {n}")
            store.music.add_artist_id(artist, "mbid", mbid(f"Band {n}"))

    await music._write(known)
    for n in range(5):
        song = (await music.names.resolve(f"Band {n}")).song
        await music.reactions.record(ann, song.subject, Kind.LIKE, key=f"band {n}")
    await say("/releases on")
    music.connections.new_releases._daily = 2
    while await music.connections.new_releases.once():
        pass
    assert server.paths().count("/ws/2/release-group") == 2
    await music.close()
    async with await MusicService.open(database, seed=1, clock=clock, apis=apis) as again:
        again.connections.new_releases._daily = 2
        assert not await again.connections.new_releases.once()
        clock.now += 86_400
        while await again.connections.new_releases.once():
            pass
    assert server.paths().count("/ws/2/release-group") == 4


async def test_a_blocked_artist_is_no_news_and_erasing_leaves_nothing(ann, music, say):
    await say("/releases")
    low = (await music.names.resolve("Low")).song
    await music.reactions.record(ann, low.subject, Kind.BLOCK, key="block")
    assert "Low" not in await say("/releases")
    await music.releases.told(Owner(ann.user_id), await music.releases.of(Owner(ann.user_id)))
    assert (await music.export(ann))["told_releases"][0]["title"] == "Dessau"
    await music.forget(ann)
    assert await music._read(lambda s: s.db.execute("SELECT count(*) FROM told_releases").fetchone()) == (0,)
