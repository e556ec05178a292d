"""A fresh server: what the bundled catalogue knows is enough for a good first list with true reasons."""

import json
import re
from contextlib import closing
from sqlite3 import connect

import pytest
from click.testing import CliRunner
from listenbrainz_server import ALGORITHM, USER, serve_listenbrainz

from bot.cli.evaluate.commands import evaluate
from recommender.connections.apis import Apis
from recommender.service import MusicService
from recommender.types import Query
from storage.catalogue.related import RelatedArtists
from storage.naming.text import fold
from storage.records import Account, Kind, Subject
from storage.store import Store

# Artists that some made-up people listen to, and nobody counted.
TASTES = [
    "Radiohead;Muse;Coldplay;The Smiths;Blur;Pixies;Portishead;Massive Attack;Björk;Beck;R.E.M.;Pulp",
    "Miles Davis;John Coltrane;Bill Evans;Thelonious Monk;Charles Mingus;Herbie Hancock;Nina Simone;ABBA;U2",
    "Metallica;Iron Maiden;Megadeth;Slayer;Black Sabbath;Pantera;Motörhead;AC/DC;Judas Priest;Slipknot;Tool",
]


@pytest.fixture
async def music(database):
    async with await MusicService.open(database, seed=3) as service:
        yield service


@pytest.fixture
def listening(tmp_path):
    rows = [f"{user},{artist}" for user, taste in enumerate(TASTES) for artist in taste.split(";")]
    path = tmp_path / "plays.csv"
    path.write_text("\n".join(["user,artist", *rows]), encoding="utf-8")
    return path


def artist_ids(database, *names):
    with Store.open(database, readonly=True) as store:
        known = RelatedArtists(store.db).named(list(map(fold, names)))
    return [known[fold(name)] for name in names]


async def picks(music, likes, n=5):
    """Return what somebody new is given who likes these."""
    someone = await music.arrive(Account("terminal", f"{likes}", "Somebody"))
    for subject in likes:
        await music.reactions.record(someone, subject, Kind.LIKE, key=f"like {subject}")
    return (await music.recommend(Query(someone.user_id, n))).picks


async def test_a_reason_by_related_artists_is_what_the_catalogue_says(music, database):
    (radiohead,) = artist_ids(database, "Radiohead")
    found = await picks(music, [Subject(radiohead)], n=10)
    related = [pick for pick in found if pick.explanation.kind == "related"]
    assert len(related) >= 5
    with Store.open(database, readonly=True) as store:
        known = RelatedArtists(store.db)
        for pick in related:
            artist = pick.song.subject.artist_id
            assert pick.explanation.cause == Subject(radiohead)
            named = {other for other, _ in known.of(radiohead)}
            naming = {other for other, _ in known.of(artist)}
            assert artist in named or radiohead in naming


async def test_a_liked_song_says_as_much_as_its_artist(music, database):
    (radiohead,) = artist_ids(database, "Radiohead")
    with closing(connect(database)) as db:
        (song,) = db.execute("SELECT min(id) FROM tracks WHERE artist_id = ?", (radiohead,)).fetchone()
    by_artist, by_song = [
        {pick.song.subject.artist_id for pick in await picks(music, [subject], n=10)}
        for subject in (Subject(radiohead), Subject(radiohead, song))
    ]
    assert len(by_artist & by_song) >= 5


async def test_the_next_list_has_artists_that_listenbrainz_brought(database):
    named = ("Radiohead", "Björk", "Portishead")
    with serve_listenbrainz() as brainz, closing(connect(database)) as db:
        for artist in named:
            sql = "SELECT title FROM tracks JOIN artists ON artists.id = artist_id WHERE name = ?"
            brainz.songs[artist] = [(title, 100_000) for (title,) in db.execute(sql, (artist,))]
            brainz.similar[artist] = ["Massive Attack", *(f"{artist} fans' {n}" for n in range(4))]
        new = {name for similar in brainz.similar.values() for name in similar[1:]}
        for artist in new:
            brainz.know(artist, listeners=90)
        apis = Apis(
            enriches=True,
            listenbrainz_base=brainz.base,
            listenbrainz_labs=brainz.base,
            listenbrainz_token=USER,
            listenbrainz_algorithms=ALGORITHM,
            listenbrainz_daily=60,
            listenbrainz_pause=0.0,
        )
        async with await MusicService.open(database, seed=3, apis=apis) as music:
            likes = [Subject(artist) for artist in artist_ids(database, *named)]
            assert not new & {pick.song.artist for pick in await picks(music, likes)}
            while await music.connections.similar_artists.once():
                pass
            await music.train()
            for n in (5, 10):
                found = [pick.song.artist for pick in await picks(music, likes, n)]
                assert len(new & set(found)) == n // 5


def test_first_run_gives_the_share_of_hits_by_what_is_named(listening):
    arguments = ["first-run", "plays", str(listening), "--people", "2", "--seed", "1", "--json"]
    done = CliRunner().invoke(evaluate, arguments, catch_exceptions=False)
    (named,) = json.loads(done.stdout).values()
    assert set(named) == {"0", "1", "3", "5"}
    for figures in named.values():
        for size in (5, 10):
            for who in ("artists", "songs", "popularity", "tag cosine"):
                assert 0 <= figures[f"{who}@{size}"] <= 1
    # Each of them likes one kind of music: even three favourites tell which.
    assert named["3"]["artists@5"] >= 0.4
    assert named["3"]["songs@5"] >= 0.4


def test_the_first_list_for_a_stranger_is_what_most_people_know_and_says_so(talk):
    first, again = talk("/recommend", "/recommend")
    note, _, *lines = first.splitlines()
    assert note.startswith("I don't know your taste yet, so here is what most people like.")
    reasons = [line for line in lines if line.startswith("   ") and "://" not in line]
    assert reasons == ["   many people love this artist"] * 5
    artists = [re.findall(r"^ \d (.*?) - ", one, re.MULTILINE) for one in (first, again)]
    assert artists[0][:2] == ["The Beatles", "Lady Gaga"]
    assert not set(artists[0]) & set(artists[1])
