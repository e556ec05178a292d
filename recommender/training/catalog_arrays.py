"""Catalogue arrays: one row or entry per column of an `IdIndex`."""

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
    """Return the rows' `width` numbers as one array per position, NaN for None."""
    dtype = np.dtype([(str(k), "f8") for k in range(width)])
    table = np.fromiter((tuple(np.nan if v is None else v for v in row) for row in rows), dtype=dtype)
    return tuple(table[str(k)] for k in range(width))


def feature_matrix(rows: Iterable[tuple[float | None, ...]], tracks: IdIndex) -> Floats:
    """Return tracks x `FEATURES`, NaN if unknown; tracks x 0 if no feature is known.

    Rows of tracks outside `tracks` are left out.
    """
    width = len(FEATURES)
    table = columns(rows, 1 + width)
    if not len(table[0]):
        return np.zeros((len(tracks), 0), dtype=np.float32)
    features = np.full((len(tracks), width), np.nan, dtype=np.float32)
    at = tracks.columns(table[0].astype(np.int64))
    features[at[at >= 0]] = np.stack(table[1:], axis=1)[at >= 0]
    return features


def tag_matrix(rows: Iterable[tuple[int, int, float]], items: IdIndex, tags: IdIndex) -> csr_matrix:
    """Return items x tags float32 from (item id, tag id, weight), without items outside `items`."""
    item, tag, weight = columns(rows, 3)
    row, column = items.columns(item.astype(np.int64)), tags.columns(tag.astype(np.int64))
    there = row >= 0
    cells = row[there], column[there]
    return coo_matrix((weight[there].astype(np.float32), cells), shape=(len(items), len(tags))).tocsr()


def decades(years: Floats) -> tuple[csr_matrix, tuple[str, ...]]:
    """Return tracks x decades, 1 for a known year, and the decades' names ("1990s")."""
    known = np.flatnonzero(~np.isnan(years))
    starts, decade = np.unique(years[known] // 10 * 10, return_inverse=True)
    ones = np.ones(len(known), dtype=np.float32)
    matrix = coo_matrix((ones, (known, decade)), shape=(len(years), len(starts)))
    return matrix.tocsr(), tuple(f"{int(start)}s" for start in starts)


def incidence(columns: NDArray[np.integer], width: int) -> csr_matrix:
    """Return the 0/1 matrix with ones at (row, columns[row])."""
    ones = np.ones(len(columns), dtype=np.float32)
    return csr_matrix((ones, columns, np.arange(len(columns) + 1)), shape=(len(columns), width))


def scaled(matrix: csr_matrix) -> csr_matrix:
    """Return `matrix` with each row's maximum scaled to 1."""
    top = matrix.max(axis=1).toarray().ravel() if matrix.shape[1] else np.zeros(matrix.shape[0])
    scale = np.divide(1.0, top, out=np.zeros_like(top), where=top > 0)
    return csr_matrix(matrix.multiply(scale[:, None]).astype(np.float32))


def tempo(features: Floats) -> Floats:
    """Return each track's perceived tempo, NaN if unknown; sources use 0 for unknown."""
    if not features.shape[1]:
        return np.full(len(features), np.nan, dtype=np.float32)
    beats = features[:, FEATURES.index("tempo")]
    return np.where(beats > 0, beats, np.float32(np.nan))


def songs(features: Floats, facts: tuple[Floats, ...], track_tags: csr_matrix, tags: list[str]) -> Songs:
    """Return the tracks' audio content; `facts` are year, popularity and length in ms.

    A track's genre families follow its tags: each tag adds log(1 + weight).
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
    """Return the features as z-scores, in rows of length 1; 0 if unknown.

    A constant or unknown feature is 0 throughout.
    """
    seen = ~np.isnan(features)
    count = np.maximum(seen.sum(axis=0), 1)
    values = np.where(seen, features, 0).astype(np.float64)
    values = np.where(seen, values - values.sum(axis=0) / count, 0)
    deviation: Doubles = np.sqrt((values**2).sum(axis=0) / count)
    # Differences within rounding count as constant.
    deviation[deviation <= 1e-6 * np.abs(np.where(seen, features, 0)).max(axis=0, initial=0)] = 0
    values *= inverse(deviation)
    return (values * inverse(np.linalg.norm(values, axis=1))[:, None]).astype(np.float32)


def rarity(item_tags: csr_matrix) -> Floats:
    """Return each tag's log(items / items with the tag): low for "rock", high for "trip hop"."""
    carriers = np.bincount(item_tags.indices, minlength=item_tags.shape[1])
    return np.log(item_tags.shape[0] / np.maximum(carriers, 1)).astype(np.float32)
