"""Heard songs as columns for similarity: their vectors on their main axes, beside the audio features.

With at most `_AXES` songs the axes keep every product; with more, singular value decomposition keeps the
most of them. A song with features and a vector is compared by both alike.
"""

from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_matrix

from recommender.arrays import Floats, Ids, Ints
from recommender.audio.musicnn import TAGS
from recommender.audio.words import WORDS, word_probabilities
from recommender.feedback.matrix import IdIndex
from recommender.linalg import inverse
from storage.catalogue.heard_songs import DIMENSIONS, HeardSongs
from storage.store import Store

HEARD_FROM = 0.05
"""Least probability of a word, for it to be heard at all."""

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


def read_words(store: Store, tracks: IdIndex) -> csr_matrix:
    """Return tracks x `recommender.audio.words.WORDS`: the probability of each word that is heard."""
    rows = list(HeardSongs(store.db).tags())
    columns = tracks.columns(np.array([track_id for track_id, _ in rows], dtype=np.int64))
    raw = np.frombuffer(b"".join(tags for _, tags in rows), dtype="<f2").astype(np.float32)
    found = word_probabilities(raw.reshape(len(rows), len(TAGS)))
    row, word = np.nonzero((found >= HEARD_FROM) & (columns >= 0)[:, None])
    cells = (found[row, word], (columns[row], word))
    return csr_matrix(cells, shape=(len(tracks), len(WORDS)), dtype=np.float32)


def heard_axes(heard: HeardVectors) -> Floats:
    """Return 400 x at most 64 orthonormal axes; 400 x 0 without songs."""
    if not len(heard.vectors):
        return np.zeros((DIMENSIONS, 0), dtype=np.float32)
    sample = heard.vectors[:: max(1, len(heard.vectors) // _SAMPLE)]
    _, sizes, axes = np.linalg.svd(sample.astype(np.float64), full_matrices=False)
    kept = min(_AXES, int(np.count_nonzero(sizes > 1e-6)))
    return np.ascontiguousarray(axes[:kept].T, dtype=np.float32)


def heard_places(heard: HeardVectors, axes: Floats, n: int) -> Floats:
    """Return N tracks x H: the heard vectors on their axes, less their mean; NaN where unheard."""
    placed = np.full((n, axes.shape[1]), np.nan, dtype=np.float32)
    if len(heard.vectors):
        on_axes = heard.vectors @ axes
        placed[heard.columns] = on_axes - on_axes.mean(axis=0)
    return placed


def heard_of_artists(places: Floats, owners: Ints, n: int) -> Floats:
    """Return N artists x H: the mean of each artist's heard tracks, NaN where none was heard.

    `owners`: the artist's column per track.
    """
    heard = np.flatnonzero(~np.isnan(places).any(axis=1))
    sums = np.zeros((n, places.shape[1]), dtype=np.float32)
    np.add.at(sums, owners[heard], places[heard])
    counts = np.bincount(owners[heard], minlength=n)[:, None]
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan).astype(np.float32)


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
