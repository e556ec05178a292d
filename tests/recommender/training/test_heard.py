"""A song or artist that nobody has played enters lists by what was heard of it."""

import numpy as np
import pytest
import pytest_asyncio

from recommender.audio.musicnn import TAGS
from recommender.feedback.matrix import IdIndex
from recommender.service import MusicService
from recommender.training.heard import heard_axes, heard_of_artists, heard_places, read_heard
from recommender.types import Query, WishPart
from storage.catalogue.heard_songs import DIMENSIONS, HeardSongs
from storage.imports import HeardRow
from storage.records import Account, Event, Kind, Subject
from storage.writer import Writer

together = pytest.mark.asyncio(loop_scope="module")
NOW = 1_700_000_000
CAMPS, SONGS, PEOPLE = 4, 52, 64


SAID = (("slow", "acoustic"), ("techno", "beats"), ("female vocal", "piano"), ("metal", "rock"))
"""Words heard in the songs of each camp."""


def heard_row(vector, said, name) -> HeardRow:
    tags = [0.6 if tag in said else 0.01 for tag in TAGS]
    values = np.asarray(vector) / np.linalg.norm(vector)
    halves = [np.asarray(one, dtype="<f2").tobytes() for one in (values, tags)]
    return HeardRow(1, "", "", name, *halves, None, 0, -20.0, 0.5)


def sounding(camp: int, kinds, rng, name: str) -> HeardRow:
    return heard_row(kinds[camp] + rng.normal(0, 0.7, DIMENSIONS), SAID[camp], name)


def world(store) -> None:
    """Each camp of listeners has songs of its own sound; no song has any tag."""
    rng = np.random.default_rng(0)
    kinds = rng.normal(0, 1, (CAMPS, DIMENSIONS))
    sound = HeardSongs(store.db)
    for camp in range(CAMPS):
        for n in range(SONGS):
            track = store.music.ensure_track(
                store.music.ensure_artist(f"band {camp}/{n}"), f"song {camp}/{n}"
            )
            sound.add(
                track,
                "audio",
                heard_row(kinds[camp] + rng.normal(0, 0.7, DIMENSIONS), SAID[camp], f"{camp}/{n}"),
            )
        debut = store.music.ensure_track(store.music.ensure_artist(f"new {camp}"), f"debut {camp}")
        sound.add(
            debut, "audio", heard_row(kinds[camp] + rng.normal(0, 0.7, DIMENSIONS), SAID[camp], f"{camp}")
        )
    for person in range(PEOPLE):
        user = store.people.ensure(Account("world", f"{person}", "x"), now=NOW)
        for n in rng.permutation(SONGS)[:14].tolist():
            artist = store.music.ensure_artist(f"band {person % CAMPS}/{n}")
            subject = Subject(artist, store.music.ensure_track(artist, f"song {person % CAMPS}/{n}"))
            store.log.append(Event(f"{person}-{n}", user, subject, Kind.PLAY, "world", plays=20), now=NOW)


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    path = tmp_path_factory.mktemp("heard") / "m.db"
    with Writer(path) as writer:
        writer.write(world).result()
    return path


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(database):
    async with await MusicService.open(database, seed=1, clock=lambda: NOW + 60.0) as music:
        yield music


@together
async def test_a_song_that_nobody_played_enters_lists_by_its_sound(service):
    ann = await service.arrive(Account("terminal", "bea", "Bea"))
    for n in (1, 4, 8, 9):
        song = (await service.names.resolve(f"band 2/{n} - song 2/{n}")).song
        await service.reactions.record(ann, song.subject, Kind.LIKE, key=f"like {n}")
    served = await service.recommend(Query(ann.user_id, 60))
    places = {pick.song.artist: pick for pick in served.picks}
    assert "new 2" in places
    others = [places[f"new {camp}"].position for camp in (0, 1, 3) if f"new {camp}" in places]
    assert all(position > places["new 2"].position for position in others)
    why = places["new 2"].explanation
    assert (why.kind, why.scorer.rpartition(".")[2]) == ("because", "heard_start")
    assert why.drop > 0
    assert why.heard == ("female vocals", "piano")
    told = (await service.stats())["snapshot"]
    for name in ("heard_start", "artists_heard_start"):
        assert told[name]["on"]
        assert told[name]["taught_by"] >= 200
        assert told[name]["by_sound"] > told[name]["by_nothing"]


@pytest.mark.parametrize(
    ("part", "camps"),
    [
        (WishPart("sound", "acoustic"), {"0"}),
        (WishPart("sound", "slow"), {"0"}),
        (WishPart("sound", "female"), {"2"}),
        (WishPart("sound", "piano", without=True), {"0", "1", "3"}),
    ],
)
@together
async def test_a_wish_goes_by_what_was_heard(service, part, camps):
    ann = await service.arrive(Account("terminal", "ann", "Ann"))
    served = await service.recommend(Query(ann.user_id, 30, wish=(part,)))
    assert len(served.picks) == 30
    assert {pick.song.artist.removeprefix("band ").removeprefix("new ")[0] for pick in served.picks} <= camps
    if not part.without:
        assert {pick.explanation.kind for pick in served.picks} == {"tags"}


@together
async def test_a_list_of_similar_songs_says_what_both_sound_like(service):
    ann = await service.arrive(Account("terminal", "ann", "Ann"))
    seed = (await service.names.resolve("band 0/1 - song 0/1")).song
    served = await service.recommend(Query(ann.user_id, 5, seeds=(seed.subject,)))
    assert any(set(pick.explanation.heard) == {"slow", "acoustic"} for pick in served.picks)


def test_an_artist_sounds_like_the_mean_of_the_songs_heard():
    places = np.array([[1, 0], [0, 1], [np.nan, np.nan], [2, 2]], dtype=np.float32)
    found = heard_of_artists(places, np.array([0, 0, 1, 2]), 4)
    np.testing.assert_array_equal(found[[0, 2]], [[0.5, 0.5], [2, 2]])
    assert np.isnan(found[[1, 3]]).all()
    assert heard_of_artists(places[:, :0], np.array([0, 0, 1, 2]), 4).shape == (4, 0)


def test_places_keep_what_vectors_differ_in(database):
    with Writer(database) as writer:

        def compared(store):
            tracks = IdIndex(np.array([row[0] for row in store.music.track_rows()], dtype=np.int64))
            heard = read_heard(store, tracks)
            return heard, heard_places(heard, heard_axes(heard), len(tracks))

        heard, places = writer.write(compared).result()
    assert np.allclose(places.mean(axis=0), 0, atol=1e-4)
    apart = heard.vectors - heard.vectors.mean(axis=0)
    assert np.linalg.norm(places) > 0.5 * np.linalg.norm(apart)
