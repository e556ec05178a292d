"""Words heard in two songs: what both sound like, which is a reason in words."""

import numpy as np

from recommender.arrays import Floats
from recommender.snapshot import Snapshot

LEAST_WORDS = 2
"""Words that two songs share, for their sound alone to be common ground."""

_SURE = 0.2  # probability of a word in both songs
_NAMED = 3


def heard_in_both(snapshot: Snapshot, one: int, other: int) -> tuple[str, ...]:
    """Return at most three words heard in both tracks (columns; -1 for none), the surest first."""
    if min(one, other) < 0 or one == other:
        return ()
    first, second = (_heard(snapshot, track) for track in (one, other))
    both = np.where((first >= _SURE) & (second >= _SURE), first * second, 0)
    strongest = np.argsort(-both, kind="stable")[:_NAMED]
    return tuple(snapshot.words[word] for word in strongest.tolist() if both[word] > 0)


def _heard(snapshot: Snapshot, track: int) -> Floats:
    """Return the probability of each word in a track."""
    words = snapshot.heard_words
    row = slice(words.indptr[track], words.indptr[track + 1])
    heard = np.zeros(len(snapshot.words), dtype=np.float32)
    heard[words.indices[row]] = words.data[row]
    return heard
