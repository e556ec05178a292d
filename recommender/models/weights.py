"""Weights: how much preference a play count stands for.

Play counts are heavy-tailed and users differ in how much they play, so counts enter as logarithms, absolute
or relative to the user's mean. The best choice differs by data set and is searched.
"""

from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
from scipy.sparse import csr_matrix

from recommender.arrays import Doubles
from recommender.linalg import inverse, positive

Kind = Literal["one", "log", "relative"]
KINDS: tuple[Kind, ...] = ("relative", "log", "one")


@dataclass(frozen=True)
class Weighting:
    """Item weights: 1 (`one`), log(1 + plays) (`log`), or that over the user's mean (`relative`)."""

    kind: Kind = "relative"
    power: float = 1.0  # exponent of the above
    scale: float = 1.0  # divides all; makes the root mean square 1 in training

    @classmethod
    def learned(cls, user_items: csr_matrix, kind: Kind, power: float) -> tuple[Self, csr_matrix]:
        """Return the weighting for training data, and the weighted data as float32."""
        weighted = cls(kind, power).of(positive(user_items))
        scale = float(np.sqrt(np.mean(weighted.data.astype(np.float64) ** 2))) if weighted.nnz else 1.0
        weighted.data /= np.float32(scale)
        return cls(kind, power, scale), weighted

    def of(self, user_items: csr_matrix) -> csr_matrix:
        """Return the weights of data with positive entries only."""
        if self.kind == "one":
            weights = np.ones(user_items.nnz)
        else:
            weights = np.log1p(user_items.data.astype(np.float64))
        if self.kind == "relative":
            weights *= np.repeat(inverse(_row_means(user_items, weights)), np.diff(user_items.indptr))
        data = (weights**self.power / self.scale).astype(np.float32)
        return csr_matrix((data, user_items.indices, user_items.indptr), shape=user_items.shape)


def _row_means(matrix: csr_matrix, values: Doubles) -> Doubles:
    counts = np.diff(matrix.indptr)
    rows = np.repeat(np.arange(matrix.shape[0]), counts)
    return np.bincount(rows, values, matrix.shape[0]) / np.maximum(counts, 1)
