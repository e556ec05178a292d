"""Words heard in songs, for the parts of a wish: "slow", "acoustic", "no vocals"."""

from collections.abc import Mapping

import numpy as np

from recommender.arrays import Doubles, Mask
from recommender.linalg import column, entries
from recommender.snapshot import Snapshot
from recommender.types import WishPart
from storage.naming.text import fold

HEARD_FROM = 0.2
"""Probability from which a song has a word that was asked for."""

_SURELY = 0.4  # probability from which it has a word that was asked to be left out
_FULLY = 0.5  # probability that counts as much as a tag that is an item's strongest
_VOICES = ("vocals", "female vocals", "male vocals", "choir", "opera")
_WORDS: Mapping[str, tuple[str, ...]] = {
    "vocal": _VOICES,
    "female": ("female vocals",),
    "male": ("male vocals",),
    "chill": ("chillout", "mellow", "easy listening"),
    "calm": ("mellow", "slow", "ambient"),
    "danceable": ("dance", "party"),
    "dancing": ("dance", "party", "house"),
    "heavy": ("metal",),
    "strings": ("strings", "violin", "cello"),
    "drums": ("drums", "beats"),
}
_OPPOSITES: Mapping[str, tuple[str, ...]] = {
    "instrumental": _VOICES,
    "vocal": ("instrumental",),
    "slow": ("fast",),
    "fast": ("slow",),
    "female": ("male vocals", "instrumental"),
    "male": ("female vocals", "instrumental"),
    "acoustic": ("electronic", "techno", "metal"),
}
"""Words that a song must not surely have."""


def words_for(part: WishPart) -> tuple[str, ...]:
    """Return the words that a part of a wish may be heard by; other values stand for themselves."""
    return _WORDS.get(part.value, (fold(part.value),))


def heard_strength(snapshot: Snapshot, part: WishPart) -> Doubles:
    """Return how surely each track has the part, 0 to 1; 0 where that was not heard."""
    found = _probability(snapshot, words_for(part))
    return np.where(found >= HEARD_FROM, np.minimum(found / _FULLY, 1.0), 0.0)


def heard_surely(snapshot: Snapshot, part: WishPart) -> Mask:
    """Tell for each track whether the part is surely heard in it."""
    return np.asarray(_probability(snapshot, words_for(part)) >= _SURELY)


def heard_otherwise(snapshot: Snapshot, part: WishPart) -> Mask:
    """Tell for each track whether the opposite of the part is surely heard in it."""
    return np.asarray(_probability(snapshot, _OPPOSITES.get(part.value, ())) >= _SURELY)


def heard_for(snapshot: Snapshot, part: WishPart, track: int) -> list[str]:
    """Return the words of a part that are heard in one track."""
    heard = entries(snapshot.heard_words, np.array([track], dtype=np.int32))
    has = {snapshot.words[word] for word in heard.column[heard.data >= HEARD_FROM].tolist()}
    return [word for word in words_for(part) if word in has]


def _probability(snapshot: Snapshot, words: tuple[str, ...]) -> Doubles:
    """Return the probability of the likeliest of the words in each track."""
    rows = np.arange(snapshot.heard_words.shape[0], dtype=np.int32)
    known = [snapshot.words.index(word) for word in words if word in snapshot.words]
    if not snapshot.heard_words.nnz or not known:
        return np.zeros(len(rows))
    return np.asarray(np.maximum.reduce([column(snapshot.heard_words, rows, word) for word in known]))
