"""Heard songs as columns for similarity: their vectors on their main axes, beside the audio features.

With at most `_AXES` songs the axes keep every product; with more, singular value decomposition keeps the
most of them. A song with features and a vector is compared by both alike.
"""

from typing import NamedTuple

import numpy as np

from recommender.arrays import Floats, Ids
from recommender.feedback.matrix import IdIndex
from recommender.linalg import inverse
from storage.heard_songs import DIMENSIONS, HeardSongs
from storage.store import Store

_AXES = 64
_SAMPLE = 20_000  # songs that the axes are taken from


class HeardVectors(NamedTuple):
    """The vectors of H heard songs."""

    columns: Ids  # of the tracks, ascending
    vectors: Floats  # H x 400, of length 1


def read_heard(store: Store, tracks: IdIndex) -> HeardVectors:
    """Return the vectors of all heard songs."""
    rows = list(HeardSongs(store.db).vectors())
    columns = tracks.columns(np.array([track_id for track_id, _ in rows], dtype=np.int64))
    raw = b"".join(vector for _, vector in rows)
    vectors = np.frombuffer(raw, dtype="<f2").astype(np.float32).reshape(len(rows), DIMENSIONS)
    return HeardVectors(columns[columns >= 0], vectors[columns >= 0])


def heard_axes(heard: HeardVectors) -> Floats:
    """Return 400 x at most 64 orthonormal axes; 400 x 0 without songs."""
    if not len(heard.vectors):
        return np.zeros((DIMENSIONS, 0), dtype=np.float32)
    sample = heard.vectors[:: max(1, len(heard.vectors) // _SAMPLE)]
    _, sizes, axes = np.linalg.svd(sample.astype(np.float64), full_matrices=False)
    kept = min(_AXES, int(np.count_nonzero(sizes > 1e-6)))
    return np.ascontiguousarray(axes[:kept].T, dtype=np.float32)


def with_heard(sounds: Floats, heard: HeardVectors, axes: Floats) -> Floats:
    """Return N x S `sounds` (NaN rows if unknown) with the heard vectors as further columns."""
    if not len(heard.vectors):
        return sounds
    plain = np.nan_to_num(sounds)
    known = plain * inverse(np.linalg.norm(plain, axis=1))[:, None]
    placed = np.zeros((len(sounds), axes.shape[1]), dtype=np.float32)
    on_axes = heard.vectors @ axes
    placed[heard.columns] = on_axes * inverse(np.linalg.norm(on_axes, axis=1))[:, None]
    joined = np.hstack([known, placed]).astype(np.float32)
    joined[~joined.any(axis=1)] = np.nan
    return joined
