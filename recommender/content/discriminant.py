"""Discriminant analysis: learns which differences in sound matter, from groups of tracks.

Each value is expanded into soft steps, so that its weight can vary along its range. The axes then minimise
the scatter within groups (an artist's tracks, a user's tracks) relative to the scatter over all tracks. An
axis's weight is its power to separate groups beyond noise; without any it is zero.

Sources: Rao, "The utilization of multiple measurements in problems of biological classification", JRSS B 10,
1948; with steps as in Hastie, Tibshirani and Buja, "Flexible discriminant analysis by optimal scoring", JASA
89, 1994; ridge: Friedman, "Regularized discriminant analysis", JASA 84, 1989.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.sparse import csr_matrix

from recommender.arrays import Doubles, Floats, Ints
from recommender.linalg import one_thread

AXES = 32
_LEAST_PAIRS = 500  # tracks beyond the first of each group; fewer are too few to train on
_RIDGE = 0.1  # of a value's scatter within groups ...
_LEAST_NOISE = 0.05  # ... and of its total scatter, so that a value constant within groups does not dominate
_REACH = 3.0  # steps cover this many deviations around the mean
_BLOCK = 20_000  # rows per block


@dataclass(frozen=True, eq=False)
class Discriminant:
    """Axes that separate groups, over S steps of a track's values."""

    steps: tuple[float, ...]  # per value, step distance in deviations; 0: the value itself, without steps
    middle: Doubles  # S
    axes: Doubles  # S x at most AXES

    @classmethod
    def fit(
        cls, values: Floats, steps: Sequence[float], rows: Ints, groups: Sequence[csr_matrix]
    ) -> Self | None:
        """Fit on some `rows` of N x V values, standard normal each, NaN if unknown.

        `groups`: G x N matrices, above zero for members; each matrix counts the same, those without
        enough data are left out. Returns None if none is left.
        """
        from scipy.linalg import eigh  # noqa: PLC0415 - heavy

        with one_thread():
            x = expanded(values[rows], steps)
            middle = np.nansum(x, axis=0) / np.maximum((~np.isnan(x)).sum(axis=0), 1)
            x = np.nan_to_num(x - middle)
            scatters = [found for g in groups if (found := _scatters(x, csr_matrix(g[:, rows]))) is not None]
            if not scatters:
                return None
            noise, total = np.mean(scatters, axis=0)
            ridge = _RIDGE * noise.diagonal() + _LEAST_NOISE * total.diagonal() + 1e-6
            shares, axes = eigh(total, noise + np.diag(ridge))
        order = np.argsort(-shares)[:AXES]
        between = np.maximum(shares[order] - 1, 0)
        told = np.sqrt(between / (1 + between))
        return cls(tuple(steps), middle, (axes[:, order] * told)[:, told > 0])

    def of(self, values: Floats) -> Floats:
        """Return N x axes float32; an unknown value adds nothing."""
        found = np.empty((len(values), self.axes.shape[1]), dtype=np.float32)
        with one_thread():
            for start in range(0, len(values), _BLOCK):
                x = expanded(values[start : start + _BLOCK], self.steps) - self.middle
                found[start : start + _BLOCK] = np.nan_to_num(x) @ self.axes
        return found


def expanded(values: Floats, steps: Sequence[float]) -> Doubles:
    """Return the values, then soft steps of each: the closeness to points from -3 to 3 deviations."""
    columns = [values.astype(np.float64)]
    for value, step in zip(columns[0].T, steps, strict=True):
        if step:
            points = np.arange(-_REACH, _REACH + step / 2, step)
            columns.append(np.exp(-0.5 * ((value[:, None] - points) / step) ** 2))
    return np.hstack(columns)


def _scatters(x: Doubles, groups: csr_matrix) -> tuple[Doubles, Doubles] | None:
    """Return the mean square scatter within groups, and over all of these tracks.

    Only tracks that share a group count: a single track, or one without users, may be of another kind.
    None if there are too few.
    """
    member = csr_matrix(groups > 0, dtype=np.float64)
    member = member[np.diff(member.indptr) > 1]
    sizes = np.diff(member.indptr)
    pairs = int((sizes - 1).sum())
    if pairs < _LEAST_PAIRS:
        return None
    sums = member @ x
    often = np.bincount(member.indices, minlength=len(x)).astype(np.float64)
    squares = (x * often[:, None]).T @ x
    middle = often @ x / often.sum()
    within = (squares - (sums / sizes[:, None]).T @ sums) / pairs
    return np.asarray(within), np.asarray(squares / often.sum() - np.outer(middle, middle))
