"""Spotify, spoken to for real on loopback: the catalogue, signing in, a person's own songs, playlists."""

import json
import logging
import socket

import httpx
import pytest
from cryptography.fernet import Fernet
from people_there import ANN
from spotify_server import CLOSED, serve_spotify, track

from recommender.connections.apis import Apis
from recommender.connections.vault import Vault
from recommender.errors import MusicError, NothingToDo, NotKnown, Unavailable
from recommender.service import MusicService
from recommender.types import Query
from storage.readers import Readers
from storage.records import Account, Kind

KEY = Fernet.generate_key().decode()


@pytest.fixture
def spotify():
    with serve_spotify() as server:
        server.tracks = [
            track(1, "Nick Drake", "Pink Moon"),
            track(2, "Nick Drake", "Pink Moon - Live"),
            track(3, "Sigur Rós", "Hoppípolla"),
            track(4, "Kaash Paige", "Love Songs", available_markets=["US"]),
        ]
        yield server


@pytest.fixture
def apis(spotify):
    return Apis(
        spotify_id="app",
        spotify_secret=spotify.secret,
        spotify_base=f"{spotify.base}/v1/",
        spotify_accounts=spotify.base,
        token_keys=KEY,
        spotify_redirect=f"http://127.0.0.1:{free_port()}/back",
    )


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def sign_in(music, spotify, listener):
    link = await music.connections.spotify.begin(listener, ANN)
    return await music.connections.spotify.finish(listener, ANN, spotify.agree(link))


# --- the catalogue ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "nick drake pink moon",
        "Nick Drake - Pink Moon",
        "pink moon by nick drake",
        "https://open.spotify.com/track/0000000000000000000001?si=x",
        "GBAYE0000001",
    ],
)
async def test_a_song_nobody_knows_is_looked_up_with_its_ids(music, text):
    assert await music.connections.catalogue.teach(text)
    found = await music.names.resolve("nick drake pink moon")
    assert found.song.label == "Nick Drake - Pink Moon"
    links = await music.communities.links((found.song,))
    assert links[found.song.subject]["spotify"] == "0000000000000000000001"
    assert links[found.song.subject]["isrc"] == "GBAYE0000001"


async def test_what_spotify_finds_is_taken_only_if_it_is_what_was_typed(music):
    assert not await music.connections.catalogue.teach("pink")
    assert not await music.connections.catalogue.teach("moon safari by air")
    assert await music.connections.catalogue.teach("sigur ros hoppipolla")


async def test_the_same_question_is_asked_once_a_day(music, spotify, clock):
    for _ in range(3):
        await music.connections.catalogue.teach("Nick Drake PINK moon")
        await music.connections.catalogue.teach("nobody at all")
    assert len(spotify.paths()) == 2
    clock.now += 86_401
    await music.connections.catalogue.teach("nick drake pink moon")
    assert len(spotify.paths()) == 3


async def test_a_pause_of_hours_is_kept_by_everybody_and_after_a_restart(database, clock, apis, spotify):
    spotify.busy = "7200"
    async with await MusicService.open(database, seed=1, clock=clock, apis=apis) as music:
        assert not await music.connections.catalogue.teach("nick drake pink moon")
        assert not await music.connections.catalogue.teach("sigur ros hoppipolla")
    spotify.busy = ""
    async with await MusicService.open(database, seed=1, clock=clock, apis=apis) as music:
        assert not await music.connections.catalogue.teach("nick drake pink moon")
        assert len(spotify.paths()) == 1
        clock.now += 7201
        assert await music.connections.catalogue.teach("nick drake pink moon")


async def test_an_expired_token_is_replaced_within_the_same_ask(music, spotify):
    await music.connections.catalogue.teach("nick drake pink moon")
    spotify.tokens.clear()
    assert await music.connections.catalogue.teach("sigur ros hoppipolla")


async def test_an_app_that_is_shut_out_is_not_asked_again_today(music, spotify):
    spotify.forbidden = True
    assert not await music.connections.catalogue.teach("nick drake pink moon")
    assert not await music.connections.catalogue.teach("sigur ros hoppipolla")
    assert len(spotify.paths()) == 1


async def test_a_broken_service_is_left_alone_longer_each_time(music, spotify, clock):
    spotify.failing = 3
    for seconds in (2, 4, 8):
        assert not await music.connections.catalogue.teach("nick drake pink moon")
        clock.now += seconds - 1
        assert not await music.connections.catalogue.teach("nick drake pink moon")
        clock.now += 1
    assert len(spotify.paths()) == 3
    assert await music.connections.catalogue.teach("nick drake pink moon")


async def test_only_what_the_market_has_is_found(database, clock, apis):
    germany = Apis(**{name: getattr(apis, name) for name in apis.__slots__} | {"spotify_market": "DE"})
    async with await MusicService.open(database, seed=1, clock=clock, apis=germany) as music:
        assert not await music.connections.catalogue.teach("kaash paige love songs")
        assert await music.connections.catalogue.teach("nick drake pink moon")


async def test_without_an_app_nothing_is_asked(database, clock, spotify):
    async with await MusicService.open(database, seed=1, clock=clock) as music:
        assert not await music.connections.catalogue.teach("nick drake pink moon")
        ann = await music.arrive(ANN)
        with pytest.raises(NotKnown, match="SPOTIFY_CLIENT_ID"):
            await music.connections.spotify.begin(ann, ANN)
    assert spotify.asked == []


# --- people -------------------------------------------------------------------------------------------------


async def test_signing_in_takes_a_link_and_the_address_one_is_sent_to(music, spotify, ann, database):
    assert await sign_in(music, spotify, ann) == "Ann at Spotify"
    (linked,) = await music.connections.of(ann)
    assert (linked.source, linked.name, linked.problem) == ("spotify", "Ann at Spotify", None)
    everything = b"".join(path.read_bytes() for path in database.parent.glob("world.db*") if path.is_file())
    for token in (*spotify.tokens, *spotify.refresh):
        assert token.encode() not in everything
    exported = json.dumps(await music.export(ann))
    assert not any(token in exported for token in (*spotify.tokens, *spotify.refresh))


async def test_a_sign_in_counts_once_for_ten_minutes_and_for_the_one_who_began_it(music, spotify, ann, clock):
    people = music.connections.spotify
    bo = await music.arrive(Account("terminal", "bo", "Bo"))
    address = spotify.agree(await people.begin(ann, ANN))
    with pytest.raises(NotKnown, match="not yours"):
        await people.finish(bo, ANN, address)
    await people.finish(ann, ANN, address)
    with pytest.raises(NotKnown, match="not open"):
        await people.finish(ann, ANN, address)
    late = spotify.agree(await people.begin(ann, ANN))
    clock.now += 601
    with pytest.raises(NotKnown, match="not open"):
        await people.finish(ann, ANN, late)


async def test_whose_browser_is_on_this_machine_need_not_paste(music, spotify, ann):
    address = spotify.agree(await music.connections.spotify.begin(ann, ANN))
    async with httpx.AsyncClient() as browser:
        assert (await browser.get(address.replace("/back?", "/other?"))).status_code == 404
        assert (await browser.get(address.replace("state=", "state=x"))).status_code == 400
        assert await music.connections.of(ann) == []
        page = await browser.get(address)
        assert (page.status_code, "You are signed in" in page.text) == (200, True)
        assert address.split("code=")[1].split("&")[0] not in page.text
        assert (await browser.get(address)).status_code == 400
    (linked,) = await music.connections.of(ann)
    assert linked.name == "Ann at Spotify"


@pytest.mark.parametrize(
    ("pasted", "words"),
    [
        ("http://127.0.0.1:8888/callback?error=access_denied&state=x", "did not agree"),
        ("hello", "not the address"),
        ("http://[", "not the address"),
        ("http://127.0.0.1:8888/callback?code=abc", "not the address"),
    ],
)
async def test_what_is_no_such_address_says_what_would_be(music, ann, pasted, words):
    with pytest.raises(NotKnown, match=words):
        await music.connections.spotify.finish(ann, ANN, pasted)


async def test_own_songs_are_shown_to_be_liked_and_train_nothing(music, spotify, ann):
    await sign_in(music, spotify, ann)
    spotify.recent = [track(7, "Low", "Monkey"), track(7, "Low", "Monkey"), None, {"id": None, "name": "x"}]
    spotify.top = [track(8, "Yo La Tengo", "Sugarcube")]
    people = music.connections.spotify
    assert [song.label for song in await people.songs(ann, "recent")] == ["Low - Monkey"]
    assert [song.label for song in await people.songs(ann, "top")] == ["Yo La Tengo - Sugarcube"]
    assert await people.songs(ann, "saved") == []
    assert (await music.export(ann))["events"] == []


async def test_expired_tokens_are_renewed_and_kept(music, spotify, ann):
    spotify.lifetime = 1  # over before it is used
    await sign_in(music, spotify, ann)
    spotify.top = [track(8, "Yo La Tengo", "Sugarcube")]
    for _ in range(3):  # each refresh token counts once
        assert await music.connections.spotify.songs(ann, "top")
    assert len(spotify.refresh) == 1


async def test_a_withdrawn_consent_erases_the_tokens_and_says_so(music, spotify, ann):
    spotify.lifetime = 1
    await sign_in(music, spotify, ann)
    spotify.revoked = True
    with pytest.raises(NotKnown, match="consent has ended"):
        await music.connections.spotify.songs(ann, "top")
    (linked,) = await music.connections.of(ann)
    assert "consent has ended" in str(linked.problem)
    assert (await music.export(ann))["connections"][0]["has_tokens"] == 0
    spotify.revoked = False
    await sign_in(music, spotify, ann)
    assert await music.connections.spotify.songs(ann, "top") == []


async def test_who_is_not_a_user_of_the_app_is_told_what_it_takes(music, spotify, ann):
    await sign_in(music, spotify, ann)
    spotify.forbidden = True
    with pytest.raises(NotKnown, match="add you to the app's users"):
        await music.connections.spotify.songs(ann, "saved")


async def test_a_list_becomes_a_private_playlist(music, spotify, ann):
    await sign_in(music, spotify, ann)
    songs = ("Nick Drake", "Pink Moon"), ("Sigur Rós", "Hoppípolla"), ("Nobody", "Nothing")
    await music._write(
        lambda store: [store.music.ensure_track(store.music.ensure_artist(a), t) for a, t in songs]
    )
    await music.train()
    slate = await music.recommend(Query(ann.user_id))
    url, missing = await music.connections.spotify.keep_as_playlist(
        ann, [pick.song for pick in slate.picks], "Sunday"
    )
    assert url == "https://open.spotify.com/playlist/0000000000000000000001"
    assert [song.label for song in missing] == ["Nobody - Nothing"]
    (kept,) = spotify.playlists.values()
    assert json.loads(kept["made"]) | {"description": ""} == {
        "name": "Sunday",
        "public": False,
        "collaborative": False,
        "description": "",
    }
    assert sorted(json.loads(kept["items"])) == [
        "spotify:track:0000000000000000000001",
        "spotify:track:0000000000000000000003",
    ]


async def test_disconnecting_erases_the_sign_in_and_leaves_likes(music, spotify, ann):
    await sign_in(music, spotify, ann)
    song = await music.names.add(ann, "Low", "Monkey")
    await music.reactions.record(ann, song.subject, Kind.LIKE, key="mine")
    await music.connections.disconnect(ann, "spotify")
    assert await music.connections.of(ann) == []
    assert len((await music.export(ann))["events"]) == 1
    with pytest.raises(NothingToDo, match="not connected"):
        await music.connections.spotify.songs(ann, "top")


async def test_forgetting_somebody_erases_sign_ins_that_are_open(music, spotify, ann, database):
    await sign_in(music, spotify, ann)
    await music.connections.spotify.begin(ann, ANN)
    await music.forget(ann)
    with Readers(database, threads=1) as readers:
        for table in ("connections", "sign_ins"):
            sql = f"SELECT count(*) FROM {table}"
            assert readers.read(lambda store, sql=sql: store.db.execute(sql).fetchone()).result() == (0,)


async def test_a_pause_that_spotify_asks_for_holds_for_people_too(music, spotify, ann):
    await sign_in(music, spotify, ann)
    spotify.busy = "7200"
    with pytest.raises(Unavailable):
        await music.connections.spotify.songs(ann, "top")
    before = len(spotify.asked)
    with pytest.raises(Unavailable):
        await music.connections.spotify.songs(ann, "saved")
    assert len(spotify.asked) == before


async def test_nothing_closed_is_called_and_no_token_is_logged(music, spotify, ann, caplog):
    caplog.set_level(logging.DEBUG)
    await sign_in(music, spotify, ann)
    await music.connections.catalogue.teach("nick drake pink moon")
    await music.connections.spotify.songs(ann, "recent")
    assert not any(part in f"{path}?" for path in spotify.paths() for part in CLOSED)
    assert not any(token in caplog.text for token in (*spotify.tokens, *spotify.refresh))


# --- tokens at rest -----------------------------------------------------------------------------------------


def test_a_new_key_reads_what_an_older_one_sealed_and_another_reads_nothing():
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    sealed = Vault(old).seal({"refresh_token": "r"})
    assert Vault(f"{new}, {old}").open(sealed) == {"refresh_token": "r"}
    assert Vault(new).open(sealed) is None
    assert Vault(new).open(None) is None
    with pytest.raises(MusicError, match="SEGUE_TOKEN_KEY"):
        Vault("hello")
