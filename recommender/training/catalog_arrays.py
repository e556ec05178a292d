"""Rows of the catalogue as arrays, one row or entry per column of a vocabulary."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix

from recommender.arrays import Doubles, Floats
from recommender.content.audio_vectors import Songs
from recommender.content.genres import family
from recommender.feedback.matrix import IdIndex
from recommender.linalg import inverse
from storage.records import FEATURES


def columns(rows: Iterable[tuple[float | None, ...]], width: int) -> tuple[Floats, ...]:
    """Return rows of `width` numbers as so many arrays, NaN for None."""
    dtype = np.dtype([(str(k), "f8") for k in range(width)])
    table = np.fromiter((tuple(np.nan if v is None else v for v in row) for row in rows), dtype=dtype)
    return tuple(table[str(k)] for k in range(width))


def feature_matrix(rows: Iterable[tuple[float | None, ...]], tracks: IdIndex) -> Floats:
    """Return tracks x `FEATURES`, NaN where unknown; tracks x 0 if nothing is known at all."""
    width = len(FEATURES)
    table = columns(rows, 1 + width)
    if not len(table[0]):
        return np.zeros((len(tracks), 0), dtype=np.float32)
    features = np.full((len(tracks), width), np.nan, dtype=np.float32)
    features[tracks.columns(table[0].astype(np.int64))] = np.stack(table[1:], axis=1)
    return features


def tag_matrix(rows: Iterable[tuple[int, int, float]], items: IdIndex, tags: IdIndex) -> csr_matrix:
    """Return items x tags float32 of (item id, tag id, weight)."""
    item, tag, weight = columns(rows, 3)
    cells = (items.columns(item.astype(np.int64)), tags.columns(tag.astype(np.int64)))
    return coo_matrix((weight.astype(np.float32), cells), shape=(len(items), len(tags))).tocsr()


def decades(years: Floats) -> tuple[csr_matrix, tuple[str, ...]]:
    """Return tracks x decades, one where a track's year is known, and the decades' names: "1990s"."""
    known = np.flatnonzero(~np.isnan(years))
    starts, decade = np.unique(years[known] // 10 * 10, return_inverse=True)
    ones = np.ones(len(known), dtype=np.float32)
    matrix = coo_matrix((ones, (known, decade)), shape=(len(years), len(starts)))
    return matrix.tocsr(), tuple(f"{int(start)}s" for start in starts)


def incidence(columns: NDArray[np.integer], width: int) -> csr_matrix:
    """Return the 0/1 matrix with a one at (row, columns[row])."""
    ones = np.ones(len(columns), dtype=np.float32)
    return csr_matrix((ones, columns, np.arange(len(columns) + 1)), shape=(len(columns), width))


def scaled(matrix: csr_matrix) -> csr_matrix:
    """Return `matrix` with each row's largest value brought to one."""
    top = matrix.max(axis=1).toarray().ravel() if matrix.shape[1] else np.zeros(matrix.shape[0])
    scale = np.divide(1.0, top, out=np.zeros_like(top), where=top > 0)
    return csr_matrix(matrix.multiply(scale[:, None]).astype(np.float32))


def tempo(features: Floats) -> Floats:
    """Return the tempo of each track as people count it; sources say 0 where they do not know it."""
    if not features.shape[1]:
        return np.full(len(features), np.nan, dtype=np.float32)
    beats = features[:, FEATURES.index("tempo")]
    return np.where(beats > 0, beats, np.float32(np.nan))


def songs(features: Floats, facts: tuple[Floats, ...], track_tags: csr_matrix, tags: list[str]) -> Songs:
    """Return what is known of the sound of tracks; `facts` are year, popularity and length in ms.

    A track's families are those of its tags by their weight, each tag of it counting the logarithm.
    """
    families = [family(tag) for tag in tags]
    names = {name: place for place, name in enumerate(sorted({f for f in families if f}))}
    belongs = np.zeros((len(tags), len(names)), dtype=np.float32)
    for tag, found in enumerate(families):
        if found:
            belongs[tag, names[found]] = 1
    told = track_tags[:, : len(tags)].copy()
    told.data = np.log1p(told.data)
    shares = told @ belongs
    total = shares.sum(axis=1, keepdims=True)
    shares = np.where(total > 0, shares / np.where(total > 0, total, 1), np.nan)
    return Songs(features, np.column_stack(facts).astype(np.float32), shares.astype(np.float32))


def standardised(features: Floats) -> Floats:
    """Return the features in standard deviations from their mean, as rows of length 1; 0 where unknown.

    A feature that is always the same, or never known, tells nothing and is 0 throughout.
    """
    seen = ~np.isnan(features)
    count = np.maximum(seen.sum(axis=0), 1)
    values = np.where(seen, features, 0).astype(np.float64)
    values = np.where(seen, values - values.sum(axis=0) / count, 0)
    deviation: Doubles = np.sqrt((values**2).sum(axis=0) / count)
    # What differs by rounding alone is the same.
    deviation[deviation <= 1e-6 * np.abs(np.where(seen, features, 0)).max(axis=0, initial=0)] = 0
    values *= inverse(deviation)
    return (values * inverse(np.linalg.norm(values, axis=1))[:, None]).astype(np.float32)


def rarity(item_tags: csr_matrix) -> Floats:
    """Return log(items / items with the tag) per tag: "rock" says little about a taste, "trip hop" much."""
    carriers = np.bincount(item_tags.indices, minlength=item_tags.shape[1])
    return np.log(item_tags.shape[0] / np.maximum(carriers, 1)).astype(np.float32)
