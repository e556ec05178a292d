"""The inverse of a symmetric matrix, beside NumPy's."""

import numpy as np
import pytest

from recommender.linalg import dense


@pytest.mark.parametrize("n", [1, 5, 8, 9])
def test_the_inverse_is_whole_and_takes_the_place_of_the_matrix(n, monkeypatch):
    monkeypatch.setattr(dense, "_AT_ONCE", 4)
    rows = np.random.default_rng(n).normal(size=(20, n))
    matrix = rows.T @ rows
    expected = np.linalg.inv(matrix)
    found = dense.inverted(matrix)
    assert found == pytest.approx(expected)
    assert (found == found.T).all()
    assert np.shares_memory(found, matrix)


def test_what_cannot_be_inverted_is_refused():
    assert dense.inverted(np.empty((0, 0))).shape == (0, 0)
    with pytest.raises(np.linalg.LinAlgError, match="not positive definite"):
        dense.inverted(np.diag([1.0, -1.0]))
