"""Ranked lists from scores, for every model alike."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommender.arrays import Floats, Ints

_SCORES_AT_ONCE = 1 << 24  # 64 MB of float32
_PERSONS_AT_ONCE = 256


class HasScores(Protocol):
    """A trained model with scores."""

    def scores(self, known: csr_matrix) -> Floats:
        """Return users x I float32, higher is better, NaN for no score."""
        ...


def ranked_lists(
    model: HasScores,
    known: csr_matrix,
    k: int,
    *,
    excluded: csr_matrix | None = None,
    among: Ints | None = None,
) -> Ints:
    """Return users x k int32: `top_items` of the model's scores, in blocks of users.

    `known`: each user's items, as the model sees them. `excluded`: items not to list, by default the
    known ones. `among`: the only columns to list, by default all.
    """
    n, n_items = known.shape
    excluded = known if excluded is None else excluded
    step = max(1, min(_PERSONS_AT_ONCE, _SCORES_AT_ONCE // max(n_items, 1)))
    ranked = np.full((n, k), -1, dtype=np.int32)
    for rows in (slice(start, start + step) for start in range(0, n, step)):
        scores = model.scores(known[rows])
        if among is not None:
            some = np.full_like(scores, -np.inf)
            some[:, among] = scores[:, among]
            scores = some
        ranked[rows] = top_items(scores, excluded[rows], k)
    return ranked


def recommended(model: HasScores, known: csr_matrix, n: int) -> tuple[Ints, Floats]:
    """Return items and scores, users x n, best first, without known items; -1 and NaN past a list's end."""
    scores = model.scores(known)
    items = top_items(scores, known, n)
    listed = np.full(items.shape, np.nan, dtype=np.float32)
    rows, places = np.nonzero(items >= 0)
    listed[rows, places] = scores[rows, items[rows, places]]
    return items, listed


def top_items(scores: Floats, excluded: csr_matrix, k: int) -> Ints:
    """Return users x k int32: the items with the highest scores, best first, without `excluded` ones.

    The smaller column wins ties. Items scored NaN or -inf are never listed: a list that ends early is
    filled with -1.
    """
    n, n_items = excluded.shape
    if scores.shape != excluded.shape:
        raise ValueError(f"Scores of shape {scores.shape} are none of people x items {excluded.shape}.")
    kept = np.where(np.isnan(scores), np.float32(-np.inf), scores)
    kept[np.repeat(np.arange(n), np.diff(excluded.indptr)), excluded.indices] = -np.inf
    ranked = np.full((n, k), -1, dtype=np.int32)
    for row in range(n):
        best = _top(kept[row], min(k, n_items))
        ranked[row, : len(best)] = best
    return ranked


def _top(scores: Floats, k: int) -> NDArray[np.int64]:
    if not k:
        return np.empty(0, dtype=np.int64)
    # Partitioning mostly equal values, often 0, takes ten times as long: leave those out.
    pool = np.flatnonzero(scores > 0)
    if len(pool) < k:
        pool = np.arange(len(scores))
    values = scores[pool]
    least = np.partition(values, len(values) - k)[len(values) - k]
    above = np.flatnonzero(values > least)
    level = np.flatnonzero((values == least) & (values > -np.inf))[: k - len(above)]
    chosen = np.concatenate([above, level])
    return np.asarray(pool[chosen[np.lexsort((chosen, -values[chosen]))]])


class ScoreRanker:
    """Mixin that derives `recommend` from `scores`."""

    def recommend(self: HasScores, known: csr_matrix, n: int = 100) -> tuple[Ints, Floats]:
        """Return items and scores, users x n, best first, without known items."""
        return recommended(self, known, n)
