"""Item factors by singular value decomposition, with popular items damped.

Sources: Cremonesi, Koren and Turrin, "Performance of recommender algorithms on top-N recommendation tasks",
RecSys 2010 (PureSVD); Nikolakopoulos, Kalantzis, Gallopoulos and Garofalakis, "EigenRec", KAIS 2019
(popularity-weighted items).
"""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from scipy.sparse import csr_matrix

from recommender.arrays import Doubles, Floats, Ints
from recommender.linalg.axes import principal_axes
from recommender.linalg.dense import one_thread
from recommender.models.base import Model, listeners, spread
from recommender.models.tuning import Grid, Settings
from recommender.models.weights import Kind, Weighting


@dataclass(frozen=True, eq=False)
class PureSVD(Model):
    """Scores x D V V' E: D divides each item by popularity^(damping / 2), E multiplies by popularity^lift."""

    name: ClassVar[str] = "pure-svd"
    grid: ClassVar[Grid] = {
        "factors": (5, 10, 20, 40, 70, 110, 160, 220, 300),
        "damping": (0.0, 0.2, 0.4, 0.6, 0.8),
        "lift": (0.0, 0.1, 0.2, 0.3, 0.4),
    }
    start: ClassVar[Settings] = {"factors": 40, "damping": 0.4, "lift": 0.2}

    columns: Ints
    projection: Floats  # len(columns) x F: D V
    item_factors: Floats  # len(columns) x F: E V

    @classmethod
    def train(
        cls,
        user_items: csr_matrix,
        item_tags: csr_matrix | None = None,
        *,
        seed: int = 0,
        kind: Kind = "relative",
        power: float = 1.0,
        factors: int = 110,
        damping: float = 0.4,
        lift: float = 0.2,
    ) -> Self:
        """Decompose the matrix; `seed` starts Lanczos, used for large matrices only."""
        del item_tags
        weighting, rows = Weighting.learned(user_items, kind, power)
        popularity = listeners(rows)
        columns = np.flatnonzero(popularity)
        rows = rows[:, columns].astype(np.float64)
        rows.data *= (popularity[columns].astype(np.float64) ** (-damping / 2))[rows.indices]
        with one_thread():
            axes = principal_axes(rows, factors, seed=seed).vectors
        return cls.along(axes, popularity, weighting, damping=damping, lift=lift)

    @classmethod
    def along(
        cls,
        axes: Doubles,
        popularity: Floats,
        weighting: Weighting,
        *,
        damping: float = 0.4,
        lift: float = 0.2,
    ) -> Self:
        """Return the model on K x F `axes` of the damped rows; K items of I have `popularity` above 0."""
        columns = np.flatnonzero(popularity).astype(np.int32)
        common = popularity[columns].astype(np.float64)
        return cls(
            popularity,
            weighting,
            columns,
            (axes * (common ** (-damping / 2))[:, None]).astype(np.float32),
            (axes * common[:, None] ** lift).astype(np.float32),
        )

    def weighted_scores(self, known: csr_matrix) -> Floats:
        """Return the projections onto the axes and back."""
        scores = (known[:, self.columns] @ self.projection) @ self.item_factors.T
        return spread(scores, self.columns, self.n_items, fill=0)
