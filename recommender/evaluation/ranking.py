"""From scores to ranked lists, the same way for every model."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommender.scorers import Floats


def top_items(scores: Floats, known: csr_matrix, k: int) -> NDArray[np.int32]:
    """Return persons x k int32: the items of highest score, best first, what is known left out.

    Of equal scores the smaller column comes first.  Items scored NaN or -inf are never listed: a list that
    ends early is filled with -1.
    """
    n, n_items = scores.shape
    kept = np.where(np.isnan(scores), np.float32(-np.inf), scores)
    kept[np.repeat(np.arange(n), np.diff(known.indptr)), known.indices] = -np.inf
    ranked = np.full((n, k), -1, dtype=np.int32)
    for row in range(n):
        best = _top(kept[row], min(k, n_items))
        ranked[row, : len(best)] = best
    return ranked


def _top(scores: Floats, k: int) -> NDArray[np.int64]:
    if not k:
        return np.empty(0, dtype=np.int64)
    least = np.partition(scores, len(scores) - k)[len(scores) - k]
    above = np.flatnonzero(scores > least)
    level = np.flatnonzero((scores == least) & (scores > -np.inf))[: k - len(above)]
    chosen = np.concatenate([above, level])
    return chosen[np.lexsort((chosen, -scores[chosen]))]
