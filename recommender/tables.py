"""Rows of the catalogue as arrays, one row or entry per column of a vocabulary."""

from collections.abc import Iterable

import numpy as np

from recommender.matrix import Vocabulary
from recommender.scorers import Floats
from storage.records import FEATURES


def columns(rows: Iterable[tuple[float | None, ...]], width: int) -> tuple[Floats, ...]:
    """Return rows of `width` numbers as so many arrays, NaN for None."""
    dtype = np.dtype([(str(k), "f8") for k in range(width)])
    table = np.fromiter((tuple(np.nan if v is None else v for v in row) for row in rows), dtype=dtype)
    return tuple(table[str(k)] for k in range(width))


def feature_matrix(rows: Iterable[tuple[float | None, ...]], tracks: Vocabulary) -> Floats:
    """Return tracks x `FEATURES`, NaN where unknown; tracks x 0 if nothing is known at all."""
    width = len(FEATURES)
    table = columns(rows, 1 + width)
    if not len(table[0]):
        return np.zeros((len(tracks), 0), dtype=np.float32)
    features = np.full((len(tracks), width), np.nan, dtype=np.float32)
    features[tracks.columns(table[0].astype(np.int64))] = np.stack(table[1:], axis=1)
    return features


def tempo(features: Floats) -> Floats:
    """Return the tempo of each track as people count it; sources say 0 where they do not know it."""
    if not features.shape[1]:
        return np.full(len(features), np.nan, dtype=np.float32)
    beats = features[:, FEATURES.index("tempo")]
    return np.where(beats > 0, beats, np.float32(np.nan))
