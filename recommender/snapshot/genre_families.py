"""Genre families of all items, as bits of one number each: two share a family if they share a bit."""

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommender.arrays import Ints
from recommender.content.genres import family
from recommender.content.mood_tags import is_feeling

Bits = NDArray[np.int64]

_COUNTS = 0.1  # a tag says something of an item from this share of the item's strongest tag on


class GenreFamilies(NamedTuple):
    """A bit per family (there are some twenty); 0 for an item without a genre."""

    artists: Bits
    tracks: Bits

    @classmethod
    def read(cls, artist_tags: csr_matrix, track_tags: csr_matrix, tags: tuple[str, ...]) -> Self:
        """Read the families of both axes (items x tags); a mood is no genre."""
        named = [None if is_feeling(tag) else family(tag) for tag in tags]
        numbers = {name: place for place, name in enumerate(sorted({name for name in named if name}))}
        bits = np.array([1 << numbers[name] if name else 0 for name in named], dtype=np.int64)
        return cls(_bits(artist_tags, bits), _bits(track_tags, bits))

    def of_one(self, artist: int, track: int) -> int:
        """Return the families of a track, or else of its artist (track -1)."""
        return int(self.tracks[track] if track >= 0 else self.artists[artist])

    def both(self, artists: Ints, tracks: Ints) -> Bits:
        """Return the families of each track, or else of its artist (-1)."""
        found, songs = self.artists[artists], tracks >= 0
        found[songs] = self.tracks[tracks[songs]]
        return found


def _bits(item_tags: csr_matrix, bits: Bits) -> Bits:
    found = np.zeros(item_tags.shape[0], dtype=np.int64)
    tagged = np.flatnonzero(np.diff(item_tags.indptr))
    if not len(tagged):
        return found
    starts = item_tags.indptr[tagged]
    strongest = np.maximum.reduceat(item_tags.data, starts)
    each = np.repeat(strongest, np.diff(item_tags.indptr)[tagged])
    counted = np.where(item_tags.data >= _COUNTS * each, bits[item_tags.indices], 0)
    found[tagged] = np.bitwise_or.reduceat(counted, starts)
    return found
