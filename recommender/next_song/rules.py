"""Sequential rules: what is played after an item, a few steps later counting less.

Source: Ludewig and Jannach, "Evaluation of session-based recommendation algorithms", User Modeling and
User-Adapted Interaction 28 (2018): a rule weighs one by its steps.  With a reach of one step they are
transitions, a Markov chain of first order.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.sparse import csr_matrix

from recommender.arrays import Ints
from recommender.linalg import entries, inverse, scaled_rows, summed
from recommender.next_song.sequences import Sequences
from recommender.scorers import Opinion, no_opinion

REACH = 10
"""Steps after which nothing is said to follow."""

_KEPT = 200  # items that one row holds, at most


@dataclass(frozen=True, eq=False)
class Rules:
    """How readily the column's item follows the row's."""

    rules: csr_matrix  # I x I float32 shares; a row sums to less than 1, the less was seen the lower

    @classmethod
    def fit(cls, sequences: Sequences, items: Ints, n_items: int, *, reach: int = REACH) -> Self:
        """Count what follows within `reach` steps; `items` has the column of each play, -1 for none."""
        session = sequences.session
        total = csr_matrix((n_items, n_items), dtype=np.float64)
        for step in range(1, min(reach, len(items) - 1) + 1):
            before, after = items[:-step], items[step:]
            kept = (session[:-step] == session[step:]) & (before >= 0) & (after >= 0)
            weights = np.full(int(kept.sum()), 1 / step)
            total = total + csr_matrix((weights, (before[kept], after[kept])), shape=total.shape)
        seen = np.asarray(total.sum(axis=1)).ravel()
        # One play more than was seen went elsewhere: a rule seen once is no certainty (Laplace).
        shares = scaled_rows(csr_matrix(total), inverse(np.where(seen > 0, seen + 1, 0.0)))
        return cls(_strongest(shares))

    def opinion(self, recent: Ints) -> Opinion:
        """Return how readily each item follows the last of `recent`, oldest first."""
        known = recent[recent >= 0][-1:].astype(np.int32)
        n_items = self.rules.shape[0]
        if not len(known):
            return no_opinion(n_items)
        found = entries(self.rules, known)
        order = np.argsort(found.column)
        return Opinion(n_items, found.column[order].astype(np.int32), found.data[order].astype(np.float32))


def _strongest(rows: csr_matrix) -> csr_matrix:
    """Return the largest entries of each row; of equals those of smaller columns."""
    rows.sort_indices()
    lengths = np.diff(rows.indptr)
    owner = np.repeat(np.arange(rows.shape[0]), lengths)
    order = np.lexsort((-rows.data, owner))
    place = np.empty(len(order), dtype=np.intp)
    place[order] = np.arange(len(order)) - np.repeat(rows.indptr[:-1], lengths)
    kept = place < _KEPT
    counts = summed(owner[kept], np.ones(int(kept.sum())), rows.shape[0]).astype(np.int64)
    starts = np.concatenate([[0], np.cumsum(counts)])
    return csr_matrix((rows.data[kept], rows.indices[kept], starts), shape=rows.shape)
