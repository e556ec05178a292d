"""Songs that the catalogue does not know are looked up at services without a key, spoken to on loopback."""

import asyncio
import logging
import time
from itertools import pairwise
from threading import Thread

import pytest
from catalogues_server import QUOTA, SONG, Known, apis_of, serve_catalogues
from json_server import Answer

from recommender.catalog.lookup import NOT_ASKED, Lookup
from recommender.catalog.lookup.found import Wanted
from recommender.catalog.lookup.pages import LinkedPages
from recommender.catalog.web import Occupied, Web
from recommender.errors import NotKnown
from recommender.service import MusicService
from storage.readers import Readers
from storage.records import Link

MOON = Known(1, "Nick Drake", "Pink Moon")
LIVE = Known(2, "Nick Drake", "Pink Moon - Live")
FOOLISH = [
    Known(10, "Ashanti", "Foolish"),
    Known(11, "Tyler Shaw", "Foolish"),
    Known(12, "Kav", "Foolish Love"),
]
TWIGS = [Known(20 + n, "FKA twigs", title) for n, title in enumerate(("Cellophane", "Two Weeks", "Eusexua"))]
DOWN = Answer({"error": "down"}, 503)


@pytest.fixture
def there():
    with serve_catalogues() as server:
        server.songs = [MOON, LIVE, *FOOLISH, *TWIGS]
        yield server


@pytest.fixture
def apis(there):
    return apis_of(there)


async def opened(database, clock, apis):
    """Return a service that learns nothing."""
    return await MusicService.open(database, seed=1, clock=clock, apis=apis, learn=False)


@pytest.fixture
async def music(database, clock, apis):
    async with await opened(database, clock, apis) as service:
        yield service


def patient(music, *, patience=30.0, head_start=10.0) -> Lookup:
    """Return the service's lookup with other limits of time: a busy machine is no slow service."""
    made = music.connections.lookup
    return Lookup(
        tuple(made._sources.values()),
        made._pages,
        music._write,
        music._now,
        patience=patience,
        head_start=head_start,
    )


@pytest.fixture
def lookup(music) -> Lookup:
    return patient(music)


def kept(database):
    with Readers(database, threads=1) as readers:
        return readers.read(
            lambda store: store.db.execute("SELECT service, question, expires_at FROM answers").fetchall()
        ).result()


# --- names --------------------------------------------------------------------------------------------------


async def test_artist_and_title_are_named_by_listenbrainz_with_ids_tags_year_and_cover(music, lookup, there):
    looked = await lookup.look("nick drake - pink moon")
    assert (looked.song.label, looked.at, looked.others) == ("Nick Drake - Pink Moon", "ListenBrainz", ())
    assert there.services() == ["listenbrainz"]
    links = (await music.communities.links((looked.song,)))[looked.song.subject]
    cover = "https://coverartarchive.org/release/7a6cdd4c-9ad1-4a33-8a3e-000000000001/829521842-250.jpg"
    assert links == {"mbid": SONG.format(1), "cover": cover}
    assert (await music.names.song(looked.song.subject)).year == 1972
    tags = await music._read(lambda store: store.music.tags_of(looked.song.subject))
    assert tags == ["chamber folk", "folk"]
    assert (await music.names.resolve("nick drake pink moon")).song == looked.song


async def test_a_free_text_goes_to_musicbrainz_with_the_operators_contact(lookup, there):
    looked = await lookup.look("pink moon by nick drake")
    assert (looked.song.label, looked.at) == ("Nick Drake - Pink Moon", "MusicBrainz")
    (service, _, asked), *others = there.asked
    assert (service, others) == ("musicbrainz", [])
    assert asked.headers["User-Agent"] == "Segue/0.1.0 ( ann@example.org )"


async def test_what_one_service_lacks_the_next_is_asked_for(music, lookup, there):
    there.knows = {"listenbrainz": set(), "musicbrainz": set()}
    looked = await lookup.look("Nick Drake - Pink Moon")
    assert (looked.song.label, looked.at) == ("Nick Drake - Pink Moon", "Deezer")
    assert there.services() == ["listenbrainz", "musicbrainz", "deezer", "deezer"]
    links = (await music.communities.links((looked.song,)))[looked.song.subject]
    cover = "https://cdn-images.dzcdn.net/images/cover/1/250x250.jpg"
    assert links == {"deezer": "1", "isrc": MOON.isrc, "cover": cover}
    assert looked.song.year is None  # a store's facts train nothing


async def test_itunes_is_the_last_to_be_asked(music, lookup, there):
    there.knows = {"listenbrainz": set(), "musicbrainz": set(), "deezer": set()}
    looked = await lookup.look("nick drake - pink moon")
    assert (looked.song.label, looked.at) == ("Nick Drake - Pink Moon", "Apple")
    links = (await music.communities.links((looked.song,)))[looked.song.subject]
    assert links == {"apple": "1", "cover": "https://is1-ssl.mzstatic.com/image/thumb/1.jpg/300x300bb.jpg"}


async def test_a_title_alone_brings_a_choice_and_the_chosen_song_is_taken_with_its_ids(music, lookup):
    looked = await lookup.look("foolish")
    assert looked.song is None
    assert [song.title for song in looked.others] == ["Foolish", "Foolish", "Foolish Love"]
    assert (await music.names.resolve("tyler shaw foolish")).song is None  # nothing is in the catalogue yet
    chosen = looked.others[1]
    song, at = await lookup.take(chosen.source, chosen.id)
    assert (song.label, at) == ("Tyler Shaw - Foolish", looked.at)
    assert (await music.names.resolve("tyler shaw foolish")).song == song


async def test_an_artist_is_named_by_the_songs_that_are_found(music, lookup):
    looked = await lookup.look("fka twigs")
    assert looked.song.label == "FKA twigs"
    found = await music.names.resolve("fka twigs")
    assert {song.title for song in found.others} == {"Cellophane", "Two Weeks", "Eusexua"}


async def test_a_song_that_the_catalogue_has_only_gains_ids(music, lookup, ann):
    known = await music.names.add(ann, "Nick Drake", "Pink Moon")
    looked = await lookup.look("nick drake - pink moon")
    assert looked.song.subject == known.subject


async def test_talk_is_not_sent_to_anybody(lookup, there):
    assert (
        await lookup.look("i had a long day and now I would like to hear something that is quiet")
        == NOT_ASKED
    )
    assert await lookup.look("la " * 60) == NOT_ASKED
    assert there.asked == []


async def test_guests_in_brackets_are_no_part_of_what_is_typed(lookup, there):
    there.songs = [Known(30, "Nick Drake", "Umbrella (feat. Low)")]
    there.knows = {"listenbrainz": set(), "musicbrainz": set()}
    looked = await lookup.look("nick drake - umbrella")
    assert looked.song.label == "Nick Drake - Umbrella (feat. Low)"


# --- caching ------------------------------------------------------------------------------------------------


async def test_an_answer_is_kept_as_long_as_the_terms_allow(lookup, there, clock, database):
    there.knows = {"listenbrainz": set(), "musicbrainz": set()}
    for _ in range(2):
        await lookup.look("nick drake - pink moon")
    assert there.services() == ["listenbrainz", "musicbrainz", "deezer", "deezer"]
    lasting = {question.partition(":")[0]: at - int(clock.now) for _, question, at in kept(database)}
    assert lasting == {"search": 86_400, "song": 600}  # nothing found, and Deezer's
    clock.now += 86_401
    there.knows = {}
    await lookup.look("nick drake - pink moon")
    assert there.services()[4:] == ["listenbrainz"]
    clock.now += 29 * 86_400
    await lookup.look("nick drake - pink moon")
    assert len(there.asked) == 5  # open data stays for a month


async def test_thirty_seconds_are_asked_for_anew_before_their_address_expires(music, lookup, there, clock):
    there.knows = {"listenbrainz": set(), "musicbrainz": set()}
    song = (await lookup.look("nick drake - pink moon")).song
    ids = (await music.communities.links((song,)))[song.subject]
    found = await lookup.sample(song, ids)
    assert found.preview.startswith("https://cdnt-preview.dzcdn.net/api/1/1/1.mp3?hdnea=exp=")
    assert found.page == "https://www.deezer.com/track/1"
    before = len(there.asked)
    assert await lookup.sample(song, ids) == found
    assert len(there.asked) == before
    clock.now += 601
    await lookup.sample(song, ids)
    assert len(there.asked) == before + 1


async def test_a_store_without_the_id_is_searched_by_name_and_its_id_kept(music, lookup, ann):
    song = await music.names.add(ann, "Nick Drake", "Pink Moon")
    assert (await lookup.sample(song, {})).page == "https://www.deezer.com/track/1"
    assert (await music.communities.links((song,)))[song.subject]["deezer"] == "1"
    other = await music.names.add(ann, "Nobody", "Nothing")
    assert await lookup.sample(other, {}) is None


# --- misbehaviour -------------------------------------------------------------------------------------------

WRONG = {
    "down": DOWN,
    "busy": Answer({"code": 429, "error": "slow down"}, 429, {"X-RateLimit-Reset-In": "7"}),
    "quota": Answer(QUOTA),
    "no JSON": Answer(html="<html>gateway</html>"),
    "a list": Answer([1, 2]),
    "other fields": Answer({"surprise": True, "data": 3, "results": {"a": 1}, "recordings": [None]}),
    "wrong types": Answer(
        {"data": ["x"], "results": [7], "recordings": ["x"], "recording_mbid": [], "metadata": []}
    ),
}


@pytest.mark.parametrize("answer", WRONG.values(), ids=WRONG)
async def test_services_that_answer_nonsense_leave_the_local_answer(lookup, there, answer):
    there.wrong = dict.fromkeys(("listenbrainz", "musicbrainz", "deezer", "itunes"), answer)
    looked = await lookup.look("nick drake - pink moon")
    assert (looked.song, looked.others) == (None, ())
    assert set(looked.asked) | set(looked.silent) == {"ListenBrainz", "MusicBrainz", "Deezer", "Apple"}
    assert {"Deezer"} <= set(looked.silent)


async def test_a_pause_that_is_asked_for_is_kept_also_after_a_restart(lookup, there, clock, database, apis):
    there.wrong["listenbrainz"] = Answer({"error": "wait"}, 429, {"X-RateLimit-Reset-In": "600"})
    assert (await lookup.look("nick drake - pink moon")).at == "MusicBrainz"
    async with await opened(database, clock, apis) as music:
        await patient(music).look("ashanti - foolish")
        assert there.services().count("listenbrainz") == 1
        clock.now += 601
        del there.wrong["listenbrainz"]
        await patient(music).look("tyler shaw - foolish")
        assert there.services().count("listenbrainz") == 2


async def test_a_slow_service_has_the_next_asked_beside_it(music, there):
    there.slow["listenbrainz"] = 1.5
    looked = await patient(music, head_start=0.05).look("nick drake - pink moon")
    assert looked.at == "MusicBrainz"
    assert "ListenBrainz" in looked.silent


async def test_nobody_waits_longer_than_the_deadline_and_late_answers_are_kept(music, there):
    there.slow = {"listenbrainz": 1.0}
    hurried = patient(music, patience=0.2)
    began = time.monotonic()
    looked = await hurried.look("nick drake - pink moon")
    assert time.monotonic() - began < 0.9
    assert (looked.song, looked.silent) == (None, ("ListenBrainz",))
    await asyncio.wait(hurried._running)
    there.slow = {}
    assert (await patient(music).look("nick drake - pink moon")).at == "ListenBrainz"
    assert there.services() == ["listenbrainz"]


async def test_no_name_is_logged(lookup, there, caplog):
    caplog.set_level(logging.INFO)
    there.wrong = dict.fromkeys(("listenbrainz", "musicbrainz", "deezer", "itunes"), DOWN)
    await lookup.look("nick drake - pink moon")
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("recommender")]
    assert len(ours) == 4
    assert "drake" not in caplog.text.casefold()


async def test_a_song_that_is_gone_says_what_to_do(lookup, there):
    there.songs = []
    with pytest.raises(NotKnown, match="Type its name again"):
        await lookup.take("dz", "99")
    with pytest.raises(NotKnown, match="Type its name again"):
        await lookup.take("xx", "1")


# --- switched off -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("left", [(), ("deezer",), ("itunes", "deezer")])
async def test_a_service_that_is_switched_off_is_not_asked(database, clock, there, left):
    apis = apis_of(there, lookups=left)
    async with await opened(database, clock, apis) as music:
        await patient(music).look("somebody - unheard of")
    assert there.services() == list(left)


async def test_musicbrainz_is_asked_only_with_a_contact(database, clock, there):
    full = apis_of(there)
    apis = type(full)(**{name: getattr(full, name) for name in full.__slots__} | {"musicbrainz_contact": ""})
    async with await opened(database, clock, apis) as music:
        await patient(music).look("somebody - unheard of")
    assert there.services() == ["listenbrainz", "deezer", "itunes"]


# --- limits -------------------------------------------------------------------------------------------------


async def test_itunes_is_asked_at_most_twenty_times_a_minute(database, clock, there):
    apis = apis_of(there, lookups=("itunes",))
    async with await opened(database, clock, apis) as music:
        lookup = music.connections.lookup
        looked = [await lookup.look(f"nobody {n}") for n in range(22)]
    assert len(there.asked) == 20
    assert [one.silent for one in looked[19:]] == [(), ("Apple",), ("Apple",)]


def test_people_go_before_the_background_in_one_queue_with_one_pause():
    order = []
    with serve_catalogues() as server:
        web = Web("MusicBrainz", server.base, pause=0.1)

        def background():
            for _ in range(3):
                web.get("/x/track/77")
                order.append("background")

        server.wrong["x"] = Answer({})
        thread = Thread(target=background)
        thread.start()
        while not server.asked:
            time.sleep(0.005)
        web.get_within(1.0, "/x/track/77")
        order.append("person")
        thread.join()
        web.close()
    assert order.index("person") <= 1
    times = [at for _, at, _ in server.asked]
    assert all(later - earlier >= 0.099 for earlier, later in pairwise(times))


def test_who_cannot_be_served_in_time_is_told_at_once():
    with serve_catalogues() as server:
        server.wrong["x"] = Answer({})
        web = Web("MusicBrainz", server.base, pause=5.0)
        web.get_within(1.0, "/x")
        began = time.monotonic()
        with pytest.raises(Occupied):
            web.get_within(1.0, "/x")
        assert time.monotonic() - began < 0.5
        web.close()


async def test_where_one_store_is_silent_the_other_lets_it_be_heard(music, lookup, there, ann):
    song = await music.names.add(ann, "Nick Drake", "Pink Moon")
    there.wrong["deezer"] = Answer(QUOTA)
    assert (await lookup.sample(song, {"deezer": "1"})).page.startswith(
        "https://music.apple.com/us/album/x/1?i=1"
    )
    assert (await lookup.look(MOON.isrc)).at == "MusicBrainz"


# --- links --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("link", "scheme", "value"),
    [
        ("https://www.deezer.com/en/track/1", "deezer", "1"),
        ("https://link.deezer.com/s/abc123", "deezer", "1"),
        ("https://music.apple.com/us/album/pink-moon/1?i=1", "apple", "1"),
        ("https://www.youtube.com/watch?v=aaaaaaaaaaa", "youtube", "aaaaaaaaaaa"),
        ("https://soundcloud.com/nick-drake/pink-moon", "soundcloud", "nick-drake/pink-moon"),
        ("https://tidal.com/browse/track/77", "tidal", "77"),
        ("https://nickdrake.bandcamp.com/track/pink-moon", "bandcamp", "nickdrake/pink-moon"),
        (MOON.isrc, "isrc", MOON.isrc),
    ],
)
async def test_a_link_leads_to_its_song_and_the_song_to_its_link(music, lookup, link, scheme, value):
    looked = await lookup.look(link)
    assert looked.song.label == "Nick Drake - Pink Moon"
    assert (await music.communities.links((looked.song,)))[looked.song.subject][scheme] == value


async def test_a_spotify_link_without_an_app_brings_a_choice_by_its_title(lookup):
    looked = await lookup.look("https://open.spotify.com/track/0000000000000000000001")
    assert looked.song is None
    assert "Pink Moon" in [song.title for song in looked.others]


@pytest.mark.parametrize("answer", [DOWN, Answer([1]), Answer(html="<html>")])
async def test_a_link_whose_service_is_silent_says_so(lookup, there, answer):
    there.wrong["youtube"] = answer
    looked = await lookup.look("https://youtu.be/aaaaaaaaaaa")
    assert (looked.song, looked.others, looked.silent) == (None, (), ("YouTube",))


async def test_a_link_to_nothing_is_told_from_a_service_that_is_silent(lookup):
    looked = await lookup.look("https://tidal.com/browse/track/404")
    assert (looked.song, looked.asked, looked.silent) == (None, ("Tidal",), ())


def test_a_page_that_leads_elsewhere_is_not_followed():
    with serve_catalogues() as server:
        server.wrong["bandcamp"] = Answer(status=302, headers={"Location": f"{server.base}/secret"})
        pages = LinkedPages(bandcamp=f"{server.base}/bandcamp/{{}}")
        assert pages.name(Link("bandcamp", "nickdrake/pink-moon")) is None
        assert server.services() == ["bandcamp"]
        pages.close()


def test_a_name_is_read_as_artist_and_title_where_it_says_so():
    assert Wanted.read("Nick Drake - Pink Moon") == Wanted(
        "Nick Drake - Pink Moon", "Nick Drake", "Pink Moon"
    )
    assert Wanted.read("Blinded by the Light") == Wanted("Blinded by the Light")
    assert Wanted.read("Pink Moon by Nick Drake").words == "Pink Moon Nick Drake"
    assert Wanted.read("foolish") == Wanted("foolish")
