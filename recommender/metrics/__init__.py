"""Metrics of ranked lists, one value per user, so that means, errors and differences can follow.

`ranked` is everywhere persons x K int32: columns, best first, -1 where the list is shorter;
`held_out` is persons x I with 1 at what was to be found.  Persons with nothing held out get NaN.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

Values = NDArray[np.float64]
Ranked = NDArray[np.int32]


def hits(ranked: Ranked, held_out: csr_matrix) -> NDArray[np.bool_]:
    """Return persons x K: whether the item in each place was held out."""
    n, n_items = held_out.shape
    rows = np.arange(n, dtype=np.int64)[:, None]
    wanted = np.repeat(rows[:, 0], np.diff(held_out.indptr)) * n_items + held_out.indices
    return np.isin(rows * n_items + ranked, wanted) & (ranked >= 0)


def ndcg(found: NDArray[np.bool_], held_out: csr_matrix, k: int) -> Values:
    """Return the binary normalised discounted cumulative gain at `k`.

    DCG = sum over places r = 1..k of hit(r) / log2(r + 1), divided by that of a list with all that can be
    found on top.  Source: Jaervelin and Kekaelaeinen, TOIS 20(4), 2002; binary as in Liang et al., WWW 2018.
    """
    discounts = 1 / np.log2(np.arange(2, k + 2))
    gained = found[:, :k] @ discounts[: found.shape[1]]
    best = np.concatenate([[np.nan], np.cumsum(discounts)])[np.minimum(_counts(held_out), k)]
    return np.asarray(gained / best)


def recall(found: NDArray[np.bool_], held_out: csr_matrix, k: int) -> Values:
    """Return how much of what could be found is among the first `k`: hits / min(k, held out).

    Source: Liang et al., WWW 2018, section 4.2; a list of k can reach 1 however much was held out.
    """
    possible = np.minimum(_counts(held_out), k).astype(np.float64)
    return np.asarray(found[:, :k].sum(axis=1) / np.where(possible > 0, possible, np.nan))


def reciprocal_rank(found: NDArray[np.bool_], held_out: csr_matrix, k: int) -> Values:
    """Return 1 / the place of the first hit, 0 where there is none among the first `k`.

    Source: Voorhees, "The TREC-8 question answering track report", 1999.
    """
    first = found[:, :k].argmax(axis=1)
    values = np.where(found[:, :k].any(axis=1), 1 / (first + 1), 0.0)
    return np.where(_counts(held_out) > 0, values, np.nan)


def _counts(held_out: csr_matrix) -> NDArray[np.int64]:
    return np.diff(held_out.indptr).astype(np.int64)
