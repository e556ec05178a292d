"""Group profile: one request for several users, the average of theirs, each counting the same.

Averaging is the strategy "additive utilitarian" of Masthoff (2015), Group Recommender Systems, with a veto:
what one of them has blocked, disliked or been shown is kept from all.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

import numpy as np

from recommender.arrays import Floats, Ints
from recommender.request import Request
from recommender.scorers import Profile


def together(requests: Sequence[Request]) -> Request:
    """Return one request for all of them; query, wishes, community and what was shown are the first one's.

    Recency is one user's: of a group's average everything counts alike.
    """
    first = requests[0]
    return replace(
        first,
        artists=_average([request.artists for request in requests]),
        tracks=_average([request.tracks for request in requests]),
        also_known=_union([request.also_known for request in requests]),
        barred_artists=_union([request.barred_artists for request in requests]),
        barred_tracks=_union([request.barred_tracks for request in requests]),
        own_artists=_common([request.own_artists for request in requests]),
        own_tracks=_common([request.own_tracks for request in requests]),
        barred_alone=_union([request.barred_alone for request in requests]),
        artist_recency=None,
        track_recency=None,
        said=tuple(verdicts for request in requests for verdicts in request.said),
    )


def _average(profiles: Sequence[Profile]) -> Profile:
    """Average the weights, each person's scaled to one length: a long history is no louder voice."""
    lengths = [float(np.abs(profile.weights).sum()) for profile in profiles]
    usual = float(np.mean([length for length in lengths if length] or [1.0]))
    items = np.concatenate([profile.items for profile in profiles])
    scaled: list[Floats] = [
        (profile.weights * (usual / length if length else 0.0)).astype(np.float32)
        for profile, length in zip(profiles, lengths, strict=True)
    ]
    columns, place = np.unique(items, return_inverse=True)
    weights = np.zeros(len(columns), dtype=np.float64)
    np.add.at(weights, place, np.concatenate(scaled))
    weights /= len(profiles)
    kept = weights != 0
    return Profile(columns[kept].astype(np.int32), weights[kept].astype(np.float32), profiles[0].community)


def _common(columns: Sequence[Ints]) -> Ints:
    return reduce(np.intersect1d, columns).astype(np.int32)


def _union(columns: Sequence[Ints]) -> Ints:
    return reduce(np.union1d, columns).astype(np.int32)
