"""The metrics against figures worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from recommender.metrics import hits, ndcg, recall, reciprocal_rank


def held_out(*rows: list[int], n_items: int = 10) -> csr_matrix:
    matrix = np.zeros((len(rows), n_items), dtype=np.float32)
    for row, items in enumerate(rows):
        matrix[row, items] = 1
    return csr_matrix(matrix)


def ranked(*rows: list[int]) -> np.ndarray:
    return np.array(rows, dtype=np.int32)


def test_ndcg_by_hand():
    wanted = held_out([3, 5], [0], [1, 2, 3])
    found = hits(ranked([5, 1, 3], [1, 2, 3], [1, 2, 3]), wanted)
    # Places 1 and 3: 1 + 1/2 of a best 1 + 1/log2(3); nothing; everything.
    assert ndcg(found, wanted, 3) == pytest.approx([1.5 / (1 + 1 / np.log2(3)), 0, 1])


def test_ndcg_at_k_looks_no_further_than_k():
    wanted = held_out([3, 5, 7])
    found = hits(ranked([0, 3, 5, 7]), wanted)
    # At 2: a hit in place 2, of a best that has two places only.
    assert ndcg(found, wanted, 2) == pytest.approx([(1 / np.log2(3)) / (1 + 1 / np.log2(3))])


def test_recall_is_divided_by_what_a_list_of_k_can_hold():
    wanted = held_out([1, 2, 3], [1], [1, 2, 3, 4, 5])
    found = hits(ranked([1, 9, 2], [9, 8, 1], [1, 2, 9]), wanted)
    assert recall(found, wanted, 2) == pytest.approx([1 / 2, 0, 1])
    assert recall(found, wanted, 3) == pytest.approx([2 / 3, 1, 2 / 3])


def test_reciprocal_rank_is_that_of_the_first_hit():
    wanted = held_out([1, 2], [1], [1])
    found = hits(ranked([9, 2, 1], [9, 8, 1], [9, 8, 7]), wanted)
    assert reciprocal_rank(found, wanted, 3) == pytest.approx([1 / 2, 1 / 3, 0])
    assert reciprocal_rank(found, wanted, 2) == pytest.approx([1 / 2, 0, 0])


def test_somebody_with_nothing_held_out_has_no_figures():
    wanted = held_out([], [1])
    found = hits(ranked([1, 2], [1, 2]), wanted)
    for metric in (ndcg, recall, reciprocal_rank):
        values = metric(found, wanted, 2)
        assert np.isnan(values[0])
        assert values[1] == 1


def test_places_that_a_short_list_leaves_empty_are_no_hits():
    wanted = held_out([9], [9])
    found = hits(ranked([0, -1, -1], [9, -1, -1]), wanted)  # -1 is no way to say the last column
    assert found.tolist() == [[False, False, False], [True, False, False]]


def test_a_list_shorter_than_k_can_still_be_perfect():
    wanted = held_out([1, 2])
    found = hits(ranked([1, 2]), wanted)
    assert ndcg(found, wanted, 100) == pytest.approx([1])
    assert recall(found, wanted, 100) == pytest.approx([1])


def test_nobody_at_all_gives_no_values():
    wanted = csr_matrix((0, 5), dtype=np.float32)
    found = hits(np.empty((0, 3), dtype=np.int32), wanted)
    assert len(ndcg(found, wanted, 3)) == len(recall(found, wanted, 3)) == 0


@given(st.permutations(range(8)), st.sets(st.integers(0, 7), min_size=1), st.integers(1, 8))
def test_metrics_equal_their_definitions(order, wanted, k):
    matrix = held_out(sorted(wanted), n_items=8)
    found = hits(ranked(list(order)), matrix)
    gains = [1 / np.log2(place + 2) for place, item in enumerate(order[:k]) if item in wanted]
    best = sum(1 / np.log2(place + 2) for place in range(min(k, len(wanted))))
    assert ndcg(found, matrix, k)[0] == pytest.approx(sum(gains) / best)
    assert recall(found, matrix, k)[0] == pytest.approx(len(gains) / min(k, len(wanted)))
    places = [place for place, item in enumerate(order[:k], 1) if item in wanted]
    assert reciprocal_rank(found, matrix, k)[0] == pytest.approx(1 / places[0] if places else 0)
