"""Expectations: the probability that a user enjoys each candidate, from that user's own model.

Sessions depend only on `Expect`, so that replacing the model is a one-line change.
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

_NAMED = 400  # candidates per user in the common pool

# P(enjoys | rank in the user's own list, number of known items): the precision by rank of EASE's lists for
# Last.fm users (HetRec 2011) outside the training data who show so many random artists of their fifty. With
# forty shown too few are left to find, so from ten on the rates stay the same.
_KNOWN = (0, 1, 3, 10)
_PLACES = (0.0, 1.0, 2.5, 5.5, 11.0, 19.5, 32.0, 54.5, 94.5, 159.5, 299.5)
_RATES = (
    (0.339, 0.288, 0.252, 0.221, 0.190, 0.156, 0.123, 0.090, 0.068, 0.044, 0.029),
    (0.405, 0.387, 0.321, 0.256, 0.200, 0.154, 0.122, 0.076, 0.044, 0.028, 0.013),
    (0.539, 0.461, 0.407, 0.344, 0.253, 0.200, 0.139, 0.089, 0.050, 0.027, 0.015),
    (0.656, 0.540, 0.481, 0.414, 0.315, 0.226, 0.151, 0.096, 0.053, 0.028, 0.012),
)


@dataclass(frozen=True)
class Expectations:
    """One user's expectations."""

    request: Request
    candidates: Candidates  # K, best first
    expected: Doubles  # K probabilities
    otherwise: float  # the probability of any other candidate


Expect = Callable[[Snapshot, Request, np.random.Generator], Expectations]
"""Computes one user's expectations; the only function that depends on the model."""


def by_place(snapshot: Snapshot, request: Request, rng: np.random.Generator) -> Expectations:
    """Return calibrated probabilities from ranks in the product's own list.

    A new user gets the order by popularity and community, at its own lower rates.
    """
    posteriors = Posteriors.of(snapshot, request)
    candidates = limited(candidates_for(snapshot, request, posteriors, rng), _NAMED)
    known = len(request.artists.liked.items)
    return Expectations(
        request, candidates, chance(np.arange(len(candidates.tracks)), known), float(chance(_NAMED, known))
    )


def chance(place: NDArray[np.integer] | int, known: int) -> Doubles:
    """Return the probability to enjoy the item at rank `place` (from 0), given `known` items."""
    steps = np.log1p(np.array(_KNOWN))
    rates = [np.interp(np.log1p(known), steps, column) for column in zip(*_RATES, strict=True)]
    # Linear in the logarithm of the rank: the rate follows a power law.
    return np.asarray(np.exp(np.interp(np.log1p(place), np.log1p(_PLACES), np.log(rates))))


@dataclass(frozen=True)
class Pool:
    """All candidates of the users present, with everybody's expectations."""

    tracks: Ints  # K columns, -1 for an artist without a known track
    artists: Ints  # K columns
    expected: Doubles  # users x K
    keys: Ids  # K, ascending: track and artist as one number

    def some(self, kept: Mask) -> "Pool":
        """Return the pool reduced to the marked candidates."""
        return Pool(self.tracks[kept], self.artists[kept], self.expected[:, kept], self.keys[kept])


def pooled(outlooks: list[Expectations], n_artists: int, extra: Ids) -> Pool:
    """Return the union of all users' candidates and the `extra` keys, with everybody's expectations."""
    named = [_keys(o.candidates.tracks, o.candidates.artists, n_artists) for o in outlooks]
    keys = np.unique(np.concatenate([*named, extra]))
    expected = np.empty((len(outlooks), len(keys)))
    for row, (outlook, own) in enumerate(zip(outlooks, named, strict=True)):
        expected[row] = outlook.otherwise
        expected[row, np.searchsorted(keys, own)] = outlook.expected
    return Pool((keys // n_artists).astype(np.int32), (keys % n_artists).astype(np.int32), expected, keys)


def key_of(track: int, artist: int, n_artists: int) -> int:
    """Return a candidate's key; `track` is -1 for the artist alone."""
    return track * n_artists + artist


def _keys(tracks: Ints, artists: Ints, n_artists: int) -> Ids:
    return np.asarray(tracks.astype(np.int64) * n_artists + artists)
