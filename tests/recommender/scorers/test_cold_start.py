"""Music that nobody has played stands where its listeners will be."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from recommender.linalg import positive
from recommender.models.tag_regression import TagRegression
from recommender.scorers import Profile, TrainingData
from recommender.scorers.cold_start import ColdStart
from recommender.service import MusicService
from recommender.types import Query
from storage.records import Account, Event, Kind, Subject
from storage.writer import Writer

NOW = 1_700_000_000
CAMPS = ("rock", "jazz")


def world(people=60, items=60, seed=0) -> TrainingData:
    """Two camps; the last two items are new, one tagged like each camp."""
    rng = np.random.default_rng(seed)
    camp = np.arange(items) % 2
    heard = (rng.random((people, items)) < 0.3) & (camp == (np.arange(people) % 2)[:, None])
    heard[:, -2:] = False
    tags = rng.poisson(0.3, (items, 8)).astype(np.float32)
    tags[:, :2] = np.eye(2)[camp] * 3
    return TrainingData(
        csr_matrix(heard.astype(np.float32)),
        csr_matrix(tags),
        np.full((items, 0), np.nan, dtype=np.float32),
        csr_matrix(np.zeros((0, people), dtype=np.float32)),
    )


def liking(*items: int) -> Profile:
    return Profile(np.array(items, dtype=np.int32), np.ones(len(items), dtype=np.float32))


def test_the_new_one_tagged_like_a_camp_comes_before_the_other():
    scorer = ColdStart.fit(world(), seed=0)
    even, odd = scorer.score(liking(0, 2, 4)), scorer.score(liking(1, 3, 5))
    assert even[58] > even[59]
    assert odd[59] > odd[58]


def test_it_says_what_the_regression_says():
    data = world()
    likes = positive(data.user_items)
    likes.data = np.exp2(likes.data) - 1
    lab = TagRegression.fit(likes, data.item_tags, seed=0).scores(data.user_items[:5])
    scorer = ColdStart.fit(data, seed=0)
    for person in range(5):
        known = data.user_items[person].indices.astype(np.int32)
        assert scorer.score(liking(*known.tolist())) == pytest.approx(lab[person], rel=1e-3, abs=1e-3)


def test_what_was_written_places_an_item_without_tags():
    data = world()
    tags = data.item_tags.toarray()
    tags[-2:] = 0
    texts = np.zeros((60, 4), dtype=np.float32)
    texts[np.arange(60), np.arange(60) % 2] = 1
    scorer = ColdStart.fit(TrainingData(data.user_items, csr_matrix(tags), texts, data.communities), seed=0)
    even = scorer.score(liking(0, 2, 4))
    assert even[58] > even[59]


def test_too_few_people_teach_nothing():
    scorer = ColdStart.fit(world(people=20), seed=0)
    assert not scorer.has_learned
    assert np.isnan(scorer.score(liking(0, 2))).all()
    assert scorer.because(liking(0, 2), 58).item is None


def artists(store) -> None:
    for camp, name in enumerate(CAMPS):
        tags = [store.music.ensure_tag(f"{name} {word}", "genre") for word in ("loud", "slow", "odd")]
        for n in range(20):
            artist = store.music.ensure_artist(f"{name} {n}")
            store.music.ensure_track(artist, f"{name} song {n}")
            for tag in tags:
                store.music.tag_artist(artist, tag, "test", 5.0 + n % 3)
        new = store.music.ensure_artist(f"new {name}")
        store.music.ensure_track(new, f"debut {name}")
        for tag in tags:
            store.music.tag_artist(new, tag, "test", 5.0)
        for fan in range(30):
            user = store.people.ensure(Account("world", f"{name} {fan}", "x"), now=NOW)
            for n in {(fan * 7 + k * 3) % 20 for k in range(8)}:
                subject = Subject(store.music.ensure_artist(f"{name} {n}"))
                event = Event(f"{camp}-{fan}-{n}", user, subject, Kind.PLAY, "world", plays=20)
                store.log.append(event, now=NOW)


@pytest.fixture
async def music(tmp_path):
    path = tmp_path / "m.db"
    with Writer(path) as writer:
        writer.write(artists).result()
    async with await MusicService.open(path, seed=1, clock=lambda: NOW + 60.0) as service:
        yield service


async def test_a_new_artist_stands_where_her_listeners_will_be_and_the_reason_is_true(music):
    ann = await music.arrive(Account("terminal", "ann", "Ann"))
    for n in (1, 4, 8):
        song = (await music.names.resolve(f"rock {n}")).song
        await music.reactions.record(ann, song.subject, Kind.LIKE, key=f"like {n}")
    served = await music.recommend(Query(ann.user_id, 40))
    places = {pick.song.artist: pick for pick in served.picks}
    assert "new rock" in places
    assert "new jazz" not in places or places["new jazz"].position > places["new rock"].position
    reason = places["new rock"].explanation
    assert reason.kind == "because"
    assert reason.scorer == "artists.cold_start"
    assert set(reason.tags) <= {"rock loud", "rock slow", "rock odd"}
    assert reason.drop > 0


async def test_of_one_who_is_forgotten_nothing_is_left_in_it(music):
    def learned():
        axis = music._trainer.snapshot.artists
        return next(scorer for scorer in axis.scorers if isinstance(scorer, ColdStart))

    await music.train()
    before = learned()
    eve = await music.arrive(Account("terminal", "eve", "Eve"))
    for n in range(10):
        song = (await music.names.resolve(f"jazz {n}")).song
        await music.reactions.record(eve, song.subject, Kind.LIKE, key=f"eve {n}")
    await music.train()
    assert not np.array_equal(learned().factors, before.factors)
    await music.forget(eve)
    assert np.array_equal(learned().factors, before.factors)
    assert np.array_equal(learned().by_listeners, before.by_listeners)
