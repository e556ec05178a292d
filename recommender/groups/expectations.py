"""What one person expects to enjoy: a probability for every candidate, from that person's own model.

The rest of a session depends on nothing but `Expect`, so that a better model takes its place in one line.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Doubles, Ids, Ints, Mask
from recommender.bandit.posterior import Posteriors
from recommender.pipeline.candidates import candidates_for
from recommender.pipeline.ranking import limited
from recommender.request import Candidates, Request
from recommender.snapshot import Snapshot

_NAMED = 400  # candidates that each person brings into the common pool

# P(enjoys | place in that person's own order, items of theirs that are known): the share of true artists by
# place in the lists of EASE for Last.fm listeners (HetRec 2011) who are not trained on and show so many
# random artists of their fifty.  Of forty shown too few are left to be found: from ten on nothing is added.
_KNOWN = (0, 1, 3, 10)
_PLACES = (0.0, 1.0, 2.5, 5.5, 11.0, 19.5, 32.0, 54.5, 94.5, 159.5, 299.5)
_RATES = (
    (0.339, 0.288, 0.252, 0.221, 0.190, 0.156, 0.123, 0.090, 0.068, 0.044, 0.029),
    (0.405, 0.387, 0.321, 0.256, 0.200, 0.154, 0.122, 0.076, 0.044, 0.028, 0.013),
    (0.539, 0.461, 0.407, 0.344, 0.253, 0.200, 0.139, 0.089, 0.050, 0.027, 0.015),
    (0.656, 0.540, 0.481, 0.414, 0.315, 0.226, 0.151, 0.096, 0.053, 0.028, 0.012),
)


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
    posteriors = Posteriors.of(snapshot, request)
    candidates = limited(candidates_for(snapshot, request, posteriors, rng), _NAMED)
    known = len(request.artists.liked.items)
    return Outlook(
        request, candidates, chance(np.arange(len(candidates.tracks)), known), float(chance(_NAMED, known))
    )


def chance(place: NDArray[np.integer] | int, known: int) -> Doubles:
    """Return the probability to enjoy what stands at a place (from 0), with so many items known."""
    steps = np.log1p(np.array(_KNOWN))
    rates = [np.interp(np.log1p(known), steps, column) for column in zip(*_RATES, strict=True)]
    # Straight lines between logarithms: the rate falls like a power of the place.
    return np.asarray(np.exp(np.interp(np.log1p(place), np.log1p(_PLACES), np.log(rates))))


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
