import numpy as np
import pytest
from scipy.sparse import csr_matrix

from recommender.scorers import Profile, TrainingData
from recommender.scorers.content import Content
from recommender.training.catalog_arrays import standardised

UNKNOWN = np.nan


def fitted(tags, features=None, **settings) -> Content:
    tags = csr_matrix(np.asarray(tags, dtype=np.float32))
    items = tags.shape[0]
    features = np.zeros((items, 0)) if features is None else np.asarray(features)
    return Content.fit(
        TrainingData(
            csr_matrix((0, items), dtype=np.float32),
            tags,
            standardised(features.astype(np.float32)),
            csr_matrix((0, 0), dtype=np.float32),
        ),
        seed=0,
        **settings,
    )


def knowing(**weights: float) -> Profile:
    items = np.array([int(name[1:]) for name in weights], dtype=np.int32)
    return Profile(items, np.array(list(weights.values()), dtype=np.float32))


def no_tags(items: int) -> np.ndarray:
    return np.zeros((items, 0))


def test_songs_that_nobody_played_are_found_by_their_tags():
    scores = fitted([[1, 1, 0], [1, 1, 0], [0, 0, 1], [0, 1, 1]]).score(knowing(_0=4.0))
    assert np.argsort(-scores)[1:].tolist() == [1, 3, 2]
    assert scores[2] == 0


def test_a_rare_tag_in_common_counts_more_than_a_frequent_one():
    rock = [[1, 0]] * 8
    scores = fitted([[1, 1], [1, 0], [0, 1], *rock], damping=0).score(knowing(_0=4.0))
    assert scores[2] > scores[1]


def test_many_tags_are_trusted_more_than_one():
    tags = np.zeros((6, 8))
    tags[0] = tags[1] = 3
    tags[2, 0] = 1
    tags[3:, 1:4] = 2
    one_tag, many = fitted(tags, damping=5).score(knowing(_0=4.0))[[2, 1]]
    assert fitted(tags, damping=0).score(knowing(_0=4.0))[1] == pytest.approx(1)
    assert many > one_tag
    assert fitted(tags, damping=5).score(knowing(_2=4.0))[2] < 0.5  # one faint tag, and by chance the same


def test_tag_weights_below_one_are_likenesses_all_the_same():
    """A logarithm of the weight alone would make them negative."""
    assert fitted([[0.2, 0], [3, 0.1], [0, 1]]).score(knowing(_0=1.0))[1] > 0


def test_an_item_without_tags_and_features_gets_no_opinion():
    scores = fitted([[1], [0], [1]], [[UNKNOWN], [UNKNOWN], [UNKNOWN]]).score(knowing(_0=1.0))
    assert np.isnan(scores).tolist() == [False, True, False]


def test_a_listener_of_unknown_songs_gets_no_opinion():
    assert np.isnan(fitted([[1], [0], [1]]).score(knowing(_1=4.0))).all()


def test_songs_that_sound_alike_are_near():
    scores = fitted(no_tags(4), [[120, 0.9], [122, 0.8], [60, 0.1], [118, 0.2]]).score(knowing(_0=1.0))
    assert np.argsort(-scores).tolist() == [0, 1, 3, 2]


def test_the_unit_of_a_feature_does_not_matter():
    features = np.array([[120, 0.9], [100, 0.8], [60, 0.1], [118, 0.2]])
    a, b = fitted(no_tags(4), features), fitted(no_tags(4), features * [1000, 0.001] + [5, -3])
    assert a.score(knowing(_0=1.0)) == pytest.approx(b.score(knowing(_0=1.0)), abs=1e-3)


def test_an_unknown_feature_is_left_out_and_no_zero():
    """A tempo of zero would be the slowest of all, far from every other song."""
    features = np.array([[120.0, 0.9], [UNKNOWN, 0.9], [118, 0.1], [121, 0.1], [119, 0.9]])
    scorer = fitted(no_tags(5), features)
    assert scorer.features[1, 0] == 0  # no deviation from the mean
    assert scorer.features[1, 1] == pytest.approx(1)
    as_zero = fitted(no_tags(5), np.nan_to_num(features))
    assert scorer.score(knowing(_0=1.0))[1] > 0.5
    assert as_zero.score(knowing(_0=1.0))[1] < 0


def test_without_audio_features_a_song_is_compared_by_its_tags_alone():
    tags = [[1, 0], [1, 0], [0, 1], [1, 0]]
    features = [[UNKNOWN, UNKNOWN], [1, 5], [2, 4], [UNKNOWN, UNKNOWN]]
    scores = fitted(tags, features, audio=0.3, damping=0).score(knowing(_0=1.0))
    assert scores[[0, 3]] == pytest.approx(1)
    assert scores[1] == pytest.approx(np.sqrt(0.7))  # the share of the tags in an item that has both


def test_a_feature_that_is_always_the_same_tells_nothing():
    features = [[3.3, 1.0], [3.3, 2.0], [3.3, UNKNOWN]]
    scorer = fitted(no_tags(3), features)
    assert not scorer.features[:, 0].any()
    assert scorer.known.tolist() == [True, True, False]


def test_what_carries_the_tags_of_a_dislike_falls():
    scorer = fitted([[1, 1, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], damping=0)
    before, after = scorer.score(knowing(_0=2.0)), scorer.score(knowing(_0=2.0, _1=-1.0))
    assert after[1] == pytest.approx(before[1] - 0.5)
    assert after[2] == before[2]


def test_the_reason_is_the_liked_song_that_shares_the_tags():
    scorer = fitted([[1, 0, 0], [0, 1, 0], [0, 1, 1], [1, 0, 1]])
    assert scorer.because(knowing(_0=1.0, _1=1.0), 2).item == 1
    assert scorer.because(knowing(_0=1.0, _1=1.0), 3).item == 0
