"""Tag matrices in the form models take: weighted and normalised."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommender.linalg import inverse, positive, row_norms, scaled_rows

_MOST_TAGS = 1_000  # more add a thousandth of NDCG and seconds of training
_LEAST_ITEMS = 3


def most_used(item_tags: csr_matrix) -> csr_matrix:
    """Return I x T' float32: log(1 + count) of the most frequent tags."""
    tags = positive(item_tags)
    items = np.bincount(tags.indices, minlength=tags.shape[1])
    kept = np.argsort(-items, kind="stable")[:_MOST_TAGS]
    chosen = csr_matrix(tags[:, np.sort(kept[items[kept] >= _LEAST_ITEMS])])
    chosen.data = np.log1p(chosen.data)
    return chosen


def unit_rows(matrix: csr_matrix) -> csr_matrix:
    """Return the rows normalised to length 1; empty rows stay empty."""
    return scaled_rows(matrix, inverse(row_norms(matrix)))


def scaled_columns(matrix: csr_matrix, scale: NDArray[np.floating]) -> csr_matrix:
    """Return the matrix with column c multiplied by `scale[c]`."""
    data = matrix.data * scale[matrix.indices]
    return csr_matrix((data, matrix.indices, matrix.indptr), shape=matrix.shape)


def tag_vectors(item_tags: csr_matrix | None, n_items: int) -> csr_matrix:
    """Return I x T, rows of length 1, with more weight on rare tags."""
    if item_tags is None:
        return csr_matrix(np.empty((n_items, 0), dtype=np.float32))
    tags = unit_rows(most_used(item_tags))
    items = np.bincount(tags.indices, minlength=tags.shape[1])
    return unit_rows(scaled_columns(tags, np.log(1 + n_items / (1 + items)).astype(np.float32)))
