import warnings

import numpy as np
import pytest
from implicit.cpu.als import AlternatingLeastSquares
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from recommender.evaluation.baseline_scorers.als import ALS, preference_confidence
from recommender.scorers import Profile, TrainingData


def data(listening) -> TrainingData:
    user_items = csr_matrix(np.asarray(listening, dtype=np.float32))
    users, items = user_items.shape
    return TrainingData(
        user_items,
        csr_matrix((items, 0), dtype=np.float32),
        np.zeros((items, 0), dtype=np.float32),
        csr_matrix((0, users), dtype=np.float32),
    )


def crowd() -> np.ndarray:
    """Two camps of 30, each with 15 songs of its own, and some dislikes."""
    rng = np.random.default_rng(4)
    camp = np.kron(np.eye(2), np.ones((30, 15)))
    likes = rng.gamma(4, 1, size=camp.shape) * (rng.random(camp.shape) < 0.1 + 0.4 * camp)
    return np.where(rng.random(camp.shape) < 0.05, -2, likes)


def knowing(items, weights) -> Profile:
    return Profile(np.array(items, dtype=np.int32), np.array(weights, dtype=np.float32))


def implicit_scores(scorer: ALS, items, weights) -> np.ndarray:
    """What the library itself makes of these weights with the same item factors."""
    row = csr_matrix((np.array(weights, dtype=np.float32), ([0] * len(items), items)), shape=(1, 30))
    _, confidence = preference_confidence(row, scorer.alpha)
    confidence.data = np.copysign(confidence.data, row.data)
    with threadpool_limits(1):
        model = AlternatingLeastSquares(
            factors=scorer.item_factors.shape[1], regularization=10.0, alpha=1.0, num_threads=1
        )
        model.item_factors = scorer.item_factors.copy()
        return scorer.item_factors @ model.recalculate_user(0, confidence)


@pytest.fixture(scope="module")
def scorer() -> ALS:
    return ALS.fit(data(crowd()), seed=3, factors=8)


def test_a_listener_is_solved_for_exactly_as_implicit_does(scorer):
    items, weights = [0, 3, 7, 20], [4, 2.5, 6, 1]
    assert scorer.score(knowing(items, weights)) == pytest.approx(
        implicit_scores(scorer, items, weights), rel=1e-3, abs=1e-5
    )


def test_a_dislike_is_a_preference_of_zero_that_one_is_sure_of(scorer):
    """As implicit takes negative weights; but where that would raise a score it stays as it was."""
    items, weights = [0, 3, 7, 20], [4, 2.5, -6, -4]
    with_dislikes = implicit_scores(scorer, items, weights)
    without = implicit_scores(scorer, items[:2], weights[:2])
    assert (with_dislikes > without).any()
    assert scorer.score(knowing(items, weights)) == pytest.approx(
        np.minimum(with_dislikes, without), rel=1e-3, abs=1e-5
    )


def test_a_like_is_felt_at_once(scorer):
    before, after = scorer.score(knowing([0], [4])), scorer.score(knowing([0, 20], [4, 4]))
    assert after[15:].mean() > before[15:].mean() + 0.1


def test_somebody_who_was_not_there_gets_what_her_camp_likes(scorer):
    scores = scorer.score(knowing([1, 2, 3], [4, 4, 4]))
    assert scores[:15].mean() > scores[15:].mean() + 0.2


def test_weights_below_one_are_likes_all_the_same():
    """implicit alone takes a weight of 0.01 for less confidence than knowing nothing gives."""
    listening = np.kron(np.eye(2), np.full((30, 15), 0.01))
    scorer = ALS.fit(data(listening), seed=0, factors=4, regularization=0.1)
    scores = scorer.score(knowing(range(1, 15), [0.01] * 14))
    assert scores[0] > 0.5
    assert np.abs(scores[15:]).max() < 0.1


def test_the_number_of_threads_changes_nothing():
    one, two = (ALS.fit(data(crowd()), seed=3, factors=8, threads=threads) for threads in (1, 2))
    np.testing.assert_array_equal(one.item_factors, two.item_factors)


def test_another_seed_gives_other_factors_and_nearly_the_same_scores():
    one, two = (ALS.fit(data(crowd()), seed=seed, factors=30, iterations=40) for seed in (1, 2))
    assert not np.array_equal(one.item_factors, two.item_factors)
    listener = knowing([0, 3, 20], [4, 2, 1])
    assert one.score(listener) == pytest.approx(two.score(listener), abs=0.02)


def test_what_too_few_people_like_is_smoothed_away_and_gets_no_opinion():
    """Two faint likes are below the regularization: all factors shrink to nothing, and say nothing."""
    faint = ALS.fit(data(np.diag([0.1, 0.1])), seed=3, factors=8)
    assert np.isnan(faint.score(knowing([0], [4]))).all()
    assert faint.because(knowing([0], [4]), 1) == (None, 0.0)


def test_training_warns_of_nothing_and_leaves_the_threads_as_they_were():
    with threadpool_limits(2), warnings.catch_warnings():
        warnings.simplefilter("error")
        ALS.fit(data(crowd()), seed=0, factors=4, iterations=1)


def test_confidence_grows_with_alpha_and_leaves_its_input_alone():
    weights = csr_matrix(np.array([[2.0, 0, -3]], dtype=np.float32))
    preference, confidence = preference_confidence(weights, alpha=10)
    assert preference.toarray().tolist() == [[1, 0, 0]]
    assert confidence.toarray().tolist() == [[21, 0, 31]]
    assert weights.toarray().tolist() == [[2, 0, -3]]


def test_a_column_that_does_not_exist_is_an_error(scorer):
    """implicit alone accepts a row of the wrong width, and answers for other items."""
    with pytest.raises(IndexError, match="no column 30"):
        scorer.score(knowing([30], [4]))
