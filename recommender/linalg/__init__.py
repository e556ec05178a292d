"""Linear algebra shared by several scorers, on sparse and dense vectors.

Sums over one user are in double precision: with tens or hundreds of known items this is free, and the
difference of two scores (an explanation) stays exact.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from threadpoolctl import ThreadpoolController

from recommender.arrays import Doubles, Floats, Ints, Mask, Rows

# Sums shorter than this, relative to their parts, have no direction.
_CANCELLED = 1e-6
_LONG = 64  # entries of a row

AnInteger = TypeVar("AnInteger", bound=np.integer)


@cache
def _libraries() -> ThreadpoolController:
    """Return the thread pools of NumPy and SciPy, cached because the search takes two milliseconds."""
    return ThreadpoolController()


@contextmanager
def one_thread() -> Iterator[None]:
    """Limit BLAS to one thread inside the block: reproducible sums, and faster small products."""
    with _libraries().limit(limits=1, user_api="blas"):
        yield


def stay_on_one_thread() -> None:
    """Limit BLAS to one thread from now on in this process.

    An ask has many small products: threads that wait for each other take twice its processor time.
    """
    _libraries().limit(limits=1, user_api="blas")


# Sparse matrices


def cleaned(matrix: csr_matrix) -> csr_matrix:
    """Return a float32 copy with sorted indices, no duplicates and no stored zeros."""
    copy = csr_matrix(matrix, dtype=np.float32, copy=True)
    copy.sum_duplicates()
    copy.eliminate_zeros()
    return copy


def positive(matrix: csr_matrix) -> csr_matrix:
    """Return a cleaned copy of the positive entries."""
    copy = cleaned(matrix)
    copy.data[copy.data < 0] = 0
    copy.eliminate_zeros()
    return copy


def strength(likes: csr_matrix, listeners: float) -> float:
    """Return the sum of squares that `listeners` users of average weight add to a column."""
    return listeners * float(np.mean(likes.data.astype(np.float64) ** 2)) if likes.nnz else 0.0


def binary(matrix: csr_matrix) -> csr_matrix:
    """Return 1 at positive entries, nothing elsewhere."""
    ones = positive(matrix)
    ones.data[:] = 1
    return ones


def positive_columns(matrix: csr_matrix) -> Ints:
    """Return the columns with a positive entry, ascending."""
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
    """The stored entries of some rows, row after row; much faster than scipy's `matrix[rows]`."""

    row: Rows  # per entry, the index into the requested rows
    column: Ints
    data: Floats


def entries(matrix: csr_matrix, rows: Ints) -> Entries:
    """Return the entries of some rows."""
    starts, ends = matrix.indptr[rows], matrix.indptr[rows + 1]
    lengths = ends - starts
    row = np.repeat(np.arange(len(lengths)), lengths)
    if len(row) > _LONG * len(lengths):  # copied row by row, which looks no entry up by itself
        whole = [slice(*span) for span in zip(starts.tolist(), ends.tolist(), strict=True)]
        columns, data = ([part[span] for span in whole] for part in (matrix.indices, matrix.data))
        return Entries(row, np.concatenate(columns), np.concatenate(data))
    at = np.arange(len(row)) + (starts - np.cumsum(lengths) + lengths)[row]
    return Entries(row, matrix.indices[at], matrix.data[at])


def ranges(starts: NDArray[np.integer], ends: NDArray[np.integer]) -> tuple[Rows, Rows]:
    """Return the integers of all half-open ranges, one after another, and each one's range number."""
    lengths = ends - starts
    place = np.repeat(np.arange(len(lengths)), lengths)
    return np.arange(len(place)) + (starts - np.cumsum(lengths) + lengths)[place], place


def combined(matrix: csr_matrix, rows: Ints, weights: NDArray[np.floating]) -> Doubles:
    """Return the weighted sum of some rows as a dense vector."""
    chosen = entries(matrix, rows)
    return summed(chosen.column, weights.astype(np.float64)[chosen.row] * chosen.data, matrix.shape[1])


def summed(places: NDArray[np.integer], values: NDArray[np.floating], n: int) -> Doubles:
    """Return the sum of the values at each of `n` indices."""
    # numpy returns integers for an empty input.
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
    """Return 1 / length, and 0 for length 0."""
    return np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)


def top(values: Doubles, k: int) -> Ints:
    """Return the indices of the `k` largest values, best first; the earlier index wins ties."""
    chosen = np.arange(len(values))
    if k < len(values):
        least = np.partition(values, len(values) - k)[len(values) - k] if k else np.inf
        above = np.flatnonzero(values > least)
        chosen = np.concatenate([above, np.flatnonzero(values == least)[: k - len(above)]])
    return chosen[np.lexsort((chosen, -values[chosen]))].astype(np.int32)


def distinct(*parts: NDArray[AnInteger]) -> NDArray[AnInteger]:
    """Return all values ascending, each once; of few values several times as fast as `np.unique`."""
    ordered = np.concatenate(parts)
    ordered.sort()
    return ordered[_begins(ordered)]


def first_of_each(values: NDArray[np.integer]) -> Rows:
    """Return the place of the first of each distinct value, by ascending value."""
    order = values.argsort(kind="stable")
    return order[_begins(values[order])]


def _begins(ordered: NDArray[np.integer]) -> Mask:
    """Tell which of some ascending values differ from the one before."""
    begins = np.ones(len(ordered), dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=begins[1:])
    return begins


def contained(items: NDArray[np.integer], ascending: NDArray[np.integer]) -> Mask:
    """Tell which items are among some ascending ones; several times as fast as `np.isin`."""
    if not len(ascending):
        return np.zeros(len(items), dtype=np.bool_)
    at = np.minimum(ascending.searchsorted(items), len(ascending) - 1)
    return np.asarray(ascending[at] == items)


def located(known: Ints, items: Ints, n: int) -> tuple[Ints, Mask]:
    """Return the positions in the ascending `known` of those `items` in it, and a mask of these items.

    Raises IndexError if an item is outside the `n` columns.
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
    """Return the length of a weighted sum of vectors, 0 if they cancel out."""
    length = float(np.sqrt(total @ total))
    return length if length > _CANCELLED * float(np.linalg.norm(weights)) else 0.0


def cosine_drops(
    weights: Doubles, to_item: Doubles, to_sum: Doubles, squares: Doubles, penalty: Doubles
) -> Doubles:
    """Return L x K: the drop of the cosines with K items without each of L summed vectors.

    The cosine with an item v is (q . v - penalty) / |q|, with q the sum of `weights` (L) times vectors k.
    `to_item` (L x K) has k . v, `to_sum` (L) k . q, `squares` (L) k . k, `penalty` one value per item.
    Without k, |q - w k|^2 = |q|^2 - 2 w q . k + w^2 k . k. A sum that cancels out has the cosine 0.
    """
    products = weights @ to_item
    remaining = float(weights @ to_sum) - 2 * weights * to_sum + weights**2 * squares
    lengths = np.sqrt(np.maximum(remaining, 0))
    lengths[lengths <= _CANCELLED * np.linalg.norm(weights)] = 0
    before = (products - penalty) / np.sqrt(weights @ to_sum)
    return np.asarray(before - (products - weights[:, None] * to_item - penalty) * inverse(lengths)[:, None])
