import numpy as np
import pytest
from scipy.sparse import csr_matrix

from recommender.evaluation.baseline_scorers.user_neighbours import UserNeighbours
from recommender.scorers import Profile, TrainingData, most_missed


def fitted(listening, **settings) -> UserNeighbours:
    user_items = csr_matrix(np.asarray(listening, dtype=np.float32))
    items = user_items.shape[1]
    return UserNeighbours.fit(
        TrainingData(
            user_items,
            csr_matrix((items, 0), dtype=np.float32),
            np.zeros((items, 0), dtype=np.float32),
            csr_matrix((0, user_items.shape[0]), dtype=np.float32),
        ),
        seed=0,
        **settings,
    )


def knowing(row) -> Profile:
    items = np.flatnonzero(row)
    return Profile(items.astype(np.int32), np.asarray(row, dtype=np.float32)[items])


def crowd(*, binary: bool, users: int = 400) -> np.ndarray:
    """Many users on few items: where likes are all equal, ties among neighbours are everywhere."""
    rng = np.random.default_rng(1)
    heard = rng.random((users, 20)) < rng.uniform(0.02, 0.5, size=20)
    return heard * (1.0 if binary else rng.gamma(2, 2, size=heard.shape))


@pytest.mark.parametrize("by_similarity", [True, False])
def test_the_score_is_what_the_nearest_users_have(by_similarity):
    listening, row = crowd(binary=False)[1:], crowd(binary=False)[0]
    cosines = listening @ row / np.maximum(np.linalg.norm(listening, axis=1), 1e-9) / np.linalg.norm(row)
    nearest = np.argsort(-cosines, kind="stable")[:7]
    votes = cosines[nearest] if by_similarity else np.ones(7)
    expected = votes @ listening[nearest]
    scores = fitted(listening, neighbours=7, by_similarity=by_similarity).score(knowing(row))
    assert np.nan_to_num(scores) == pytest.approx(expected, rel=1e-5)
    assert np.isnan(scores).tolist() == (expected == 0).tolist()


def test_of_equally_similar_users_the_earlier_row_is_asked():
    listening = [[1, 0, 0, 1], [1, 1, 0, 0], [1, 0, 1, 0]]
    scores = fitted(listening, neighbours=2).score(knowing([1, 0, 0, 0]))
    assert np.isfinite(scores).tolist() == [True, True, False, True]


def test_who_shares_nothing_is_no_neighbour():
    users, cosines = fitted(np.eye(3), neighbours=3).nearest(knowing([0, 2, 0]))
    assert users.tolist() == [1]
    assert cosines.tolist() == [1]


def test_somebody_from_the_training_is_her_own_nearest_neighbour():
    listening = crowd(binary=False)
    users, cosines = fitted(listening).nearest(knowing(listening[17]))
    assert users[0] == 17
    assert cosines[0] == pytest.approx(1)


def test_disliking_the_same_is_no_likeness():
    scores = fitted([[-4, 5, 0], [0, 5, 3]]).score(knowing([-4, 0, 2]))
    assert np.nan_to_num(scores)[1] > 0  # from the second user, for the shared third song
    assert fitted([[-4, 5, 0], [0, 5, 3]]).nearest(knowing([-4, 0, 2]))[0].tolist() == [1]


@pytest.mark.parametrize("by_similarity", [True, False])
@pytest.mark.parametrize("binary", [True, False])
@pytest.mark.parametrize("neighbours", [1, 5, 30])
def test_a_reason_is_exact_where_leaving_out_an_item_changes_the_neighbours(
    binary, neighbours, by_similarity
):
    listening = crowd(binary=binary)
    scorer = fitted(listening[8:], neighbours=neighbours, by_similarity=by_similarity)
    changed = 0
    for row in listening[:8]:
        listener = knowing(row)
        scores = scorer.score(listener)
        before = set(scorer.nearest(listener)[0].tolist())
        changed += any(set(scorer.nearest(listener.without(i))[0].tolist()) != before for i in listener.items)
        for item in np.flatnonzero(np.isfinite(scores) & (row == 0)).tolist():
            reason = scorer.because(listener, item)
            expected = most_missed(scorer, listener, item, listener.items)
            assert reason.drop == pytest.approx(expected.drop, rel=1e-4, abs=1e-6 * float(scores[item]))
            if expected.drop > 1e-5 and not binary:  # where all are equal, several are missed as much
                assert reason.item == expected.item
    assert changed > 4
