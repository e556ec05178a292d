"""Similar artists and their songs come in from ListenBrainz on loopback, within a daily budget."""

import logging
import shutil
from dataclasses import replace

import pytest
from json_server import Answer, serve
from listenbrainz_server import ALGORITHM, USER, mbid, serve_listenbrainz
from people_there import ANN, NOW, until

from recommender.connections.apis import Apis
from recommender.errors import Unavailable
from recommender.service import MusicService
from recommender.training import process
from recommender.types import Query
from storage.catalogue.related import BUNDLED, RelatedArtists
from storage.imports import open_reader
from storage.ingest.importer import run_import
from storage.readers import Readers
from storage.records import Account, Kind
from storage.store import Store
from storage.writer import Writer

KNOWN = ("Low", "Codeine", "Bedhead", "Red House Painters", "Galaxie 500", "Idaho", "Rex", "Seam")


def known_world(store: Store) -> None:
    """Fill an empty database: eight artists with three songs each, of whom some are related."""
    ids = [store.music.ensure_artist(name) for name in KNOWN]
    for artist, name in zip(ids, KNOWN, strict=True):
        for n in range(3):
            store.music.ensure_track(artist, f"{name} song {n}")
        RelatedArtists(store.db).set_fame(artist, BUNDLED, 3)
    RelatedArtists(store.db).relate(ids[0], BUNDLED, ids[1:4])


@pytest.fixture(scope="session")
def learned(tmp_path_factory):
    """The world with its snapshot: made once, to be copied."""
    path = tmp_path_factory.mktemp("known") / "world.db"
    with Writer(path) as writer:
        writer.write(known_world).result()
    process.learn(path, path.with_name("world.db.models"), now=float(NOW))
    return path


@pytest.fixture
def database(learned, tmp_path):
    shutil.copytree(learned.parent, tmp_path, dirs_exist_ok=True)
    return tmp_path / "world.db"


@pytest.fixture
def brainz():
    with serve_listenbrainz() as server:
        server.know("Low", "Codeine", "Duster", "Carissa's Wierd", "Low Roar")
        server.know("Codeine", "Low", "Bitch Magnet", "Duster")
        server.know("Bedhead", "The New Year", "Duster")
        for name in ("Duster", "Carissa's Wierd", "Low Roar", "Bitch Magnet", "The New Year"):
            server.know(name)
        yield server


@pytest.fixture
def apis(brainz):
    return Apis(
        enriches=True,
        listenbrainz_base=brainz.base,
        listenbrainz_labs=brainz.base,
        listenbrainz_token=USER,
        listenbrainz_algorithms=ALGORITHM,
        listenbrainz_daily=500,
        listenbrainz_pause=0.0,
    )


async def likes(music, *artists):
    """Let Ann like some artists; return her."""
    ann = await music.arrive(ANN)
    for artist in artists:
        song = await music.names.add(ann, artist, None)
        await music.reactions.record(ann, song.subject, Kind.LIKE, key=f"like {artist}")
    return ann


async def run(music):
    """Ask until there is nothing to ask."""
    while await music.connections.similar_artists.once():
        pass


@pytest.fixture
def read(database):
    """Return rows of the database."""

    def rows(sql, *values):
        with Readers(database, threads=1) as readers:
            return readers.read(lambda store: store.db.execute(sql, values).fetchall()).result()

    return rows


def related(read, artist):
    sql = (
        "SELECT source, other.name FROM related_artists JOIN artists AS one ON one.id = artist_id"
        " JOIN artists AS other ON other.id = related_id WHERE one.name = ? ORDER BY source, place"
    )
    return read(sql, artist)


async def test_the_next_list_has_artists_that_were_not_in_the_catalogue(music):
    ann = await likes(music, "Low", "Codeine", "Bedhead")
    await run(music)
    await music.train()
    found = (await music.recommend(Query(ann.user_id, 8))).picks
    new = {pick.song.artist for pick in found} - set(KNOWN)
    assert len(new) >= 3
    assert {pick.explanation.kind for pick in found if pick.song.artist in new} == {"related"}
    (year,) = {pick.song.year for pick in found if pick.song.artist in new}
    assert year == 1994


async def test_it_runs_and_learns_by_itself(database, clock, apis):
    async with await MusicService.open(database, seed=1, clock=clock, apis=apis) as music:
        ann = await likes(music, "Low")
        background = music.connections.similar_artists
        background._first_after, background._rest = 0.0, 0.01
        music._trainer._looked = 0.0  # as half a minute later
        music.connections.watch()
        await until(lambda: len(music._trainer.snapshot.artists.items) > len(KNOWN))
        await music._trainer._background
        found = (await music.recommend(Query(ann.user_id, 8))).picks
        assert {pick.song.artist for pick in found} - set(KNOWN)


async def test_it_learns_before_everything_is_asked(music):
    await likes(music, "Low")
    background = music.connections.similar_artists
    background._patience = 0.0
    for _ in range(3):
        music._trainer._looked = 0.0  # as half a minute later
        await background.once()
    await music._trainer._background
    assert len(music._trainer.snapshot.artists.items) > len(KNOWN)
    assert await background.once()


async def test_what_listenbrainz_says_stands_beside_what_comes_with_segue(music, read):
    await likes(music, "Low")
    await run(music)
    assert related(read, "Low") == [
        *((BUNDLED, name) for name in KNOWN[1:4]),
        *(("listenbrainz", name) for name in ("Codeine", "Duster", "Carissa's Wierd", "Low Roar")),
    ]


async def test_songs_come_with_year_album_length_genre_and_id_and_make_fame(music, brainz, read):
    brainz.know("Duster", listeners=129_000)
    await likes(music, "Low")
    await run(music)
    sql = (
        "SELECT title, year, album, duration_ms, value, tags.name FROM tracks"
        " JOIN artists ON artists.id = artist_id AND artists.name = 'Duster'"
        " JOIN track_ids ON track_ids.track_id = tracks.id JOIN track_tags ON track_tags.track_id = tracks.id"
        " JOIN tags ON tags.id = tag_id ORDER BY tracks.id"
    )
    assert read(sql) == [
        (f"Duster song {n}", 1994, "Duster album", 240_000, mbid(f"Duster song {n}"), "trip hop")
        for n in range(4)
    ]
    fame = (
        "SELECT name, class, source FROM artist_fame JOIN artists ON id = artist_id WHERE source <> 'bundled'"
    )
    assert ("Duster", 5, "listenbrainz") in read(fame)
    assert ("Low Roar", 3, "listenbrainz") in read(fame)


async def test_artists_that_have_songs_are_not_asked_for_more(music, brainz):
    await likes(music, "Low")
    await run(music)
    assert brainz.paths().count("/1/popularity/top-recordings-for-artist") == 3  # not Codeine's


async def test_the_newest_taste_comes_first_and_the_nearest_of_each_before_the_rest(music, brainz):
    await likes(music, "Bedhead", "Low")
    await run(music)
    names = {mbid(name): name for name in brainz.songs}
    order = [
        names[one.query.get("artist_mbids") or one.path.rpartition("/")[2]]
        for one in brainz.asked
        if "metadata" not in one.path
    ]
    assert order == ["Low", "Bedhead", "Duster", "The New Year", "Carissa's Wierd", "Low Roar"]


async def test_the_budget_of_a_day_is_kept_and_the_next_day_goes_on(database, clock, apis, brainz):
    few = replace(apis, listenbrainz_daily=5)
    async with await MusicService.open(database, seed=1, clock=clock, apis=few) as music:
        await likes(music, "Low")
        await run(music)
        today = len(brainz.asked)
        assert 5 <= today <= 6  # the last question may take two requests
        await run(music)
        assert len(brainz.asked) == today
        clock.now += 86_400
        await run(music)
        assert len(brainz.asked) > today


async def test_a_restart_goes_on_where_it_was(database, clock, apis, brainz):
    for asks in (1, 2, 9):
        async with await MusicService.open(database, seed=1, clock=clock, apis=apis) as music:
            await likes(music, "Low")
            for _ in range(asks):
                await music.connections.similar_artists.once()
    paths = [one.path for one in brainz.asked if "metadata" not in one.path]
    assert len(paths) == len(set(paths)) == 4


async def test_two_processes_ask_about_different_artists(database, clock, apis, brainz):
    async with await MusicService.open(database, seed=1, clock=clock, apis=apis) as music:
        await likes(music, "Low", "Codeine", "Bedhead")
        async with await MusicService.open(database, seed=1, clock=clock, apis=apis) as other:
            while await music.connections.similar_artists.once():
                await other.connections.similar_artists.once()
    about = [one.query["artist_mbids"] for one in brainz.asked if one.path == "/similar-artists/json"]
    assert sorted(about) == sorted(map(mbid, ("Low", "Codeine", "Bedhead")))


async def test_it_is_asked_again_after_months_and_follows_what_has_changed(music, brainz, clock, read):
    await likes(music, "Low")
    await run(music)
    brainz.similar["Low"] = ["Duster"]
    clock.now += 30 * 86_400
    await run(music)
    assert len(related(read, "Low")) == 7
    clock.now += 120 * 86_400
    await run(music)
    assert related(read, "Low")[3:] == [("listenbrainz", "Duster")]


async def test_what_is_disliked_or_taken_back_is_not_asked_about(music, brainz):
    ann = await likes(music, "Low")
    await music.reactions.undo(ann, key="undo")
    song = await music.names.add(ann, "Codeine", None)
    await music.reactions.record(ann, song.subject, Kind.DISLIKE, key="dislike")
    assert not await music.connections.similar_artists.once()
    assert brainz.asked == []


async def test_a_data_set_is_nobodys_taste_here(music, database, brainz, tmp_path):
    await likes(music, "Low")
    plays = tmp_path / "plays.csv"
    plays.write_text("user,artist\nu1,Bedhead\nu2,Codeine\n")
    with Writer(database) as writer:
        run_import(writer, open_reader("plays", plays))
    await run(music)
    about = [one.query["artist_mbids"] for one in brainz.asked if one.path == "/similar-artists/json"]
    assert about == [mbid("Low")]


async def test_without_a_token_songs_come_from_the_radio(database, clock, apis, brainz, read):
    async with await MusicService.open(
        database, seed=1, clock=clock, apis=replace(apis, listenbrainz_token="")
    ) as music:
        await music._write(
            lambda store: store.music.add_artist_id(store.music.ensure_artist("Low"), "mbid", mbid("Low"))
        )
        await likes(music, "Low")
        await run(music)
    titles = read("SELECT title FROM tracks JOIN artists ON artists.id = artist_id WHERE name = 'Duster'")
    assert [title for (title,) in titles] == [f"Duster song {n}" for n in (1, 2, 3)]
    assert brainz.paths().count("/1/popularity/top-recordings-for-artist") == 1  # refused: once is enough
    assert brainz.paths().count("/1/lb-radio/artist") == 3


async def test_with_a_contact_musicbrainz_tells_the_id(database, clock, apis, read):
    credit = {"name": "Low", "artist": {"id": mbid("Low"), "name": "Low"}}
    song = {"id": mbid("Low song 0"), "score": 100, "title": "Low song 0", "artist-credit": [credit]}
    with serve(lambda _: Answer({"recordings": [song]})) as musicbrainz:
        asking = replace(
            apis, listenbrainz_token="", musicbrainz_contact="ann@example.org", musicbrainz_base=musicbrainz
        )
        async with await MusicService.open(database, seed=1, clock=clock, apis=asking) as music:
            await likes(music, "Low")
            await music.connections.similar_artists.once()
    assert ("listenbrainz", "Duster") in related(read, "Low")
    assert read("SELECT value FROM artist_ids JOIN artists ON id = artist_id WHERE name = 'Low'") == [
        (mbid("Low"),)
    ]


async def test_without_a_token_or_a_contact_an_unknown_id_is_not_asked_about(
    database, clock, apis, brainz, caplog
):
    async with await MusicService.open(
        database, seed=1, clock=clock, apis=replace(apis, listenbrainz_token="")
    ) as music:
        await likes(music, "Low")
        await run(music)
    assert brainz.paths() == ["/1/metadata/lookup"]
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize(
    ("answer", "pause"),
    [
        (Answer({"code": 429, "error": "too many"}, 429, {"X-RateLimit-Reset-In": "7"}), 7),
        (Answer({"code": 503, "error": "busy"}, 503, {"Retry-After": "3600"}), 3600),
        (Answer(None), 0),  # not JSON
    ],
)
async def test_a_service_that_is_down_is_left_alone_and_asked_later(music, brainz, clock, answer, pause):
    await likes(music, "Low")
    brainz.busy = answer
    with pytest.raises(Unavailable) as caught:
        await music.connections.similar_artists.once()
    assert caught.value.retry_after == pause
    brainz.busy = None
    clock.now += 601
    assert await music.connections.similar_artists.once()


async def test_a_namesake_of_a_known_artist_is_left_out(music, brainz, read):
    await music._write(
        lambda store: store.music.add_artist_id(store.music.ensure_artist("Rex"), "mbid", mbid("another Rex"))
    )
    brainz.similar["Low"] = ["Rex", "Various Artists", "Duster"]
    await likes(music, "Low")
    await run(music)
    assert [name for source, name in related(read, "Low") if source == "listenbrainz"] == ["Duster"]


async def test_another_name_of_a_known_artist_is_that_artist(music, brainz, read):
    await music._write(
        lambda store: RelatedArtists(store.db).add_alias(store.music.ensure_artist("Rex"), "The Rex Band")
    )
    brainz.similar["Low"] = ["The Rex Band"]
    await likes(music, "Low")
    await run(music)
    assert related(read, "Low")[3:] == [("listenbrainz", "Rex")]


async def test_forgetting_who_brought_an_artist_forgets_what_was_asked(music, brainz, read):
    brainz.know("Zyxoph", "Duster")
    ann = await music.arrive(Account("terminal", "ann", "Ann"))
    song = await music.names.add(ann, "Zyxoph", "Zyxoph song 0")
    await music.reactions.record(ann, song.subject, Kind.LIKE, key="like")
    await run(music)
    assert related(read, "Zyxoph") == [("listenbrainz", "Duster")]
    await music.forget(ann)
    assert related(read, "Zyxoph") == []
    errands = "SELECT task, name FROM artist_errands LEFT JOIN artists ON id = artist_id ORDER BY 1, 2"
    assert read(errands) == [("songs", "Duster")]


async def test_it_can_be_switched_off(apis):
    assert apis.listenbrainz_data() is not None
    assert replace(apis, listenbrainz_daily=0).listenbrainz_data() is None
    assert replace(apis, enriches=False).listenbrainz_data() is None
    assert replace(apis, listenbrainz_base="").listenbrainz_data() is None
