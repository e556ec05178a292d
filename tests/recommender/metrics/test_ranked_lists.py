"""From scores to lists."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.sparse import csr_matrix

from recommender.metrics import ranked_lists as module
from recommender.metrics.ranked_lists import ranked_lists, recommended, top_items


def nothing(n: int, n_items: int) -> csr_matrix:
    return csr_matrix((n, n_items), dtype=np.float32)


class Fixed:
    """Scores that are the column of what is known, times the row's weight."""

    def scores(self, known):
        return np.tile(np.arange(known.shape[1], dtype=np.float32), (known.shape[0], 1))


def test_of_equal_scores_the_smaller_column_comes_first():
    scores = np.array([[1, 2, 2, 1, 2]], dtype=np.float32)
    assert top_items(scores, nothing(1, 5), 4).tolist() == [[1, 2, 4, 0]]
    assert top_items(scores, nothing(1, 5), 2).tolist() == [[1, 2]]


def test_items_without_a_score_are_never_listed():
    scores = np.array([[np.nan, 1, -np.inf, -5]], dtype=np.float32)
    assert top_items(scores, nothing(1, 4), 4).tolist() == [[1, 3, -1, -1]]


def test_a_catalogue_smaller_than_the_list_ends_early():
    assert top_items(np.array([[1, 2]], dtype=np.float32), nothing(1, 2), 4).tolist() == [[1, 0, -1, -1]]


def test_what_is_excluded_is_not_listed_even_where_nothing_else_remains():
    known = csr_matrix(np.array([[1, 0, 1], [1, 1, 1]], dtype=np.float32))
    scores = np.array([[3, 2, 1], [3, 2, 1]], dtype=np.float32)
    assert top_items(scores, known, 2).tolist() == [[1, -1], [-1, -1]]


def test_the_scores_handed_in_stay_as_they_are():
    scores = np.array([[np.nan, 1]], dtype=np.float32)
    top_items(scores, csr_matrix(np.array([[0, 1]], dtype=np.float32)), 1)
    assert np.isnan(scores[0, 0])
    assert scores[0, 1] == 1


def test_scores_of_another_shape_are_refused():
    with pytest.raises(ValueError, match="shape"):
        top_items(np.zeros((1, 3), dtype=np.float32), nothing(1, 4), 2)


def test_lists_do_not_depend_on_how_many_people_are_ranked_at_once(monkeypatch):
    known = csr_matrix(np.eye(7, 9, dtype=np.float32))
    together = ranked_lists(Fixed(), known, 3)
    monkeypatch.setattr(module, "_PERSONS_AT_ONCE", 2)
    assert (ranked_lists(Fixed(), known, 3) == together).all()


def test_a_model_can_be_told_less_than_what_is_excluded():
    lists = ranked_lists(Fixed(), nothing(1, 4), 2, excluded=csr_matrix([[0, 0, 0, 1]], dtype=np.float32))
    assert lists.tolist() == [[2, 1]]


def test_only_the_wished_columns_are_listed():
    assert ranked_lists(Fixed(), nothing(1, 5), 3, among=np.array([1, 3])).tolist() == [[3, 1, -1]]


def test_recommended_gives_the_scores_of_the_items():
    items, scores = recommended(Fixed(), csr_matrix([[0, 0, 1]], dtype=np.float32), 3)
    assert items.tolist() == [[1, 0, -1]]
    assert scores[0, :2].tolist() == [1, 0]
    assert np.isnan(scores[0, 2])


@given(
    arrays.arrays(np.float32, (3, 6), elements=st.sampled_from([0, 1, 2, np.nan, -np.inf])),
    arrays.arrays(np.bool_, (3, 6)),
    st.integers(0, 8),
)
def test_lists_equal_a_plain_sort(scores, excluded, k):
    lists = top_items(scores, csr_matrix(excluded, dtype=np.float32), k)
    for row in range(3):
        possible = [i for i in range(6) if scores[row, i] > -np.inf and not excluded[row, i]]
        best = sorted(possible, key=lambda item: (-scores[row, item], item))[:k]
        assert lists[row].tolist() == best + [-1] * (k - len(best))
