"""Music that nobody has played stands where its sound says, if sound says anything."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from recommender.models.tag_regression import TagRegression
from recommender.scorers import Profile, TrainingData
from recommender.scorers.cold_start import LEAST_HEARD
from recommender.scorers.heard_start import HeardStart

CAMPS, PEOPLE, ITEMS = 8, 120, 320
NEW = np.arange(CAMPS)  # the first item of each camp: nobody has played it


def world(*, tells: float, tags=None, seed=0) -> TrainingData:
    """Listeners of eight kinds of music; heard vectors tell the kind with strength `tells`."""
    rng = np.random.default_rng(seed)
    camp = np.arange(ITEMS) % CAMPS
    plays = (rng.random((PEOPLE, ITEMS)) < 0.25) & (camp == (np.arange(PEOPLE) % CAMPS)[:, None])
    plays |= rng.random((PEOPLE, ITEMS)) < 0.02
    plays[:, NEW] = False
    heard = tells * np.eye(CAMPS)[camp] + rng.normal(0, 0.5, (ITEMS, CAMPS))
    return TrainingData(
        csr_matrix(plays.astype(np.float32)),
        csr_matrix((ITEMS, 0) if tags is None else tags, dtype=np.float32),
        np.zeros((ITEMS, 0), dtype=np.float32),
        csr_matrix((0, PEOPLE), dtype=np.float32),
        item_heard=(heard - heard.mean(axis=0)).astype(np.float32),
    )


def fan_of(camp: int) -> Profile:
    items = np.arange(camp + CAMPS, camp + 6 * CAMPS, CAMPS, dtype=np.int32)
    return Profile(items, np.ones(len(items), dtype=np.float32))


def test_of_songs_that_nobody_played_the_one_that_sounds_right_comes_first():
    scorer = HeardStart.fit(world(tells=2.0), seed=0)
    assert scorer.figures()["heard_start"]["on"]
    right = [int(np.argmax(scorer.score(fan_of(camp))[NEW])) == camp for camp in range(CAMPS)]
    assert all(right)


def test_where_sound_tells_nothing_it_stays_off_and_says_so():
    scorer = HeardStart.fit(world(tells=0.0), seed=0)
    assert not scorer.has_learned
    assert np.isnan(scorer.score(fan_of(1))).all()
    said = scorer.figures()["heard_start"]
    assert not said["on"]
    assert said["by_sound"] < said["by_nothing"] + 0.1


def test_tags_that_tell_all_are_left_alone_and_items_without_tags_are_not():
    camp = np.arange(ITEMS) % CAMPS
    tags = np.repeat(np.eye(CAMPS)[camp], 3, axis=1) * 5
    tags[1] = 0
    scorer = HeardStart.fit(world(tells=0.6, tags=tags), seed=0)
    assert scorer.has_learned
    assert scorer.spoken_of.tolist() == [1]


def test_weak_tags_are_helped():
    tags = np.random.default_rng(5).poisson(0.5, (ITEMS, 12))
    scorer = HeardStart.fit(world(tells=2.0, tags=tags), seed=0)
    assert len(scorer.spoken_of) == ITEMS


@pytest.mark.parametrize("missing", ["sound", "people"])
def test_too_little_teaches_nothing(missing):
    data = world(tells=2.0)
    if missing == "sound":
        data.item_heard[LEAST_HEARD + CAMPS - 1 :] = np.nan
    else:
        data.user_items.data[data.user_items.indptr[29] :] = 0
    scorer = HeardStart.fit(data, seed=0)
    assert not scorer.has_learned
    assert "by_sound" not in scorer.figures()["heard_start"]


def test_the_tag_regression_learns_from_what_was_heard_and_only_if_it_helps():
    tags = csr_matrix(np.random.default_rng(5).poisson(0.5, (ITEMS, 12)).astype(np.float32))
    shares = {}
    for tells in (0.0, 2.0):
        data = world(tells=tells)
        fitted = TagRegression.fit(data.user_items, tags, seed=0, sounds=data.item_heard)
        shares[tells] = fitted.weights.heard
        ranked = fitted.scores(csr_matrix(data.user_items[3]))[0, NEW]
    assert shares[2.0] > 0
    assert shares[0.0] < shares[2.0]
    assert int(np.argmax(ranked)) == 3
