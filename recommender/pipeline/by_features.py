"""Songs near a point in the space of audio features: by Euclidean distance over standardised features.

Only the features that were asked for count. A song that lacks one of them is taken to differ in it by one
standard deviation, as two songs drawn at random do by more.
"""

import numpy as np

from recommender.arrays import Doubles, Floats, Ints, Mask
from recommender.linalg import inverse
from recommender.pipeline.candidates import allowed
from recommender.pipeline.ranking import limited, not_just_shown, one_version_each
from recommender.request import Candidates, Request
from recommender.snapshot import Snapshot
from recommender.types import Explanation, Recommendation
from storage.records import FEATURES

_CONSIDERED = 2_000  # tracks
_UNKNOWN = 1.0  # difference in deviations where a song lacks a feature
_OCTAVE = 12  # pitch classes, of which the last is next to the first


def near_features(snapshot: Snapshot, request: Request, features: Floats) -> list[Recommendation]:
    """Return at most `request.query.n` songs, nearest first, to the point in `request.query.features`.

    `features`: tracks x `FEATURES`, NaN where unknown. A song without any of the features that were asked
    for is never returned.
    """
    songs = allowed(snapshot, request)[0]
    if not features.shape[1]:
        return []
    distances, known = _distances(features, request.query.features)
    found_at = np.flatnonzero(songs & known)
    if len(found_at) > _CONSIDERED:
        found_at = found_at[np.argpartition(distances[found_at], _CONSIDERED)[:_CONSIDERED]]
    items: Ints = found_at[np.argsort(distances[found_at], kind="stable")].astype(np.int32)
    owners = snapshot.track_artists[items]
    unknown = np.full(len(items), np.nan, dtype=np.float32)
    none = np.zeros((len(items), 0), dtype=np.float32)
    likeness = (1 / (1 + distances[items])).astype(np.float32)
    found = Candidates(items, owners, none, (), likeness, unknown, unknown, unknown)
    found = not_just_shown(request, one_version_each(snapshot, found))
    chosen = limited(found, request.query.n)
    subjects = snapshot.subjects(chosen.artists, chosen.tracks)
    return [
        Recommendation(subject, score, Explanation("sound"), 1.0, {"likeness": score})
        for subject, score in zip(subjects, chosen.fused.tolist(), strict=True)
    ]


def _distances(features: Floats, point: tuple[tuple[str, float], ...]) -> tuple[Doubles, Mask]:
    """Return the distance of each track in deviations, and whether it has any feature of the point."""
    squares = np.zeros(len(features))
    known = np.zeros(len(features), dtype=bool)
    for name, value in point:
        column = features[:, FEATURES.index(name)].astype(np.float64)
        has = ~np.isnan(column)
        if not has.any():
            continue
        apart = np.abs(column - value)
        if name == "key":
            apart = np.minimum(apart, _OCTAVE - apart)
        scaled = apart * float(inverse(np.array([column[has].std()]))[0])
        squares += np.where(has, scaled, _UNKNOWN) ** 2
        known |= has
    return np.asarray(np.sqrt(squares), dtype=np.float64), known
