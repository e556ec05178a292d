"""Ranking metrics, one value per user, for means, errors and paired differences.

`ranked` is users x K int32: columns, best first, -1 past a list's end; `held_out` is users x I with 1 at
held-out items. Users without held-out items get NaN.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

Values = NDArray[np.float64]
Ranked = NDArray[np.int32]


def hits(ranked: Ranked, held_out: csr_matrix) -> NDArray[np.bool_]:
    """Return users x K: whether the item at each rank was held out."""
    n, n_items = held_out.shape
    rows = np.arange(n, dtype=np.int64)[:, None]
    wanted = np.repeat(rows[:, 0], np.diff(held_out.indptr)) * n_items + held_out.indices
    return np.isin(rows * n_items + ranked, wanted) & (ranked >= 0)


def ndcg(found: NDArray[np.bool_], held_out: csr_matrix, k: int) -> Values:
    """Return the binary normalised discounted cumulative gain at `k`.

    DCG = sum over ranks r = 1..k of hit(r) / log2(r + 1), divided by that of the ideal list. Source:
    Jaervelin and Kekaelaeinen, TOIS 20(4), 2002; binary as in Liang et al., WWW 2018.
    """
    discounts = 1 / np.log2(np.arange(2, k + 2))
    gained = found[:, :k] @ discounts[: found.shape[1]]
    best = np.concatenate([[np.nan], np.cumsum(discounts)])[np.minimum(_counts(held_out), k)]
    return np.asarray(gained / best)


def recall(found: NDArray[np.bool_], held_out: csr_matrix, k: int) -> Values:
    """Return the recall at `k`: hits / min(k, held out).

    Source: Liang et al., WWW 2018, section 4.2; a list of k can reach 1 however many items were held out.
    """
    possible = np.minimum(_counts(held_out), k).astype(np.float64)
    return np.asarray(found[:, :k].sum(axis=1) / np.where(possible > 0, possible, np.nan))


def reciprocal_rank(found: NDArray[np.bool_], held_out: csr_matrix, k: int) -> Values:
    """Return 1 / rank of the first hit, 0 without a hit among the first `k`.

    Source: Voorhees, "The TREC-8 question answering track report", 1999.
    """
    first = found[:, :k].argmax(axis=1)
    values = np.where(found[:, :k].any(axis=1), 1 / (first + 1), 0.0)
    return np.where(_counts(held_out) > 0, values, np.nan)


def _counts(held_out: csr_matrix) -> NDArray[np.int64]:
    return np.diff(held_out.indptr).astype(np.int64)
