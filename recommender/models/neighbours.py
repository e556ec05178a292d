"""Item neighbourhood models: similarities as sums over users.

Sources: Deshpande and Karypis, "Item-based top-N recommendation algorithms", TOIS 2004 (cosine); Robertson
and Walker, "Some simple effective approximations to the 2-Poisson model", SIGIR 1994 (BM25); Paudel,
Christoffel, Newell and Bernstein, "Updatable, accurate, diverse, and scalable recommendations for interactive
applications", TiiS 2016 (RP3beta). `implicit` computes the sums and keeps each item's largest.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal, Self

import numpy as np
from scipy.sparse import csr_matrix

from recommender.arrays import Doubles, Floats
from recommender.linalg import inverse, scaled_rows
from recommender.models.base import Model, listeners
from recommender.models.tags import scaled_columns
from recommender.models.tuning import Grid, Settings
from recommender.models.weights import KINDS, Kind, Weighting


@dataclass(frozen=True, eq=False)
class ItemKNN(Model):
    """Item-based nearest neighbours.

    The similarity of a known item i to another j is G_ij / (s_i^(1-share) s_j^share) with G = A'A and s =
    diag(G) + shrink; `share` 0.5 is the cosine, a larger one lowers popular items. `bm25`: A is first
    weighted like documents in text search, by implicit.
    """

    name: ClassVar[str] = "item-knn"
    grid: ClassVar[Grid] = {
        "weights": ("plain", "bm25"),
        "share": (0.2, 0.35, 0.5, 0.65, 0.8),
        "shrink": (0.3, 1.0, 3.0, 10.0, 30.0),
        "k": (20, 50, 100, 200),
    }
    start: ClassVar[Settings] = {"weights": "plain", "share": 0.5, "shrink": 3.0, "k": 200}
    most_exams: ClassVar[int] = 2

    similarity: csr_matrix  # I x I

    @classmethod
    def train(  # noqa: PLR0913  (the settings of the papers)
        cls,
        user_items: csr_matrix,
        item_tags: csr_matrix | None = None,
        *,
        seed: int = 0,
        kind: Kind = "relative",
        power: float = 1.0,
        weights: Literal["plain", "bm25"] = "plain",
        share: float = 0.5,
        shrink: float = 3.0,
        k: int = 200,
    ) -> Self:
        """Compute the similarities; deterministic. `shrink`: in users. `k`: neighbours per known item."""
        del item_tags, seed
        weighting, rows = Weighting.learned(user_items, kind, power)
        popularity = listeners(rows)
        if weights == "bm25" and rows.nnz:
            from implicit.nearest_neighbours import bm25_weight  # noqa: PLC0415 - for training alone

            rows = csr_matrix(bm25_weight(csr_matrix(rows.T), K1=1.2, B=0.75).T)
        squares = np.bincount(rows.indices, rows.data.astype(np.float64) ** 2, rows.shape[1])
        mean_square = squares.sum() / rows.nnz if rows.nnz else 1.0
        size = squares.astype(np.float64) + shrink * mean_square
        return cls(popularity, weighting, _nearest(rows, size ** -(1 - share), size**-share, k))

    def weighted_scores(self, known: csr_matrix) -> Floats:
        """Return the known weights times the similarities."""
        return np.asarray((known @ self.similarity).todense(), dtype=np.float32)


@dataclass(frozen=True, eq=False)
class RP3Beta(Model):
    """Three-step random walk from a user: to an item, to another user of it, to one of that user's items.

    Each step follows a weight w with probability (w / row sum)^alpha; the end probability is divided by
    the item's popularity to the power of `beta`.
    """

    name: ClassVar[str] = "rp3beta"
    grid: ClassVar[Grid] = {
        "beta": (0.0, 0.1, 0.2, 0.3, 0.45, 0.6),
        "alpha": (0.6, 0.8, 1.0, 1.25),
        "k": (50, 100, 200),
    }
    start: ClassVar[Settings] = {"beta": 0.2, "alpha": 1.0, "k": 200}
    weighing: ClassVar[Grid] = {"kind": KINDS}  # alpha already is a power
    most_exams: ClassVar[int] = 2

    similarity: csr_matrix  # I x I

    @classmethod
    def train(
        cls,
        user_items: csr_matrix,
        item_tags: csr_matrix | None = None,
        *,
        seed: int = 0,
        kind: Kind = "relative",
        power: float = 1.0,
        alpha: float = 1.0,
        beta: float = 0.2,
        k: int = 200,
    ) -> Self:
        """Compute the probabilities; deterministic. `k`: items kept per known item."""
        del item_tags, seed
        weighting, rows = Weighting.learned(user_items, kind, power)
        popularity = listeners(rows)
        # item -> user: (w / c_i)^alpha; user -> item: (w / r_u)^alpha.  With B = w^alpha / r^(alpha/2) the
        # product is c_i^-alpha (B'B)_ij.
        doubles = rows.astype(np.float64)
        by_person = inverse(np.asarray(doubles.sum(axis=1), dtype=np.float64).ravel())
        by_item = inverse(np.asarray(doubles.sum(axis=0), dtype=np.float64).ravel())
        doubles.data **= alpha
        walked = scaled_rows(doubles, by_person ** (alpha / 2))
        similarity = _nearest(walked, by_item**alpha, np.maximum(popularity, 1) ** -beta, k)
        return cls(popularity, weighting, similarity)

    def weighted_scores(self, known: csr_matrix) -> Floats:
        """Return the known weights times the probabilities."""
        return np.asarray((known @ self.similarity).todense(), dtype=np.float32)


def _nearest(rows: csr_matrix, of_known: Doubles, of_other: Doubles, k: int) -> csr_matrix:
    """Return of_known_i (A'A)_ij of_other_j, the `k` largest cosines per i, without i itself."""
    n_items = rows.shape[1]
    if not rows.nnz:
        return csr_matrix(([], ([], [])), shape=(n_items, n_items), dtype=np.float32)
    lengths = np.sqrt(np.bincount(rows.indices, rows.data.astype(np.float64) ** 2, n_items))
    # implicit requires doubles, and counts the item among its own neighbours.
    cosines = scaled_columns(rows.astype(np.float64), inverse(lengths))
    from implicit.nearest_neighbours import ItemItemRecommender  # noqa: PLC0415 - for training alone

    model = ItemItemRecommender(K=k + 1, num_threads=1)
    model.fit(cosines, show_progress=False)
    similarity = csr_matrix(model.similarity)
    similarity.setdiag(0)
    similarity.eliminate_zeros()
    known = np.repeat(np.arange(n_items), np.diff(similarity.indptr))
    similarity.data *= (of_known * lengths)[known] * (of_other * lengths)[similarity.indices]
    return similarity.astype(np.float32)
