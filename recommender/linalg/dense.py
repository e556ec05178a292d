"""Dense linear algebra for the closed-form models."""

import numpy as np

from recommender.arrays import Doubles
from recommender.linalg import one_thread

__all__ = ["inverted", "one_thread"]

_HELD = 600  # matrices up to this size are inverted within milliseconds
_AT_ONCE = 1024  # rows per block


def inverted(matrix: Doubles) -> Doubles:
    """Return the inverse of a symmetric positive definite matrix; may overwrite it.

    It proceeds by halves, with the Schur complement: LAPACK holds the interpreter lock for a whole call,
    products of matrices do not, so chat goes on meanwhile. Raises LinAlgError if the matrix is not
    positive definite.
    """
    n = len(matrix)
    if n <= _HELD:
        return _inverted_at_once(matrix)
    half = n // 2
    corner = matrix[:half, half:].copy()
    first = inverted(matrix[:half, :half].copy())
    across = first @ corner
    second = inverted(matrix[half:, half:] - corner.T @ across)
    off = across @ second
    matrix[:half, :half] = first + off @ across.T
    matrix[:half, half:] = -off
    matrix[half:, :half] = -off.T
    matrix[half:, half:] = second
    return matrix


def _inverted_at_once(matrix: Doubles) -> Doubles:
    """Return the inverse of a symmetric positive definite matrix, at half the cost of a general one.

    A C-contiguous `matrix` is overwritten, so that memory holds a single copy. Raises LinAlgError if it
    is not positive definite.
    """
    from scipy.linalg import lapack  # noqa: PLC0415 - heavy

    if not len(matrix):
        return matrix  # LAPACK refuses empty matrices
    # LAPACK is column-major, so its upper half is the lower half here.
    factor, info = lapack.dpotrf(matrix.T, lower=0, overwrite_a=True)
    if not info:
        inverse, info = lapack.dpotri(factor, lower=0, overwrite_c=True)
    if info:
        raise np.linalg.LinAlgError(f"The matrix is not positive definite (LAPACK says {info}).")
    return _mirrored(np.asarray(inverse.T))


def _mirrored(square: Doubles) -> Doubles:
    """Copy the lower half of `square` to its upper half, in place."""
    for start in range(0, len(square), _AT_ONCE):
        stop = start + _AT_ONCE
        square[start:stop, stop:] = square[stop:, start:stop].T
        block = np.tril(square[start:stop, start:stop])
        square[start:stop, start:stop] = block + np.tril(block, -1).T
    return square
