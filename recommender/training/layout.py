"""Layout: a place on a plane for each artist, so that similar artists are near each other.

Artists are first reduced to a few dimensions (truncated SVD of their tags and listeners), and the best known
of them are laid out: the first two principal components are where they start, and neighbours attract and all
others repel each other for a fixed number of steps (Fruchterman and Reingold, "Graph drawing by
force-directed placement", 1991).  Everybody else goes between their nearest among these.  An earlier layout
is the start of the next, which is turned onto it (Procrustes) and stays close: who looks again finds artists
where they were.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags_array, hstack

from recommender.arrays import Floats, Ints
from recommender.feedback.matrix import IdIndex
from recommender.linalg import top

_DIMENSIONS = 24
_LANDMARKS = 450  # artists that are laid out by their forces
_FEWEST = 12  # artists with something known, for a map
_NEIGHBOURS = 6
_STEPS = 80
_SLICE = 4096  # artists placed at a time
_EDGE = 0.02  # share of the plane left free at each side
_OUTLIERS = 3.0  # percent of the artists, at each side, that are drawn nearer
_GRAVITY = 0.6  # pull to the middle
_DRIFT = 0.3  # share of its way that an artist goes from one training to the next
_STRIDE = 0.08  # longest first step

Points = NDArray[np.float64]


def layout(
    tags: csr_matrix,
    listeners: csr_matrix,
    known: NDArray[np.floating],
    items: IdIndex,
    *,
    seed: int,
    before: tuple[IdIndex, Floats] | None = None,
) -> Floats:
    """Return artists x 2 float32, 0 to 1 on both axes; NaN where nothing is known of an artist.

    `tags`: artists x tags. `listeners`: artists x users. `known`: how well known each artist is, to choose
    those that shape the map. `before`: the columns and places of an earlier layout.
    """
    places = np.full((len(items), 2), np.nan, dtype=np.float32)
    vectors = _reduced(tags, listeners, seed)
    there = np.flatnonzero((vectors**2).sum(axis=1) > 0.5)
    if len(there) < _FEWEST:
        return places
    vectors = vectors[there]
    marks = top(np.asarray(known, dtype=np.float64)[there], _LANDMARKS)
    old = _earlier(items.ids[there[marks]], before)
    shaped = _turned(_shaped(vectors[marks], old), old)
    shaped = np.where(np.isnan(old), shaped, old + _DRIFT * (shaped - old))
    placed = _between(vectors, vectors[marks], shaped, seed)
    places[there] = _framed(placed)
    return places


def _reduced(tags: csr_matrix, listeners: csr_matrix, seed: int) -> Points:
    """Return the artists in a few dimensions, rows of length 1, or 0 where nothing is known."""
    from sklearn.decomposition import TruncatedSVD  # noqa: PLC0415 - for training alone

    both = csr_matrix(hstack([_by_rarity(tags), _by_rarity(listeners)]), dtype=np.float64)
    if min(both.shape) <= 3 or not both.nnz:
        return np.zeros((both.shape[0], 1))
    few = min(_DIMENSIONS, min(both.shape) - 1)
    found = TruncatedSVD(few, random_state=seed).fit_transform(both)
    return _unit(np.asarray(found, dtype=np.float64))


def _by_rarity(matrix: csr_matrix) -> csr_matrix:
    """Return the positive weights times the logarithm of how rare a column is, rows of length 1."""
    kept = csr_matrix(matrix.maximum(0), dtype=np.float64)
    counts = np.bincount(kept.indices, minlength=kept.shape[1])
    rarity = np.log((1 + kept.shape[0]) / (1 + counts))
    weighted = csr_matrix(kept @ diags_array(rarity))
    lengths = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    return csr_matrix(
        diags_array(np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)) @ weighted
    )


def _unit(rows: Points) -> Points:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(
        np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 1e-9), dtype=np.float64
    )


def _earlier(ids: NDArray[np.int64], before: tuple[IdIndex, Floats] | None) -> Points:
    """Return the earlier place of each artist, NaN where there is none."""
    found = np.full((len(ids), 2), np.nan)
    if before is not None and len(before[1]):
        at = before[0].columns(ids)
        found[at >= 0] = before[1][at[at >= 0]]
    return found


def _shaped(vectors: Points, old: Points) -> Points:
    """Return a place for each row: near its neighbours, apart from all others."""
    n = len(vectors)
    near = _neighbours(vectors, vectors, min(_NEIGHBOURS + 1, n - 1))
    pull = np.zeros((n, n))
    np.put_along_axis(pull, near, 1.0, axis=1)
    pull = np.maximum(pull, pull.T)
    np.fill_diagonal(pull, 0.0)
    at, pull = _start(vectors, old).astype(np.float32), pull.astype(np.float32)
    ideal = np.float32(1.0 / np.sqrt(n))
    stride = _STRIDE * (1 - 0.9 * float(np.mean(~np.isnan(old[:, 0]))))  # where all are known, few move far
    for step in range(_STEPS):
        lengths = (at**2).sum(axis=1)
        square = np.maximum(lengths[:, None] + lengths[None, :] - 2 * at @ at.T, 1e-6)
        force = ideal**2 / square - pull * np.sqrt(square) / ideal
        move = force.sum(axis=1, keepdims=True) * at - force @ at - _GRAVITY * at
        length = np.maximum(np.linalg.norm(move, axis=1, keepdims=True), 1e-12)
        at += move / length * np.minimum(length, np.float32(stride * (1 - step / _STEPS)))
    return at.astype(np.float64)


def _start(vectors: Points, old: Points) -> Points:
    """Return the first two principal components; earlier places, where there are some."""
    centred = vectors - vectors.mean(axis=0)
    left, size, _ = np.linalg.svd(centred, full_matrices=False)
    plane = left[:, :2] * size[:2] * np.sign(left[np.abs(left[:, :2]).argmax(axis=0), [0, 1]])
    plane = plane / max(float(np.abs(plane).max()), 1e-9) / 2
    known = ~np.isnan(old[:, 0])
    if known.sum() >= _FEWEST:
        plane = _turned(plane, old) - 0.5
        plane[known] = old[known] - 0.5
    # Artists with the same vector would never part.
    turn = np.arange(len(plane)) * 2.399963  # the golden angle
    return np.asarray(plane + 1e-3 * np.column_stack([np.cos(turn), np.sin(turn)]), dtype=np.float64)


def _turned(places: Points, old: Points) -> Points:
    """Return the places moved, turned and scaled onto the earlier ones (Procrustes), if there are some."""
    from scipy.linalg import orthogonal_procrustes  # noqa: PLC0415 - heavy

    known = ~np.isnan(old[:, 0])
    if known.sum() < _FEWEST:
        return places
    middle, target = places[known].mean(axis=0), old[known].mean(axis=0)
    mine, theirs = places[known] - middle, old[known] - target
    turn, size = orthogonal_procrustes(mine, theirs)
    scale = size / max(float((mine**2).sum()), 1e-12)
    return np.asarray((places - middle) @ turn * scale + target, dtype=np.float64)


def _neighbours(rows: Points, among: Points, k: int) -> Ints:
    """Return the columns of the `k` rows of `among` that are nearest to each row, in no order."""
    return np.argpartition(-(rows @ among.T), k - 1, axis=1)[:, :k].astype(np.int32)


def _between(vectors: Points, marks: Points, shaped: Points, seed: int) -> Points:
    """Return a place for each row: that of a landmark, or between its nearest landmarks."""
    k = min(3, len(marks))
    found = np.empty((len(vectors), 2))
    for first in range(0, len(vectors), _SLICE):
        rows = vectors[first : first + _SLICE]
        near = _neighbours(rows, marks, k)
        likeness = np.maximum(np.take_along_axis(rows @ marks.T, near, axis=1), 1e-3) ** 8
        weights = likeness / likeness.sum(axis=1, keepdims=True)
        found[first : first + len(rows)] = np.einsum("ij,ijk->ik", weights, shaped[near])
    spread = np.random.default_rng(seed).normal(0, 0.006 * np.ptp(shaped, axis=0).max(), found.shape)
    return found + spread


def _framed(places: Points) -> Floats:
    """Return the places scaled to fill the plane."""
    low, high = np.percentile(places, [_OUTLIERS, 100 - _OUTLIERS], axis=0)
    scaled = (2 * places - low - high) / np.maximum(high - low, 1e-9)
    squeezed = scaled / (1 + np.abs(scaled) ** 4) ** 0.25  # far outside becomes just inside of 1
    return np.asarray(0.5 + (0.5 - _EDGE) * squeezed, dtype=np.float32)
