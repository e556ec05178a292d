"""Songs are filled in from MusicBrainz, the Cover Art Archive, Spotify's oEmbed and Last.fm, on loopback."""

import time
from itertools import pairwise

import pytest
from json_server import Answer, serve
from people_there import ANN, until

from recommender.connections.apis import Apis
from recommender.errors import Unavailable
from recommender.service import MusicService
from storage.readers import Readers
from storage.records import Kind

SONG = "8a6cdd4c-9ad1-4a33-8a3e-3a3a8c7b0e10"
BAND = "9a6cdd4c-9ad1-4a33-8a3e-3a3a8c7b0e11"
BARE = "7a6cdd4c-9ad1-4a33-8a3e-3a3a8c7b0e12"  # a release group without pictures
GROUP = "6a6cdd4c-9ad1-4a33-8a3e-3a3a8c7b0e13"
FRONT = "https://coverartarchive.org/release/5a6cdd4c-9ad1-4a33-8a3e-3a3a8c7b0e14/1234-250.jpg"
PICTURE = "https://image-cdn-ak.spotifycdn.com/image/ab67616d00001e02"


def recording(title="Monkey", artist="Low", score=100, **more):
    return {
        "id": SONG,
        "score": score,
        "title": title,
        "length": 259_000,
        "first-release-date": "2005-01-24",
        "artist-credit": [{"name": artist, "artist": {"id": BAND, "name": artist}}],
        "isrcs": ["USSUB0564401"],
        "tags": [{"count": 3, "name": "slowcore"}, {"count": -1, "name": "bad"}],
        "releases": [
            {"status": "Bootleg", "release-group": {"id": "nonsense"}},
            {"status": "Bootleg", "release-group": {"id": GROUP}},
            {"status": "Official", "release-group": {"id": BARE}},
        ],
        **more,
    }


class Brainz:
    """MusicBrainz, the Cover Art Archive and oEmbed in one."""

    def __init__(self):
        self.found = [recording(score=50, title="Other"), recording()]
        self.asked = []
        self.busy = False

    def __call__(self, asked):
        self.asked.append((time.monotonic(), asked))
        if self.busy:
            return Answer({"error": "too fast"}, 503, {"Retry-After": "3600"})
        if asked.path == "/ws/2/recording":
            return Answer({"recordings": self.found})
        if asked.path == f"/ws/2/artist/{BAND}":
            return Answer({"tags": [{"count": 9, "name": "indie rock"}, {"count": 1, "name": "!"}]})
        if asked.path == f"/release-group/{GROUP}":
            return Answer(
                {
                    "images": [
                        {"front": False, "thumbnails": {"250": FRONT.replace("1234", "1")}},
                        {"front": True, "thumbnails": {"250": FRONT.replace("https", "http")}},
                    ]
                }
            )
        if asked.path == "/oembed":
            return Answer({"thumbnail_url": PICTURE, "title": "x"})
        return Answer({"error": "Not Found"}, 404)

    def paths(self):
        return [asked.path for _, asked in self.asked]


@pytest.fixture
def brainz():
    return Brainz()


@pytest.fixture
def apis(brainz, lastfm):
    with serve(brainz) as base:
        yield Apis(
            enriches=True,
            musicbrainz_contact="ann@example.org",
            musicbrainz_base=base,
            cover_art_base=base,
            oembed_base=base,
            musicbrainz_pause=0.05,
            lastfm_key="key",
            lastfm_base=lastfm.base,
        )


async def liked(music, listener, artist="Low", title="Monkey"):
    song = await music.names.add(listener, artist, title)
    await music.reactions.record(listener, song.subject, Kind.LIKE, key=f"{artist}-{title}")
    return song


def service(music, name):
    return next(one for one in music.connections.enricher._services if one.name == name)


async def test_a_song_that_somebody_likes_gets_ids_year_tags_and_cover(music, ann, brainz):
    song = await liked(music, ann)
    assert await music.connections.enricher.once(service(music, "musicbrainz"))
    found = await music.names.song(song.subject)
    links = (await music.communities.links((song,)))[song.subject]
    assert found.year == 2005
    assert links == {"mbid": SONG, "isrc": "USSUB0564401", "cover": FRONT}
    assert await music.names.find_tag("slowcore") == "slowcore"
    assert await music.names.find_tag("indie rock") == "indie rock"
    assert not await music.connections.enricher.once(service(music, "musicbrainz"))
    agents = {asked.headers["User-Agent"] for _, asked in brainz.asked if asked.path.startswith("/ws/2")}
    assert agents == {"Segue/0.1.0 ( ann@example.org )"}


async def test_only_the_song_that_is_called_so_is_believed(music, ann, brainz):
    song = await liked(music, ann)
    brainz.found = [recording(title="Monkey (live)"), recording(artist="Low Roar"), recording(score=60), {}]
    assert await music.connections.enricher.once(service(music, "musicbrainz"))
    assert (await music.names.song(song.subject)).year is None
    assert await music.communities.links((song,)) == {}


async def test_the_artist_is_asked_about_once(music, ann, brainz):
    await liked(music, ann)
    await music.connections.enricher.once(service(music, "musicbrainz"))
    brainz.found = [recording(title="Sunflower", id=SONG.replace("8a", "1a"))]
    await liked(music, ann, title="Sunflower")
    await music.connections.enricher.once(service(music, "musicbrainz"))
    assert brainz.paths().count(f"/ws/2/artist/{BAND}") == 1


async def test_requests_keep_the_pause_that_is_asked_for(music, ann, brainz):
    for n in range(4):
        await liked(music, ann, title=f"Song {n}")
    while await music.connections.enricher.once(service(music, "musicbrainz")):
        pass
    times = [at for at, asked in brainz.asked if asked.path.startswith("/ws/2")]
    assert len(times) == 4
    assert all(later - earlier >= 0.05 for earlier, later in pairwise(times))


async def test_a_pause_leaves_the_song_for_later_and_survives_a_restart(database, clock, apis, brainz):
    async with await MusicService.open(database, seed=1, clock=clock, apis=apis) as music:
        ann = await music.arrive(ANN)
        await liked(music, ann)
        brainz.busy = True
        with pytest.raises(Unavailable) as caught:
            await music.connections.enricher.once(service(music, "musicbrainz"))
        assert caught.value.retry_after == 3600
    brainz.busy = False
    async with await MusicService.open(database, seed=1, clock=clock, apis=apis) as music:
        assert await music.connections.enricher.once(service(music, "musicbrainz"))
        assert (await music.names.resolve("low monkey")).song.year == 2005


async def test_two_processes_share_the_songs(database, clock, apis, brainz):
    async with await MusicService.open(database, seed=1, clock=clock, apis=apis) as music:
        ann = await music.arrive(ANN)
        for n in range(6):
            await liked(music, ann, title=f"Song {n}")
        async with await MusicService.open(database, seed=1, clock=clock, apis=apis) as other:
            for _ in range(3):
                await music.connections.enricher.once(service(music, "musicbrainz"))
                await other.connections.enricher.once(service(other, "musicbrainz"))
    queries = [asked.query["query"] for _, asked in brainz.asked if asked.path == "/ws/2/recording"]
    assert len(queries) == len(set(queries)) == 6


async def test_a_cover_from_spotify_is_shown_for_a_day(music, ann, clock):
    song = await liked(music, ann)
    assert not await music.connections.enricher.once(service(music, "spotify-oembed"))  # it has no id there
    await music._write(lambda store: store.music.add_track_id(song.subject.track_id, "spotify", "1" * 22))
    assert await music.connections.enricher.once(service(music, "spotify-oembed"))
    assert (await music.communities.links((song,)))[song.subject]["cover"] == PICTURE
    clock.now += 86_401
    assert "cover" not in (await music.communities.links((song,)))[song.subject]
    assert await music.connections.enricher.once(service(music, "spotify-oembed"))
    assert (await music.communities.links((song,)))[song.subject]["cover"] == PICTURE


async def test_listeners_words_at_lastfm_become_tags_of_the_artist(music, ann, lastfm):
    await liked(music, ann)
    lastfm.artist_tags["Low"] = {"slowcore": 100, "seen on a boat": 3, "sad": 40}
    assert await music.connections.enricher.once(service(music, "lastfm"))
    assert await music.names.find_tag("slowcore") == "slowcore"
    assert await music.names.find_tag("seen on a boat") is None


async def test_it_runs_by_itself_and_can_be_switched_off(database, clock, apis, brainz):
    off = Apis(**{name: getattr(apis, name) for name in apis.__slots__} | {"enriches": False})
    async with await MusicService.open(database, seed=1, clock=clock, apis=off) as music:
        await liked(music, await music.arrive(ANN))
        assert music.connections.enricher._services == ()
        music.connections.watch()
    assert brainz.asked == []
    async with await MusicService.open(database, seed=1, clock=clock, apis=apis) as music:
        music.connections.enricher._first_after = 0.0
        music.connections.watch()
        await until(lambda: f"/release-group/{GROUP}" in brainz.paths())


async def test_a_queue_of_what_nobody_heard_stays_empty(music, ann, database):
    await music.names.add(ann, "Low", "Monkey")
    assert not await music.connections.enricher.once(service(music, "musicbrainz"))
    with Readers(database, threads=1) as readers:
        asked = readers.read(lambda store: store.db.execute("SELECT * FROM errands").fetchall())
        assert asked.result() == []


async def test_what_spotify_said_is_erased_when_its_day_is_over(database, clock, apis):
    async with await MusicService.open(database, seed=1, clock=clock, apis=apis) as music:
        song = await liked(music, await music.arrive(ANN))
        await music._write(lambda store: store.music.add_track_id(song.subject.track_id, "spotify", "1" * 22))
        await music.connections.enricher.once(service(music, "spotify-oembed"))
    watching = Apis(lastfm_key=apis.lastfm_key, lastfm_base=apis.lastfm_base)

    def covers():
        with Readers(database, threads=1) as readers:
            return readers.read(lambda store: store.db.execute("SELECT url FROM covers").fetchall()).result()

    assert covers() == [(PICTURE,)]
    clock.now += 86_401
    async with await MusicService.open(database, seed=1, clock=clock, apis=watching) as music:
        music.connections.watch()
        await until(lambda: covers() == [])
