"""Principal axes of sparse rows."""

from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_matrix

from recommender.arrays import Doubles

_DENSE = 3_000  # up to this many rows or columns decompose the dense product, beyond it use Lanczos ...
_FEW = 1_000, 16  # ... and for fewer axes than this part of so many, which it finds sooner
_NOTHING = 1e-9  # of the largest square; smaller ones are rounding


class Axes(NamedTuple):
    """F axes, strongest first."""

    vectors: Doubles  # I x F, of length 1 and orthogonal
    squares: Doubles  # F, descending: sum of the rows' squares along each axis


def principal_axes(rows: csr_matrix, k: int, *, seed: int, mean: Doubles | None = None) -> Axes:
    """Return at most `k` principal axes of n x I rows, fewer for a lower rank.

    `mean`, length I, is subtracted from each row without making it dense. `seed` starts Lanczos.
    """
    rows = rows.astype(np.float64)
    mean = np.zeros(rows.shape[1]) if mean is None else mean
    k = min(k, *rows.shape)
    if not rows.nnz or not k:
        return Axes(np.zeros((rows.shape[1], 0)), np.zeros(0))
    if min(rows.shape) > min(max(_DENSE, k), max(_FEW[0], _FEW[1] * k)):
        found = _by_lanczos(rows, mean, k, seed)
    else:
        found = _of_rows(rows, mean, k) if rows.shape[0] < rows.shape[1] else _of_columns(rows, mean, k)
    kept = found.squares > _NOTHING * max(found.squares[0], np.finfo(np.float64).tiny)
    return Axes(found.vectors[:, kept], found.squares[kept])


def _of_columns(rows: csr_matrix, mean: Doubles, k: int) -> Axes:
    square = np.asarray((rows.T @ rows).todense()) - rows.shape[0] * np.outer(mean, mean)
    squares, vectors = _largest(square, k)
    return Axes(vectors, squares)


def _of_rows(rows: csr_matrix, mean: Doubles, k: int) -> Axes:
    """Decompose (A - 1m')(A - 1m')', whose eigenvectors U give the other side's as (A - 1m')'U / s."""
    along = rows @ mean
    square = np.asarray((rows @ rows.T).todense()) - along[:, None] - along[None, :] + mean @ mean
    squares, vectors = _largest(square, k)
    lengths = np.sqrt(np.maximum(squares, np.finfo(np.float64).tiny))
    return Axes((rows.T @ vectors - np.outer(mean, vectors.sum(axis=0))) / lengths, squares)


def _largest(square: Doubles, k: int) -> tuple[Doubles, Doubles]:
    from scipy.linalg import eigh  # noqa: PLC0415 - heavy

    n = len(square)
    squares, vectors = eigh(square, subset_by_index=(n - k, n - 1), overwrite_a=True)
    return np.maximum(squares[::-1], 0), np.ascontiguousarray(vectors[:, ::-1])


def _by_lanczos(rows: csr_matrix, mean: Doubles, k: int, seed: int) -> Axes:
    """Decompose the product of the shorter side in steps between which other threads can run.

    `svds` ends in one dense decomposition, which holds the interpreter lock for a third of a second.
    """
    from scipy.sparse.linalg import LinearOperator, eigsh  # noqa: PLC0415 - heavy

    transposed = csr_matrix(rows.T)

    def out(v: Doubles) -> Doubles:
        return np.asarray(rows @ v - mean @ v)

    def back(u: Doubles) -> Doubles:
        return np.asarray(transposed @ u - mean * u.sum())

    wide, n = rows.shape[0] < rows.shape[1], min(rows.shape)
    gram = LinearOperator((n, n), matvec=lambda v: out(back(v)) if wide else back(out(v)), dtype=np.float64)
    squares, basis = eigsh(gram, k=k, v0=np.random.default_rng(seed).random(n))
    squares, basis = np.maximum(squares[::-1], 0), np.ascontiguousarray(basis[:, ::-1])
    if not wide:
        return Axes(basis, squares)
    lengths = np.sqrt(np.maximum(squares, np.finfo(np.float64).tiny))
    return Axes((transposed @ basis - np.outer(mean, basis.sum(axis=0))) / lengths, squares)
