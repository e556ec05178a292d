"""Sparse and dense vectors: the little arithmetic that several scorers share.

Sums over one listener are in double precision: she knows tens or hundreds of items, so it costs nothing, and
the difference of two scores (a reason) stays exact.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from threadpoolctl import ThreadpoolController

from recommender.arrays import Doubles, Floats, Ints, Mask, Rows

# Vectors that cancel each other to less than this, relative to what went in, leave no direction.
_CANCELLED = 1e-6


@cache
def _libraries() -> ThreadpoolController:
    """Return the libraries of NumPy and SciPy; to look for them takes two milliseconds, so once."""
    return ThreadpoolController()


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep BLAS to one thread inside the block: the same sums everywhere, and small products are faster."""
    with _libraries().limit(limits=1, user_api="blas"):
        yield


# Sparse matrices


def cleaned(matrix: csr_matrix) -> csr_matrix:
    """Return a float32 copy with sorted indices, no repeated entries and no stored zeros."""
    copy = csr_matrix(matrix, dtype=np.float32, copy=True)
    copy.sum_duplicates()
    copy.eliminate_zeros()
    return copy


def positive(matrix: csr_matrix) -> csr_matrix:
    """Return a cleaned copy of what is above zero."""
    copy = cleaned(matrix)
    copy.data[copy.data < 0] = 0
    copy.eliminate_zeros()
    return copy


def strength(likes: csr_matrix, listeners: float) -> float:
    """Return the sum of squares that so many listeners of average weight add to a column."""
    return listeners * float(np.mean(likes.data.astype(np.float64) ** 2)) if likes.nnz else 0.0


def binary(matrix: csr_matrix) -> csr_matrix:
    """Return 1 where the matrix is above zero, nothing elsewhere."""
    ones = positive(matrix)
    ones.data[:] = 1
    return ones


def positive_columns(matrix: csr_matrix) -> Ints:
    """Return the columns with anything above zero, ascending."""
    return np.unique(matrix.indices[matrix.data > 0]).astype(np.int32)


def row_norms(matrix: csr_matrix) -> Doubles:
    """Return the Euclidean length of each row."""
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    return np.sqrt(summed(rows, matrix.data.astype(np.float64) ** 2, matrix.shape[0]))


def scaled_rows(matrix: csr_matrix, factors: Doubles) -> csr_matrix:
    """Return the matrix with row r multiplied by `factors[r]`, as float32."""
    data = matrix.data * np.repeat(factors, np.diff(matrix.indptr))
    return csr_matrix((data.astype(np.float32), matrix.indices, matrix.indptr), shape=matrix.shape)


class Entries(NamedTuple):
    """What is stored in some rows of a matrix, row after row.  scipy's `matrix[rows]` takes far longer."""

    row: Rows  # the place in the rows asked for, per entry
    column: Ints
    data: Floats


def entries(matrix: csr_matrix, rows: Ints) -> Entries:
    """Return the entries of some rows."""
    at, row = ranges(matrix.indptr[rows], matrix.indptr[rows + 1])
    return Entries(row, matrix.indices[at], matrix.data[at])


def ranges(starts: NDArray[np.integer], ends: NDArray[np.integer]) -> tuple[Rows, Rows]:
    """Return the numbers from each start to before its end, one range after another, and of which range."""
    lengths = ends - starts
    place = np.repeat(np.arange(len(lengths)), lengths)
    return np.arange(len(place)) + (starts - np.cumsum(lengths) + lengths)[place], place


def combined(matrix: csr_matrix, rows: Ints, weights: NDArray[np.floating]) -> Doubles:
    """Return the weighted sum of some rows as a dense vector."""
    chosen = entries(matrix, rows)
    return summed(chosen.column, weights.astype(np.float64)[chosen.row] * chosen.data, matrix.shape[1])


def summed(places: NDArray[np.integer], values: NDArray[np.floating], n: int) -> Doubles:
    """Return the sum of the values at each of `n` places."""
    # Of no values at all numpy counts in whole numbers.
    return np.bincount(places, weights=values, minlength=n).astype(np.float64, copy=False)


def column(matrix: csr_matrix, rows: Ints, at: int) -> Doubles:
    """Return `matrix[rows, at]` as a dense vector."""
    chosen = entries(matrix, rows)
    found = chosen.column == at
    values = np.zeros(len(rows))
    values[chosen.row[found]] = chosen.data[found]
    return values


# Dense vectors


def inverse(lengths: Doubles) -> Doubles:
    """Return 1 / length, and 0 for the length 0: nothing is scaled to nothing, never divided by it."""
    return np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)


def top(values: Doubles, k: int) -> Ints:
    """Return the places of the `k` largest values, best first; of equal ones the earlier first."""
    chosen = np.arange(len(values))
    if k < len(values):
        least = np.partition(values, len(values) - k)[len(values) - k] if k else np.inf
        above = np.flatnonzero(values > least)
        chosen = np.concatenate([above, np.flatnonzero(values == least)[: k - len(above)]])
    return chosen[np.lexsort((chosen, -values[chosen]))].astype(np.int32)


def located(known: Ints, items: Ints, n: int) -> tuple[Ints, Mask]:
    """Return where `items` stand in the ascending `known`, for those that do, and a mask of those that do.

    Raises IndexError where one of `items` is not among the `n` that there are.
    """
    if np.max(items, initial=-1) >= n:
        raise IndexError(f"There are {n} items, and so no column {np.max(items)}.")
    if not len(known):
        return np.empty(0, dtype=np.int32), np.zeros(len(items), dtype=np.bool_)
    rows = np.minimum(np.searchsorted(known, items), len(known) - 1)
    found = known[rows] == items
    return rows[found].astype(np.int32), found


# Cosine of a weighted sum of vectors


def direction_length(total: Doubles, weights: NDArray[np.floating]) -> float:
    """Return the length of a weighted sum of vectors, and 0 where they cancel each other."""
    length = float(np.sqrt(total @ total))
    return length if length > _CANCELLED * float(np.linalg.norm(weights)) else 0.0


def cosine_drops(
    weights: Doubles, to_item: Doubles, to_sum: Doubles, squares: Doubles, penalty: float
) -> Doubles:
    """Return by how much a cosine falls without each of the vectors that were summed.

    It is (q . v - penalty) / |q|, with q the sum of `weights` times vectors k.  The other arguments are, per
    vector, k . v, k . q and k . k.  Without k, |q - w k|^2 = |q|^2 - 2 w q . k + w^2 k . k.
    A sum that cancels to nothing has no cosine, which counts as 0.
    """
    product = float(weights @ to_item)
    remaining = float(weights @ to_sum) - 2 * weights * to_sum + weights**2 * squares
    lengths = np.sqrt(np.maximum(remaining, 0))
    lengths[lengths <= _CANCELLED * np.linalg.norm(weights)] = 0
    before = (product - penalty) / np.sqrt(weights @ to_sum)
    return before - (product - weights * to_item - penalty) * inverse(lengths)
