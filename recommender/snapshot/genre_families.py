"""Genre families of all items, as bits of one number each: two share a family if they share a bit."""

from typing import NamedTuple, Self, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommender.arrays import Ids, Ints, Rows
from recommender.content.genres import family
from recommender.content.mood_tags import is_feeling

Bits = NDArray[np.int64]

_Number = TypeVar("_Number", np.int8, np.int64)

_COUNTS = 0.1  # a tag says something of an item from this share of the item's strongest tag on


class GenreFamilies(NamedTuple):
    """Bits: one per family (there are some twenty); 0 for an item without a genre."""

    artists: Bits
    tracks: Bits
    leading_artists: NDArray[np.int8]  # the family of the strongest tag that has one, -1 for none
    leading_tracks: NDArray[np.int8]

    @classmethod
    def read(cls, artist_tags: csr_matrix, track_tags: csr_matrix, tags: tuple[str, ...]) -> Self:
        """Read the families of both axes (items x tags)."""
        named = [family(tag) for tag in tags]
        numbers = {name: place for place, name in enumerate(sorted({name for name in named if name}))}
        families = np.array([numbers[name] if name else -1 for name in named], dtype=np.int8)
        moods = np.array([is_feeling(tag) for tag in tags], dtype=bool)
        bits = np.where((families < 0) | moods, 0, np.left_shift(np.int64(1), np.maximum(families, 0)))
        return cls(
            _bits(artist_tags, bits),
            _bits(track_tags, bits),
            _leading(artist_tags, families),
            _leading(track_tags, families),
        )

    def both(self, artists: Ints | Ids, tracks: Ints | Ids) -> Bits:
        """Return the families of each track, or else of its artist (-1)."""
        return _either(self.artists, self.tracks, artists, tracks)

    def leading(self, artists: Ints | Ids, tracks: Ints | Ids) -> NDArray[np.int8]:
        """Return the leading family of each track, or else of its artist (-1)."""
        return _either(self.leading_artists, self.leading_tracks, artists, tracks)


def _either(
    of_artists: NDArray[_Number], of_tracks: NDArray[_Number], artists: Ints | Ids, tracks: Ints | Ids
) -> NDArray[_Number]:
    found, songs = of_artists[artists], tracks >= 0
    found[songs] = of_tracks[tracks[songs]]
    return found


def _bits(item_tags: csr_matrix, bits: Bits) -> Bits:
    """Return the families of each item's tags, of those that count; a mood is no genre."""
    found = np.zeros(item_tags.shape[0], dtype=np.int64)
    tagged, starts, lengths = _rows(item_tags)
    if len(tagged):
        strongest = np.repeat(np.maximum.reduceat(item_tags.data, starts), lengths)
        counted = np.where(item_tags.data >= _COUNTS * strongest, bits[item_tags.indices], 0)
        found[tagged] = np.bitwise_or.reduceat(counted, starts)
    return found


def _leading(item_tags: csr_matrix, families: NDArray[np.int8]) -> NDArray[np.int8]:
    found = np.full(item_tags.shape[0], -1, dtype=np.int8)
    tagged, starts, lengths = _rows(item_tags)
    if len(tagged):
        named = families[item_tags.indices]
        weights = np.where(named >= 0, item_tags.data, -1)
        strongest = np.flatnonzero(weights == np.repeat(np.maximum.reduceat(weights, starts), lengths))
        row = np.repeat(tagged, lengths)[strongest][::-1]  # backwards: of equals the first stays
        found[row] = named[strongest][::-1]
    return found


def _rows(matrix: csr_matrix) -> tuple[Rows, Rows, Rows]:
    """Return the rows that have entries, where they start, and how many they have."""
    lengths = np.diff(matrix.indptr)
    rows = np.flatnonzero(lengths)
    return rows, matrix.indptr[rows].astype(np.intp), lengths[rows].astype(np.intp)
