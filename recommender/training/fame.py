"""General knowledge of artists as arrays: related artists, and how many people like each."""

from collections.abc import Iterable

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix

from recommender.arrays import Floats
from recommender.feedback.matrix import IdIndex
from recommender.training.catalog_arrays import columns
from storage.catalogue.related import MOST_FAMOUS

_HOUSEHOLD_NAME = 10.0  # of 100 people, so many like an artist of the highest class ...
_NEXT_CLASS = 1 / 3  # ... and of each class below so much fewer


def related_matrix(rows: Iterable[tuple[int, int, int]], artists: IdIndex) -> csr_matrix:
    """Return artists x artists float32 of (artist id, related artist id, place from 0).

    The weight falls with the place as gains do in lists that are read from the top: 1 / log2(2 + place).
    """
    one, other, place = columns(rows, 3)
    cells = artists.columns(one.astype(np.int64)), artists.columns(other.astype(np.int64))
    weights = 1 / np.log2(2 + place)
    return coo_matrix((weights.astype(np.float32), cells), shape=(len(artists), len(artists))).tocsr()


def expected_likes(rows: Iterable[tuple[int, int]], related: csr_matrix, artists: IdIndex) -> Floats:
    """Return how many of 100 people should like each artist, by (artist id, class of fame); 0 if unknown.

    A class is a wide range: in it, an artist stands where the weight of all who name that artist puts it.
    """
    artist, fame = columns(rows, 2)
    at = artists.columns(artist.astype(np.int64))
    likes = np.zeros(len(artists), dtype=np.float32)
    named = np.asarray(related.sum(axis=0)).ravel()[at]
    for level in range(1, MOST_FAMOUS + 1):
        chosen = np.flatnonzero(fame == level)
        rank = np.empty(len(chosen))
        rank[np.argsort(named[chosen], kind="stable")] = (np.arange(len(chosen)) + 0.5) / max(len(chosen), 1)
        likes[at[chosen]] = _HOUSEHOLD_NAME * _NEXT_CLASS ** (MOST_FAMOUS - level + 0.5 - rank)
    return likes
