import numpy as np
import pytest
from scipy.sparse import csr_matrix

from recommender.evaluation.baseline_scorers.item_neighbours import ItemNeighbours
from recommender.evaluation.baseline_scorers.user_item import UserItem
from recommender.evaluation.baseline_scorers.user_neighbours import UserNeighbours
from recommender.scorers import Profile, TrainingData


def data() -> TrainingData:
    rng = np.random.default_rng(2)
    listening = rng.gamma(2, 2, size=(60, 30)) * (rng.random((60, 30)) < 0.2)
    return TrainingData(
        csr_matrix(listening.astype(np.float32)),
        csr_matrix((30, 0), dtype=np.float32),
        np.zeros((30, 0), dtype=np.float32),
        csr_matrix((0, 60), dtype=np.float32),
    )


LISTENER = Profile(np.array([1, 4, 9], dtype=np.int32), np.array([2, 5, 1], dtype=np.float32))


def test_it_is_the_product_of_what_items_and_what_users_say():
    scores = UserItem.fit(data(), seed=0, neighbours=9, similar_items=12, damping=2).score(LISTENER)
    by_items = ItemNeighbours.fit(data(), seed=0, neighbours=12, damping=2).score(LISTENER)
    by_users = UserNeighbours.fit(data(), seed=0, neighbours=9).score(LISTENER)
    assert scores == pytest.approx(by_items * by_users, nan_ok=True)


def test_only_what_somebody_of_similar_taste_has_is_recommended():
    scores = UserItem.fit(data(), seed=0, neighbours=1, similar_items=30).score(LISTENER)
    (nearest,), _ = UserNeighbours.fit(data(), seed=0, neighbours=1).nearest(LISTENER)
    has = data().user_items[nearest].indices
    assert np.isfinite(scores).any()
    assert set(np.flatnonzero(np.isfinite(scores))) <= set(has.tolist())
