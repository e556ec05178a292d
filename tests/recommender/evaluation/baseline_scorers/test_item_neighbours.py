import numpy as np
import pytest
from scipy.sparse import csr_matrix

from recommender.evaluation.baseline_scorers.item_neighbours import ItemNeighbours
from recommender.scorers import Profile, TrainingData, most_missed


def fitted(listening, **settings) -> ItemNeighbours:
    user_items = csr_matrix(np.asarray(listening, dtype=np.float32))
    items = user_items.shape[1]
    return ItemNeighbours.fit(
        TrainingData(
            user_items,
            csr_matrix((items, 0), dtype=np.float32),
            np.zeros((items, 0), dtype=np.float32),
            csr_matrix((0, user_items.shape[0]), dtype=np.float32),
        ),
        seed=0,
        **settings,
    )


def knowing(**weights: float) -> Profile:
    """`_3=2.0` is a weight of 2 on item 3."""
    items = np.array([int(name[1:]) for name in weights], dtype=np.int32)
    return Profile(items, np.array(list(weights.values()), dtype=np.float32))


def crowd() -> np.ndarray:
    rng = np.random.default_rng(0)
    return rng.gamma(2, 2, size=(40, 25)) * (rng.random((40, 25)) < 0.3)


def test_undamped_similarity_is_the_cosine_of_the_columns():
    listening = crowd()
    lengths = np.linalg.norm(listening, axis=0)
    cosines = listening.T @ listening / np.outer(lengths, lengths)
    np.fill_diagonal(cosines, 0)
    assert fitted(listening, neighbours=25, damping=0).similarity.toarray() == pytest.approx(
        cosines, rel=1e-5
    )


def test_damping_adds_listeners_of_average_weight_who_know_nothing_else():
    listening = crowd()
    strength = 3 * np.mean(listening[listening > 0] ** 2)
    lengths = np.sqrt((listening**2).sum(axis=0) + strength)
    cosines = listening.T @ listening / np.outer(lengths, lengths)
    np.fill_diagonal(cosines, 0)
    assert fitted(listening, neighbours=25, damping=3).similarity.toarray() == pytest.approx(
        cosines, rel=1e-5
    )


def test_the_unit_of_the_weights_does_not_matter():
    small, large = fitted(crowd(), damping=5), fitted(1000 * crowd(), damping=5)
    assert small.similarity.toarray() == pytest.approx(large.similarity.toarray(), rel=1e-5)


def test_damping_puts_what_many_share_before_what_one_has():
    """Items 0 and 1 have one listener, the same; items 2 and 3 have six and seven, five the same."""
    listening = np.zeros((9, 4))
    listening[0, [0, 1]] = 1
    listening[1:7, 3] = 1
    listening[2:9, 2] = 1
    plain, damped = fitted(listening, damping=0), fitted(listening, damping=5)
    assert plain.similarity[0, 1] > plain.similarity[3, 2]
    assert damped.similarity[0, 1] < damped.similarity[3, 2]


def test_only_the_nearest_neighbours_are_kept():
    everything, nearest = fitted(crowd(), neighbours=25), fitted(crowd(), neighbours=3)
    for item in range(25):
        row = everything.similarity[item].toarray().ravel()
        assert (
            np.flatnonzero(nearest.similarity[item].toarray()).tolist()
            == np.sort(np.argsort(-row)[:3]).tolist()
        )


def test_the_score_is_the_sum_of_weights_times_similarities():
    scorer = fitted(crowd())
    scores = scorer.score(knowing(_2=3.0, _7=-1.0, _11=0.5))
    s = scorer.similarity.toarray()
    assert np.nan_to_num(scores) == pytest.approx(3 * s[2] - s[7] + 0.5 * s[11], rel=1e-5)


def test_the_largest_share_is_the_reason():
    scorer = fitted(crowd())
    shares = scorer.similarity.toarray()[[2, 7, 11], 5] * [3, 1, 2]
    reason = scorer.because(knowing(_2=3.0, _7=1.0, _11=2.0), 5)
    assert reason.item == [2, 7, 11][np.argmax(shares)]
    assert reason.drop == pytest.approx(shares.max(), rel=1e-6)


def test_without_the_only_like_there_is_no_score_whatever_is_disliked():
    scorer = fitted(crowd())
    listener = knowing(_2=3.0, _7=-1.0)
    s = scorer.similarity.toarray()
    item = int(np.argmax(np.minimum(s[2], s[7])))  # near to both
    reason = scorer.because(listener, item)
    assert reason.drop == pytest.approx(3 * s[2, item] - s[7, item], rel=1e-6)
    assert reason == pytest.approx(most_missed(scorer, listener, item, listener.liked.items), rel=1e-4)


def test_disliking_together_makes_nothing_similar():
    listening = [[-3, -3, 1], [-3, -3, 1], [2, 0, 2]]
    assert fitted(listening, damping=0).similarity[0, 1] == 0


def test_the_number_of_threads_changes_nothing():
    one, two = fitted(crowd(), threads=1), fitted(crowd(), threads=2)
    assert (one.similarity != two.similarity).nnz == 0


def test_a_column_that_does_not_exist_is_an_error():
    with pytest.raises(IndexError):
        fitted(crowd()).score(knowing(_25=1.0))
    with pytest.raises(ValueError, match="columns from 0 on"):
        Profile(np.array([-1], dtype=np.int32), np.ones(1, dtype=np.float32))
