"""Principal axes against NumPy's decomposition of the dense matrix."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix, random_array

from recommender.linalg import axes


@pytest.mark.parametrize("shape", [(30, 12), (12, 30)], ids=["tall", "wide"])
@pytest.mark.parametrize("dense", [True, False], ids=["dense", "lanczos"])
@pytest.mark.parametrize("centred", [True, False], ids=["centred", "as-is"])
def test_the_axes_are_those_of_the_dense_matrix(shape, dense, centred, monkeypatch):
    monkeypatch.setattr(axes, "_DENSE", 3000 if dense else 5)
    rows = csr_matrix(random_array(shape, density=0.5, rng=np.random.default_rng(1)))
    mean = np.asarray(rows.mean(axis=0)).ravel() if centred else np.zeros(shape[1])
    _, lengths, vectors = np.linalg.svd(rows.toarray() - mean, full_matrices=False)
    found = axes.principal_axes(rows, 4, seed=0, mean=mean)
    assert found.squares == pytest.approx(lengths[:4] ** 2)
    assert np.abs(np.sum(found.vectors * vectors[:4].T, axis=0)) == pytest.approx(1)


def test_no_more_axes_than_the_rank():
    one = csr_matrix(np.outer([1.0, 2, 3], [1.0, 0, 1, 1]))
    assert axes.principal_axes(one, 3, seed=0).vectors.shape == (4, 1)
    assert axes.principal_axes(csr_matrix((3, 4)), 3, seed=0).vectors.shape == (4, 0)
    assert axes.principal_axes(one[:0], 3, seed=0).squares.shape == (0,)
