"""Opinions put together from parts."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommender.arrays import Ints
from recommender.linalg import _sum, entries
from recommender.scorers import Opinion


def combined_opinion(matrix: csr_matrix, rows: Ints, weights: NDArray[np.floating]) -> Opinion:
    """Return the weighted sum of some rows where any of them has an entry."""
    chosen, n = entries(matrix, rows), matrix.shape[1]
    touched = np.zeros(n, dtype=np.bool_)
    touched[chosen.column] = True
    items = np.flatnonzero(touched)
    return Opinion(n, items.astype(np.int32), _sum(chosen, weights, n)[items].astype(np.float32))


def no_opinion(n: int) -> Opinion:
    """Return the opinion on none of `n` items."""
    return Opinion(n, np.empty(0, dtype=np.int32), np.empty(0, dtype=np.float32))
