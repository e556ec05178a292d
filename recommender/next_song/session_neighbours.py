"""Session neighbours (V-SKNN): sessions with the same items, the latest items counting most.

Source: Ludewig and Jannach, "Evaluation of session-based recommendation algorithms", User Modeling and
User-Adapted Interaction 28 (2018), there the vector multiplication session-based kNN.  An item weighs one by
how many steps ago it was played; a neighbour's items weigh as much as the latest item that both share.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.sparse import csr_matrix

from recommender.arrays import Doubles, Ints
from recommender.linalg import entries, inverse, ranges, summed
from recommender.next_song.sequences import Sequences
from recommender.scorers import Opinion, no_opinion

REMEMBERED = 20
"""Latest different items of a session that its neighbours are looked for by."""

_NEIGHBOURS = 100
_RECENT = 1_000  # sessions that share an item, the newest, among which the neighbours are


@dataclass(frozen=True, eq=False)
class SessionNeighbours:
    """An inverted index of S sessions and I items of one axis."""

    by_session: csr_matrix  # S x I float32, 1 where the session has the item
    by_item: csr_matrix  # I x S float32, the sessions of each row ascending: the oldest first

    @classmethod
    def fit(cls, sequences: Sequences, items: Ints, n_items: int) -> Self:
        """Index the sessions; `items` has the column of each play on this axis, -1 for none."""
        known = items >= 0
        places = sequences.session[known], items[known]
        ones = np.ones(len(places[0]), dtype=np.float32)
        both = csr_matrix((ones, places), shape=(len(sequences), n_items))
        both.sum_duplicates()
        both.data[:] = 1
        return cls(both, both.T.tocsr())

    def opinion(self, recent: Ints) -> Opinion:
        """Return the score of each item of the sessions most like one whose items are `recent`, oldest first.

        Nothing is said where no session has any of them.
        """
        n_items = self.by_session.shape[1]
        items, steps = latest(recent)
        starts, ends = self.by_item.indptr[items].astype(np.int64), self.by_item.indptr[items + 1]
        at, row = ranges(np.maximum(starts, ends - _RECENT), ends)
        sessions = self.by_item.indices[at]
        if not len(sessions):
            return no_opinion(n_items)
        chosen, likeness = self._nearest(sessions, 1 / steps[row])
        shared = np.full(self.by_session.shape[0], np.inf)
        np.minimum.at(shared, sessions, steps[row])
        found = entries(self.by_session, chosen)
        scores = summed(found.column, (likeness / shared[chosen])[found.row], n_items)
        named = np.flatnonzero(scores)
        return Opinion(n_items, named.astype(np.int32), scores[named].astype(np.float32))

    def _nearest(self, sessions: Ints, weights: Doubles) -> tuple[Ints, Doubles]:
        """Return the most similar of the newest sessions, and their similarity; of equals the newest."""
        sums = summed(sessions, weights, self.by_session.shape[0])
        touched = np.flatnonzero(sums)[-_RECENT:]
        lengths = np.diff(self.by_session.indptr)[touched].astype(np.float64)
        likeness = np.asarray(sums[touched] * inverse(np.sqrt(lengths)), dtype=np.float64)
        order = np.lexsort((-touched, -likeness))[:_NEIGHBOURS]
        return touched[order].astype(np.int32), likeness[order]


def latest(recent: Ints, most: int = REMEMBERED) -> tuple[Ints, Doubles]:
    """Return the last different items, the latest first, and how many steps ago each was, from 1."""
    known = recent[recent >= 0][::-1]
    items, first = np.unique(known, return_index=True)
    order = np.argsort(first)[:most]
    return items[order].astype(np.int32), first[order].astype(np.float64) + 1
