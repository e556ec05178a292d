"""What one person expects to enjoy: a probability for every candidate, from that person's own model.

The rest of a session depends on nothing but `Expect`, so that a better model takes its place in one line.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.groups import Doubles, Mask
from recommender.matrix import Ids
from recommender.pipeline import candidates_for, limited
from recommender.request import Candidates, Request
from recommender.scorers import Ints
from recommender.snapshot import Snapshot

_NAMED = 400  # candidates that each person brings into the common pool

# P(enjoys | place r, counted from 0, in that person's own order) = top / (1 + r / half), by how many items of
# theirs are known: measured as hit rates by place among held-out artists of Last.fm listeners.
_KNOWN = (0, 1, 3, 10, 40)
_TOP = (0.20, 0.26, 0.33, 0.42, 0.50)
_HALF = (22.0, 24.0, 26.0, 26.0, 26.0)


@dataclass(frozen=True)
class Outlook:
    """The opinion of one person."""

    request: Request
    candidates: Candidates  # K, best first
    expected: Doubles  # K probabilities
    otherwise: float  # the probability of anything that is not among them


Expect = Callable[[Snapshot, Request, np.random.Generator], Outlook]
"""From a person to what they expect: the one function that has to know models."""


def by_place(snapshot: Snapshot, request: Request, rng: np.random.Generator) -> Outlook:
    """Return calibrated probabilities from the places of the product's own ranking.

    Somebody unknown has the order of popularity and of the place, at its own, lower rates: they count by what
    people here usually like, not as nobody.
    """
    candidates = limited(candidates_for(snapshot, request, rng), _NAMED)
    known = len(request.artists.liked.items)
    return Outlook(
        request, candidates, chance(np.arange(len(candidates.tracks)), known), float(chance(_NAMED, known))
    )


def chance(place: NDArray[np.integer] | int, known: int) -> Doubles:
    """Return the probability to enjoy what stands at a place (from 0), with so many items known."""
    scale, steps = np.log1p(known), np.log1p(np.array(_KNOWN))
    top, half = np.interp(scale, steps, _TOP), np.interp(scale, steps, _HALF)
    return np.asarray(top / (1.0 + np.asarray(place) / half))


@dataclass(frozen=True)
class Pool:
    """What all those present may be played, and what each expects of it."""

    tracks: Ints  # K columns, -1 for an artist of whom no song is known
    artists: Ints  # K columns
    expected: Doubles  # people x K
    keys: Ids  # K, ascending: the pair of track and artist as one number

    def some(self, kept: Mask) -> "Pool":
        """Return the pool with some of its candidates."""
        return Pool(self.tracks[kept], self.artists[kept], self.expected[:, kept], self.keys[kept])


def pooled(outlooks: list[Outlook], n_artists: int, extra: Ids) -> Pool:
    """Return everything that anybody brings, and `extra` keys, with the expectations of all."""
    named = [_keys(o.candidates.tracks, o.candidates.artists, n_artists) for o in outlooks]
    keys = np.unique(np.concatenate([*named, extra]))
    expected = np.empty((len(outlooks), len(keys)))
    for row, (outlook, own) in enumerate(zip(outlooks, named, strict=True)):
        expected[row] = outlook.otherwise
        expected[row, np.searchsorted(keys, own)] = outlook.expected
    return Pool((keys // n_artists).astype(np.int32), (keys % n_artists).astype(np.int32), expected, keys)


def key_of(track: int, artist: int, n_artists: int) -> int:
    """Return the key of a candidate; `track` -1 for the artist herself."""
    return track * n_artists + artist


def _keys(tracks: Ints, artists: Ints, n_artists: int) -> Ids:
    return np.asarray(tracks.astype(np.int64) * n_artists + artists)
