"""Dense matrices: the little that the closed forms need beside NumPy, and how many threads they get."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import numpy as np
from scipy.linalg import lapack
from threadpoolctl import ThreadpoolController

from recommender.linalg import Doubles


@cache
def _libraries() -> ThreadpoolController:
    """Return the libraries of NumPy and SciPy; to look for them takes two milliseconds, so once."""
    return ThreadpoolController()


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep BLAS to one thread inside the block: the same sums everywhere, and small products are faster."""
    with _libraries().limit(limits=1, user_api="blas"):
        yield


def inverted(matrix: Doubles) -> Doubles:
    """Return the inverse of a symmetric positive definite matrix, at half the price of a general one.

    Raises LinAlgError where it is not positive definite.
    """
    if not len(matrix):
        return matrix  # which LAPACK refuses
    factor, info = lapack.dpotrf(matrix, lower=0)
    if not info:
        inverse, info = lapack.dpotri(factor, lower=0)
    if info:
        raise np.linalg.LinAlgError(f"The matrix is not positive definite (LAPACK says {info}).")
    upper = np.triu(inverse)
    return np.asarray(upper + np.triu(upper, 1).T)
