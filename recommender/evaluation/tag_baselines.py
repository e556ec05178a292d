"""Item cold-start baselines: models that score items by tags alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import svds
from sklearn.linear_model import Ridge

from recommender.arrays import Floats
from recommender.errors import UnsuitedError
from recommender.evaluation.beyond_accuracy import tag_vectors
from recommender.linalg import inverse, one_thread, row_norms, scaled_rows
from recommender.metrics.ranked_lists import ScoreRanker

_FACTORS = 64
_RIDGE = 1.0
_RANK_TOLERANCE = 1e-6


@dataclass(frozen=True, eq=False)
class TagCosine(ScoreRanker):
    """Cosine between an item's tags and those of the user's items, each of which counts once."""

    vectors: csr_matrix  # I x T, rows of length 1
    tuned: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def fit(cls, user_items: csr_matrix, item_tags: csr_matrix | None = None, *, seed: int) -> Self:
        """Weight the tags; raise UnsuitedError without tags."""
        del user_items, seed
        return cls(tag_vectors(_existing(item_tags)))

    def scores(self, known: csr_matrix) -> Floats:
        """Return the sums of cosines."""
        tastes = csr_matrix(_ones(known) @ self.vectors)
        tastes = scaled_rows(tastes, inverse(row_norms(tastes)))
        return np.asarray((tastes @ self.vectors.T).todense(), dtype=np.float32)


@dataclass(frozen=True, eq=False)
class TagRidge(ScoreRanker):
    """Item factors predicted from tags by ridge regression, trained on items with users.

    Source: Gantner et al., "Learning attribute-to-feature mappings for cold-start recommendations", ICDM
    2010.
    """

    item_factors: Floats  # I x F, all predicted, rows of length 1 or 0
    tuned: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def fit(cls, user_items: csr_matrix, item_tags: csr_matrix | None = None, *, seed: int) -> Self:
        """Factorise the listening (truncated SVD of log weights), then regress the factors on the tags.

        Raises UnsuitedError without tags.
        """
        n = min(_FACTORS, min(user_items.shape) - 1)
        vectors = tag_vectors(_existing(item_tags))
        described = np.diff(vectors.indptr) > 0
        learnt = described & (np.bincount(user_items.indices, minlength=len(described)) > 0)
        with one_thread():
            factors = _factors(user_items, n, seed)
            model = Ridge(alpha=_RIDGE, solver="sparse_cg", fit_intercept=False)
            model.fit(vectors[learnt], factors[learnt])
            predicted = np.asarray(model.predict(vectors), dtype=np.float32)
        lengths = np.linalg.norm(predicted, axis=1, keepdims=True)
        return cls(predicted * inverse(lengths).astype(np.float32), {"factors": n, "ridge": _RIDGE})

    def scores(self, known: csr_matrix) -> Floats:
        """Return the inner products with the sum of the user's items."""
        with one_thread():
            return np.asarray((_ones(known) @ self.item_factors) @ self.item_factors.T, dtype=np.float32)


def _factors(user_items: csr_matrix, n: int, seed: int) -> Floats:
    """Return I x n.

    The right singular vectors, with columns first scaled to the square root of their length.
    """
    item_users = csr_matrix(user_items.T)
    item_users.data = np.log1p(item_users.data)
    scaled = scaled_rows(item_users, np.sqrt(inverse(row_norms(item_users))))
    left, strength, _ = svds(scaled, k=n, rng=np.random.default_rng(seed))
    real = strength > _RANK_TOLERANCE * strength.max()  # beyond the rank there is only rounding
    return np.asarray((left * strength)[:, real], dtype=np.float32)


def _existing(item_tags: csr_matrix | None) -> csr_matrix:
    if item_tags is None:
        raise UnsuitedError("It needs tags, and the data have none.")
    return item_tags


def _ones(known: csr_matrix) -> csr_matrix:
    return csr_matrix((np.ones_like(known.data), known.indices, known.indptr), shape=known.shape)
