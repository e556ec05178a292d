"""Metrics beyond accuracy: coverage, novelty, diversity and popularity of the lists.

`ranked` is users x K int32, -1 past a list's end; pass the ranks that users look at (ten).
"""

import numpy as np
from scipy.sparse import csr_matrix

from recommender.linalg import inverse, row_norms, scaled_rows
from recommender.metrics import Ranked, Values


def distinct(ranked: Ranked) -> int:
    """Return the number of different items in all lists together."""
    return len(np.unique(ranked[ranked >= 0]))


def coverage(ranked: Ranked, n_items: int) -> float:
    """Return the share of the catalogue that appears in any list.

    Source: Ge, Delgado-Battenfeld and Jannach, "Beyond accuracy", RecSys 2010 (catalogue coverage).
    """
    return distinct(ranked) / n_items


def novelty(ranked: Ranked, listeners: Values, n_users: int) -> Values:
    """Return each list's mean self-information in bits: -log2 of the share of users with the item.

    `listeners`: training users per item; an item without users counts as if it had one. Source: Vargas
    and Castells, "Rank and relevance in novelty and diversity metrics", RecSys 2011.
    """
    return _mean_of_lists(-np.log2(np.maximum(listeners, 1) / n_users), ranked)


def popularity_lift(ranked: Ranked, known: csr_matrix, listeners: Values) -> Values:
    """Return the relative popularity of each list's items, compared with the user's own items.

    0 is the user's own level, 1 is twice that; NaN for users without known items. Source: Abdollahpouri,
    Mansoury, Burke and Mobasher, "The connection between popularity bias, calibration, and fairness in
    recommendation", RecSys 2020.
    """
    counts = np.diff(known.indptr)
    rows = np.repeat(np.arange(known.shape[0]), counts)
    total = np.bincount(rows, weights=listeners[known.indices], minlength=known.shape[0])
    own = np.divide(total, counts, out=np.full(len(counts), np.nan), where=total > 0)
    return np.asarray(_mean_of_lists(listeners, ranked) / own - 1)


def tag_vectors(item_tags: csr_matrix) -> csr_matrix:
    """Return I x T float32 of rows of length 1: tf-idf of the tags.

    tf-idf is ln(1 + count) * ln(I / items with the tag); items without tags have empty rows.
    """
    n_items = item_tags.shape[0]
    carriers = np.bincount(item_tags.indices, minlength=item_tags.shape[1])
    rarity = np.log(n_items / np.maximum(carriers, 1))
    data = (np.log1p(item_tags.data) * rarity[item_tags.indices]).astype(np.float32)
    weighted = csr_matrix((data, item_tags.indices, item_tags.indptr), shape=item_tags.shape)
    return scaled_rows(weighted, inverse(row_norms(weighted)))


def intra_list_diversity(ranked: Ranked, vectors: csr_matrix) -> Values:
    """Return the mean distance (1 - cosine) between the items of each list.

    Items without a vector are left out; NaN if fewer than two remain. `vectors`: I rows of length 1 or 0.
    Source: Ziegler, McNee, Konstan and Lausen, "Improving recommendation lists through topic
    diversification", WWW 2005; the mean over all pairs as in Vargas and Castells, RecSys 2011.
    """
    described = np.append(np.diff(vectors.indptr) > 0, False)[ranked]
    n = described.sum(axis=1).astype(np.float64)
    rows = np.repeat(np.arange(len(ranked)), described.sum(axis=1))
    ones = np.ones(len(rows), dtype=np.float32)
    listed = csr_matrix((ones, (rows, ranked[described])), shape=(len(ranked), vectors.shape[0]))
    # |sum of n unit vectors|^2 = n + twice the sum of the cosines of all pairs.
    similar = row_norms(csr_matrix(listed @ vectors)) ** 2 - n
    cosine = np.divide(similar, n * (n - 1), out=np.full(len(n), np.nan), where=n > 1)
    return np.asarray(1 - cosine)


def _mean_of_lists(of_item: Values, ranked: Ranked) -> Values:
    filled = ranked >= 0
    values = np.append(of_item, 0.0)[ranked]
    n = filled.sum(axis=1)
    return np.asarray(np.divide(values.sum(axis=1), n, out=np.full(len(n), np.nan), where=n > 0))
