import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_matrix

from recommender.linalg import (
    cleaned,
    column,
    combined,
    cosine_drops,
    direction_length,
    entries,
    inverse,
    located,
    positive,
    positive_columns,
    row_norms,
    top,
)
from recommender.scorers import combined_opinion

MATRIX = csr_matrix(np.array([[0, 2, 0], [3, 0, -4], [0, 0, 0]], dtype=np.float32))


@given(arrays(np.float64, st.integers(0, 40), elements=st.integers(-3, 3).map(float)), st.integers(0, 45))
def test_the_largest_values_come_first_and_of_equal_ones_the_earlier(values, k):
    assert top(values, k).tolist() == np.argsort(-values, kind="stable")[:k].tolist()


def test_likes_are_what_is_above_zero():
    assert positive(MATRIX).toarray().tolist() == [[0, 2, 0], [3, 0, 0], [0, 0, 0]]
    assert positive(MATRIX).nnz == 2
    assert positive_columns(MATRIX).tolist() == [0, 1]
    assert MATRIX.nnz == 3  # untouched


def test_a_cleaned_matrix_has_each_cell_once_and_no_zeros():
    twice = csr_matrix((np.array([1.0, 2, 0]), np.array([1, 1, 0]), np.array([0, 3])), shape=(1, 2))
    assert cleaned(twice).data.tolist() == [3]


def test_rows_are_measured_and_nothing_is_divided_by_zero():
    assert row_norms(MATRIX).tolist() == [2, 5, 0]
    assert inverse(row_norms(MATRIX)).tolist() == [0.5, 0.2, 0]


def test_a_sum_of_rows_says_where_any_of_them_has_something():
    rows, weights = np.array([0, 1], dtype=np.int32), np.array([1, -2])
    assert combined(MATRIX, rows, weights).tolist() == [-6, 2, 8]
    assert combined_opinion(MATRIX, rows, weights).items.tolist() == [0, 1, 2]
    assert combined_opinion(MATRIX, rows, weights).scores.tolist() == [-6, 2, 8]
    assert combined(MATRIX, rows[:1], weights[:1]).tolist() == [0, 2, 0]
    assert combined_opinion(MATRIX, rows[:1], weights[:1]).items.tolist() == [1]
    assert combined_opinion(MATRIX, rows[:0], weights[:0]).items.tolist() == []


def test_entries_come_row_after_row_in_the_order_asked_for():
    row, column_of, data = entries(MATRIX, np.array([1, 2, 0, 1], dtype=np.int32))
    assert row.tolist() == [0, 0, 2, 3, 3]
    assert column_of.tolist() == [0, 2, 1, 0, 2]
    assert data.tolist() == [3, -4, 2, 3, -4]


def test_a_row_that_is_not_there_is_an_error():
    with pytest.raises(IndexError):
        entries(MATRIX, np.array([3], dtype=np.int32))


def test_a_column_is_read_in_the_order_of_the_rows_asked_for():
    assert column(MATRIX, np.array([2, 1, 0], dtype=np.int32), 2).tolist() == [0, -4, 0]


def test_items_are_found_among_the_known_ones():
    rows, found = located(np.array([2, 5, 9], dtype=np.int32), np.array([0, 5, 9, 11], dtype=np.int32), 12)
    assert rows.tolist() == [1, 2]
    assert found.tolist() == [False, True, True, False]
    nothing = np.empty(0, dtype=np.int32)
    assert located(nothing, np.array([3], dtype=np.int32), 12)[1].tolist() == [False]


def test_an_item_beyond_the_last_is_an_error():
    with pytest.raises(IndexError, match="12 items, and so no column 12"):
        located(np.array([2], dtype=np.int32), np.array([2, 12], dtype=np.int32), 12)


def test_vectors_that_cancel_have_no_direction():
    weights = np.array([3.0, 3.0])
    vectors = np.array([[0.6, 0.8], [-0.6, -0.8]])
    assert direction_length(weights @ vectors, weights) == 0
    assert direction_length(np.zeros(2), np.zeros(0)) == 0


def test_the_fall_of_a_cosine_is_that_of_computing_it_anew():
    rng = np.random.default_rng(0)
    vectors, weights, target = rng.normal(size=(6, 4)), rng.gamma(2, size=6), rng.normal(size=4)

    def cosine(keep):
        total = weights[keep] @ vectors[keep]
        return (total @ target - 0.5) / np.linalg.norm(total)

    drops = cosine_drops(
        weights, vectors @ target, vectors @ (weights @ vectors), (vectors**2).sum(axis=1), penalty=0.5
    )
    everything = np.arange(6)
    assert drops == pytest.approx([cosine(everything) - cosine(np.delete(everything, k)) for k in range(6)])
