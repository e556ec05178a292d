"""Content of so many songs that those nearest by sound are found by an index.

Only the sound: a few dense numbers per song.  Tags are sparse, and to look at all of them is faster than any
index that finds as much: `tests/benchmarks/near_songs.py` measures both.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Self

import numpy as np

from recommender.arrays import Doubles, Floats, Ints, Mask
from recommender.linalg import direction_length
from recommender.linalg.ann import RECALL, Index, directions
from recommender.scorers import Opinion, Profile
from recommender.scorers.content import Content
from recommender.scorers.opinions import no_opinion

INDEXED_FROM = 200_000
"""Fewer songs with a sound are looked at one by one, which is then the faster way."""

_WIDER = 2  # times as many are looked for where some sink again, because they are like what is disliked

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False, kw_only=True)
class Indexed(Content):
    """Content with an index of its sounds."""

    heard: Ints  # K items with a sound, ascending: row r of the index is item heard[r]
    index: Index | None  # None: its file is damaged, and all are looked at until the next training

    @classmethod
    def of(cls, content: Content, *, seed: int) -> Self:
        """Return the same content with an index; the same content and `seed` give the same index."""
        heard = np.flatnonzero(content.sound.known).astype(np.int32)
        index = Index.build(directions(content.sound.features[heard]), seed=seed)
        return cls(**_fields(content), heard=heard, index=index)

    @property
    def recall(self) -> float:
        """Which share of the true ten nearest the index finds, 0 to 1; 0 without one."""
        return 0.0 if self.index is None else self.index.about.recall

    @cached_property
    def sound(self) -> Content:
        """The same by audio features alone, by the index."""
        return NearestSound(**_fields(super().sound), heard=self.heard, index=self.index)


class NearestSound(Indexed):
    """Audio features alone."""

    def shortlist(self, profile: Profile, allowed: Mask, k: int) -> Opinion:
        """Return the opinion on the best `k` among `allowed`; on everything where that is faster."""
        wanted = self._sum(profile.liked)
        length = direction_length(wanted, profile.liked.weights)
        if not length:
            return no_opinion(len(self.known))
        unwanted = -self._sum(profile.disliked)
        towards, n = wanted, k
        if unwanted.any():
            towards, n = away(wanted, unwanted), _WIDER * k
        items = None
        if self.index is not None and direction_length(towards, profile.liked.weights):
            items = self.index.nearest(towards, n, allowed, self.heard)
        if items is None:
            return self.opinion(profile)
        items = np.sort(items)
        scores = self._cosines(items, wanted / length)
        scores -= np.maximum(self._cosines(items, unwanted / length), 0)
        return Opinion(len(self.known), items, scores)

    def _cosines(self, items: Ints, direction: Doubles) -> Floats:
        return np.asarray(self.features[items] @ direction.astype(np.float32))


def _fields(content: Content) -> dict[str, Any]:
    return {field.name: getattr(content, field.name) for field in fields(Content)}


def away(wanted: Doubles, unwanted: Doubles) -> Doubles:
    """Return the direction in which wanted . x - max(unwanted . x, 0) is largest.

    It is the smaller of wanted . x and (wanted - unwanted) . x.  What is largest where the smaller of the two
    is largest lies along the shortest vector between both (von Neumann's minimax theorem): `wanted` without
    its share along `unwanted`.
    """
    share = float(wanted @ unwanted) / float(unwanted @ unwanted)
    return np.asarray(wanted - min(max(share, 0.0), 1.0) * unwanted)


def indexed(content: Content, *, seed: int, tell: Callable[[str], None]) -> Content:
    """Return the content with an index where it has so many sounds that this pays; tell how much it finds."""
    sounds = int(np.count_nonzero(content.sound.known))
    if sounds < INDEXED_FROM:
        return content
    tell(f"index of {sounds:,} sounds")
    found = Indexed.of(content, seed=seed)
    said = f"index of {sounds:,} sounds: recall@10 {found.recall:.3f}"
    tell(said)
    if found.recall < RECALL:
        log.warning("%s, which is too little: all songs are looked at", said)
        return content
    log.info(said)
    return found
