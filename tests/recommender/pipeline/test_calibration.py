import numpy as np
import pytest
from scipy.sparse import csr_matrix

from recommender.linalg import entries
from recommender.pipeline.calibration import calibrated, wanted
from recommender.scorers import Profile

ITEM_TAGS = csr_matrix(np.random.default_rng(3).poisson(0.4, (30, 8)).astype(np.float32))
RARITY = np.linspace(0.5, 2, 8, dtype=np.float32)
SCORES = np.linspace(1, 0.4, 30, dtype=np.float32)
ALL = entries(ITEM_TAGS, np.arange(30, dtype=np.int32))


def liking(items) -> Profile:
    return Profile(np.array(items, dtype=np.int32), np.full(len(items), 4, dtype=np.float32))


def shares() -> np.ndarray:
    weights = ITEM_TAGS.toarray() * RARITY
    return weights / np.maximum(weights.sum(axis=1, keepdims=True), 1e-12)


def test_a_taste_spreads_over_tags_as_the_liked_items_do():
    p = wanted((ITEM_TAGS, ITEM_TAGS), RARITY, (liking([2, 5]), liking([9])))
    expected = shares()[[2, 5, 9]].sum(axis=0)
    assert p == pytest.approx(expected / expected.sum(), abs=1e-6)


def test_of_somebody_who_likes_nothing_no_proportions_are_known():
    p = wanted((ITEM_TAGS, ITEM_TAGS), RARITY, (liking([]), liking([])))
    assert p.tolist() == [0] * 8
    assert calibrated(SCORES, ALL, RARITY, p, 10, 0.8).tolist() == list(range(30))


@pytest.mark.parametrize("c", [0.0, 0.3, 0.8, 1.0])
def test_each_place_goes_to_the_best_sum_of_score_and_closeness_in_kullback_and_leibler_s_sense(c):
    p = wanted((ITEM_TAGS, ITEM_TAGS), RARITY, (liking([2, 5, 11]), liking([9])))
    chosen: list[int] = []
    for place in range(1, 11):

        def utility(row, place=place):
            q = 0.99 * shares()[[*chosen, row]].sum(axis=0) / place + 0.01 * p
            wants = p > 0
            divergence = (p[wants] * np.log(p[wants] / q[wants])).sum()
            return (1 - c) * SCORES[row] - c * divergence

        chosen.append(max((row for row in range(30) if row not in chosen), key=utility))
    order = calibrated(SCORES, ALL, RARITY, p, 10, c).tolist()
    assert order[:10] == chosen
    assert order[10:] == sorted(set(range(30)) - set(chosen))


def test_items_without_tags_keep_their_order():
    p = wanted((ITEM_TAGS, ITEM_TAGS), RARITY, (liking([2]), liking([9])))
    none = entries(csr_matrix((30, 8), dtype=np.float32), np.arange(30, dtype=np.int32))
    assert calibrated(SCORES, none, RARITY, p, 10, 0.8).tolist() == list(range(30))
