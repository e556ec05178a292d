"""Discriminant analysis: which differences in sound matter, learned from songs that belong together.

Each value becomes a row of soft steps, so that a weight may bend along it; then axes are found along which
songs of one group (of an artist, in the ears of a listener) differ little and songs in general differ much.
An axis counts by how far a group can be told by it: no more than noise, and it counts nothing.

Sources: Rao, "The utilization of multiple measurements in problems of biological classification", JRSS B 10,
1948; with steps as in Hastie, Tibshirani and Buja, "Flexible discriminant analysis by optimal scoring", JASA
89, 1994; ridge: Friedman, "Regularized discriminant analysis", JASA 84, 1989.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.linalg import eigh
from scipy.sparse import csr_matrix

from recommender.arrays import Doubles, Floats, Ints
from recommender.linalg import one_thread

AXES = 32
_LEAST_PAIRS = 500  # songs beside the first of each group: fewer teach nothing
_RIDGE = 0.1  # of a value's own scatter within groups ...
_LEAST_NOISE = 0.05  # ... and of its scatter among all: what never differs in a group is not all that counts
_REACH = 3.0  # deviations from the middle that steps cover
_BLOCK = 20_000  # rows at once


@dataclass(frozen=True, eq=False)
class Discriminant:
    """Axes that tell groups apart, in S steps of the values of a song."""

    steps: tuple[float, ...]  # per value, the distance of its steps in deviations; 0: none, the value itself
    middle: Doubles  # S
    axes: Doubles  # S x at most AXES

    @classmethod
    def fit(
        cls, values: Floats, steps: Sequence[float], rows: Ints, groups: Sequence[csr_matrix]
    ) -> Self | None:
        """Learn from some `rows` of N x V values, standard normal each, NaN where unknown.

        `groups`: G x N matrices, above zero where a song belongs; each counts the same, and those that teach
        nothing are left out.  None where nothing is left.
        """
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
        """Return N x axes float32; what is unknown of a song moves it nowhere."""
        found = np.empty((len(values), self.axes.shape[1]), dtype=np.float32)
        with one_thread():
            for start in range(0, len(values), _BLOCK):
                x = expanded(values[start : start + _BLOCK], self.steps) - self.middle
                found[start : start + _BLOCK] = np.nan_to_num(x) @ self.axes
        return found


def expanded(values: Floats, steps: Sequence[float]) -> Doubles:
    """Return the values, then soft steps of each: how near it is to points from -3 to 3 deviations."""
    columns = [values.astype(np.float64)]
    for value, step in zip(columns[0].T, steps, strict=True):
        if step:
            points = np.arange(-_REACH, _REACH + step / 2, step)
            columns.append(np.exp(-0.5 * ((value[:, None] - points) / step) ** 2))
    return np.hstack(columns)


def _scatters(x: Doubles, groups: csr_matrix) -> tuple[Doubles, Doubles] | None:
    """Return the mean square scatter of songs about the middle of their group, and about that of them all.

    Of songs that share their group alone: who has one song, or is heard by nobody, may be of another kind.
    None where they are too few.
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
