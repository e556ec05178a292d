"""Content with an index of its sounds: what it finds, where it gives way, and how processes share it."""

import logging
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from subprocess import PIPE

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from recommender.linalg.ann import Index, directions
from recommender.scorers import Profile, TrainingData
from recommender.scorers import content as content_module
from recommender.scorers.content import Content, SoundOnly, sound_index
from recommender.service import MusicService
from recommender.snapshot import nodes
from recommender.types import Query
from storage.records import FEATURES, Account, Kind, Subject
from storage.writer import Writer

SONGS = 30_000
NOW = 1_700_000_000.0
EVERYTHING = np.ones(SONGS, dtype=bool)


@cache
def content() -> Content:
    """Songs with two of forty tags and eight features, a tenth of them without any sound."""
    rng = np.random.default_rng(1)
    tags = np.zeros((SONGS, 40), dtype=np.float32)
    tags[np.arange(SONGS)[:, None], rng.integers(40, size=(SONGS, 2))] = 1
    features = (rng.normal(size=(100, 8))[rng.integers(100, size=SONGS)] + rng.normal(size=(SONGS, 8))) * 9
    features[rng.random(SONGS) < 0.1] = np.nan
    nobody = csr_matrix((0, SONGS), dtype=np.float32)
    data = TrainingData(nobody, csr_matrix(tags), features.astype(np.float32), csr_matrix((0, 0)))
    return Content.fit(data, seed=0)


@cache
def by_index() -> Content:
    return replace(content(), index=Index.build(directions(content().sounds[heard()]), seed=0))


@cache
def heard() -> np.ndarray:
    return np.flatnonzero(content().sound.known)


def asked(likes: int, dislikes: int, seed: int) -> Profile:
    items = np.random.default_rng(seed).choice(heard(), likes + dislikes, replace=False)
    order = np.argsort(items)
    weights = np.r_[np.ones(likes), -np.ones(dislikes)].astype(np.float32)
    return Profile(items[order], weights[order])


def best(scores: np.ndarray, n: int) -> np.ndarray:
    return np.argsort(-np.nan_to_num(scores, nan=-9), kind="stable")[:n]


@pytest.mark.parametrize(("likes", "dislikes"), [(1, 0), (2, 0), (1, 1), (30, 3)])
def test_the_nearest_by_sound_are_those_that_looking_at_all_finds(likes, dislikes):
    found = []
    for seed in range(30):
        profile = asked(likes, dislikes, seed)
        exact = content().sound.score(profile)
        _, items, scores = by_index().sound.shortlist(profile, EVERYTHING, 40)
        assert len(items) < SONGS / 10
        np.testing.assert_allclose(scores, exact[items], atol=1e-6)
        named = items[np.argsort(-scores, kind="stable")[:10]]
        found.append(np.mean(exact[named] >= exact[best(exact, 10)[-1]] - 1e-6))
    assert np.mean(found) >= 0.97


@settings(max_examples=200)
@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.sampled_from([0.1, 1.0, 10.0]))
def test_away_from_something_leads_where_the_score_is_largest(seed, dimensions, times):
    rng = np.random.default_rng(seed)
    wanted, unwanted = rng.normal(size=(2, dimensions)) * [[1], [times]]
    towards = content_module.away(wanted, unwanted)
    length = np.linalg.norm(towards)

    def score(x):
        return x @ wanted - np.maximum(x @ unwanted, 0)

    anything = rng.normal(size=(300, dimensions))
    anything /= np.linalg.norm(anything, axis=1)[:, None]
    assert (score(anything) <= length + 1e-9).all()
    if length > 1e-6:
        assert score(towards / length) == pytest.approx(length)


def test_only_what_is_allowed_counts_towards_enough():
    allowed = np.random.default_rng(0).random(SONGS) < 0.3
    _, items, _ = by_index().sound.shortlist(asked(1, 0, 5), allowed, 20)
    assert len(items) == 20
    assert allowed[items].all()


@pytest.mark.parametrize("share", [0.001, 0.0])
def test_where_few_are_allowed_all_of_them_are_looked_at(share):
    allowed = np.random.default_rng(0).random(SONGS) < share
    profile = asked(1, 0, 5)
    _, items, scores = by_index().sound.shortlist(profile, allowed, 50)
    exact = content().sound.score(profile)
    heard = np.flatnonzero(allowed & np.isfinite(exact))
    assert np.isin(heard, items).all()
    np.testing.assert_array_equal(scores, exact[items])


def test_away_from_what_sounds_the_same_no_direction_is_left_and_all_are_looked_at():
    one, twin = heard()[:2]
    sounds = content().sounds.copy()
    sounds[twin] = sounds[one]
    alike = replace(by_index(), sounds=sounds).sound
    profile = Profile(np.array([one, twin]), np.array([1, -1], dtype=np.float32))
    opinion, exact = alike.shortlist(profile, EVERYTHING, 20), alike.opinion(profile)
    np.testing.assert_array_equal(opinion.scores, exact.scores)


def test_who_likes_no_sound_is_told_nothing():
    silent = np.flatnonzero(~content().sound.known)[:1].astype(np.int32)
    opinion = by_index().sound.shortlist(Profile(silent, np.ones(1, dtype=np.float32)), EVERYTHING, 10)
    assert len(opinion.items) == 0


def test_words_and_everything_together_are_what_they_are_without_an_index():
    profile = asked(3, 1, 7)
    np.testing.assert_array_equal(by_index().score(profile), content().score(profile))
    np.testing.assert_array_equal(by_index().words.score(profile), content().words.score(profile))
    np.testing.assert_array_equal(by_index().sound.score(profile), content().sound.score(profile))
    reason = by_index().sound.because(profile, 12)
    assert reason == content().sound.because(profile, 12)


def test_few_sounds_get_no_index_and_many_are_logged_with_their_recall(monkeypatch, caplog):
    assert sound_index(content().sounds, seed=0) is None
    monkeypatch.setattr(content_module, "INDEXED_FROM", 1_000)
    with caplog.at_level(logging.INFO):
        found = sound_index(content().sounds, seed=0)
    assert found.about.vectors == len(heard())
    assert found.about.recall >= 0.97
    assert f"index of {len(heard()):,} sounds: recall@10 {found.about.recall:.3f}" in caplog.text


def test_an_index_that_finds_too_little_is_not_used(monkeypatch, caplog):
    monkeypatch.setattr(content_module, "INDEXED_FROM", 1_000)
    monkeypatch.setattr(content_module, "RECALL", 1.01)
    assert sound_index(content().sounds, seed=0) is None
    assert "which is too little: all songs are looked at" in caplog.text


@pytest.fixture
def database(tmp_path: Path, monkeypatch) -> Path:
    """A thousand songs of a hundred artists, with a sound each; which are many, here."""
    monkeypatch.setattr(content_module, "INDEXED_FROM", 500)
    path = tmp_path / "loud.db"
    rng = np.random.default_rng(2)

    def filled(store) -> None:
        rare = store.music.ensure_tag("rare", "genre")
        for number in range(100):
            artist = store.music.ensure_artist(f"artist {number}")
            for song in range(10):
                track = store.music.ensure_track(artist, f"song {number} {song}")
                if number % 10 == song == 3:
                    store.music.tag_track(track, rare, "test", 1.0)
                sound = rng.random(len(FEATURES)).tolist()
                store.music.set_features(track, dict(zip(FEATURES, sound, strict=True)))

    with Writer(path) as writer:
        writer.write(filled).result()
    return path


async def alike(music: MusicService) -> list[Subject]:
    ann = await music.arrive(Account("terminal", "ann", "Ann"))
    slate = await music.recommend(Query(ann.user_id, 5, seeds=(Subject(7, 65),), by="sound"))
    return [pick.song.subject for pick in slate.picks]


async def test_a_song_alike_in_sound_is_found_by_the_index_that_the_training_made(database, monkeypatch):
    looked_at = []
    whole = SoundOnly.opinion
    monkeypatch.setattr(SoundOnly, "opinion", lambda *args: looked_at.append(1) or whole(*args))
    async with await MusicService.open(database, seed=1, clock=lambda: NOW) as music:
        figures = (await music.stats())["snapshot"]
        assert (figures["indexed"], figures["index_recall"] >= 0.97) == (1_000, True)
        found = await alike(music)
    assert not looked_at
    async with await MusicService.open(database, seed=1, clock=lambda: NOW + 90_000) as music:
        monkeypatch.setattr(SoundOnly, "shortlist", Content.shortlist)
        assert await alike(music) == found
    assert looked_at


async def test_a_genre_of_ten_songs_and_a_blocked_artist_leave_a_full_list(database):
    async with await MusicService.open(database, seed=1, clock=lambda: NOW) as music:
        ann = await music.arrive(Account("terminal", "ann", "Ann"))
        await music.reactions.record(ann, Subject(14), Kind.BLOCK, key="block")  # who sings one of the ten
        for wish in (("rare",), ()):
            query = Query(ann.user_id, 9, seeds=(Subject(7, 65),), by="sound", tags=wish)
            slate = await music.recommend(query)
            songs = [pick.song.subject for pick in slate.picks]
            assert len(songs) == 9
            assert 14 not in {song.artist_id for song in songs}
            assert not wish or all(song.track_id % 100 == 34 for song in songs)


@pytest.mark.parametrize("harm", ["missing", "cut short"])
async def test_without_its_index_a_snapshot_answers_by_looking_at_all(database, harm, caplog):
    async with await MusicService.open(database, seed=1, clock=lambda: NOW) as music:
        found = await alike(music)
    (file,) = database.with_name("loud.db.models").glob("*/*.ann")
    if harm == "missing":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[: -56 * 5])
    async with await MusicService.open(database, seed=1, clock=lambda: NOW + 90_000) as music:
        assert await alike(music) == found
        assert "indexed" not in (await music.stats())["snapshot"]
        assert "Until the next training all songs are looked at" in caplog.text
        await music.train()
        assert (await music.stats())["snapshot"]["indexed"] == 1_000


ASKING = """
import json, sys
from pathlib import Path
import numpy as np
from recommender.snapshot import files
from recommender.scorers import Profile
from recommender.scorers.content import Content

sound, = (one.sound for one in files.load(Path(sys.argv[1])).tracks.scorers if isinstance(one, Content))
profile = Profile(np.array([65], dtype=np.int32), np.ones(1, dtype=np.float32))
for _ in sys.stdin:
    print(json.dumps(sound.shortlist(profile, np.ones(1_000, dtype=bool), 20).items.tolist()), flush=True)
"""


def _another(folder: Path) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-c", ASKING, folder], stdin=PIPE, stdout=PIPE, text=True)


def _answer(reader: subprocess.Popen) -> str:
    reader.stdin.write("\n")
    reader.stdin.flush()
    return reader.stdout.readline()


async def test_another_process_keeps_answering_from_the_index_it_has_mapped(database):
    folder = database.with_name("loud.db.models")
    times = iter(range(10**9))
    async with await MusicService.open(database, seed=1, clock=lambda: NOW + 100 * next(times)) as music:
        with _another(folder) as reader:
            before = _answer(reader)
            (old,) = folder.glob("*/*.ann")
            await music.train()
            assert not old.exists()
            assert len(list(folder.glob("*/*.ann"))) == 1
            assert _answer(reader) == before
            reader.stdin.close()
            assert reader.wait(20) == 0
    assert before.count(",") == 19


def test_without_annoy_every_song_is_looked_at(monkeypatch, tmp_path, caplog):
    written = nodes.write(by_index().sound.index, tmp_path, "sounds")
    monkeypatch.setattr(content_module, "INDEXED_FROM", 100)
    monkeypatch.setitem(sys.modules, "annoy", None)  # importing it fails
    assert sound_index(content().sounds, seed=0) is None
    assert nodes.read(written, tmp_path) is None
    assert "without annoy: all songs are looked at" in caplog.text
    assert "Until the next training all songs are looked at" in caplog.text
    assert not content().lacks_index
    profile = asked(3, 1, seed=4)
    _, items, scores = content().sound.shortlist(profile, EVERYTHING, 40)
    assert len(items) == len(heard())
    np.testing.assert_array_equal(scores, content().sound.score(profile)[items])
