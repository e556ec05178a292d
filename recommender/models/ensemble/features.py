"""Features of the stacker: each user's candidates, and how every model ranks them.

Scores of different models are not comparable, so each enters twice: interpolated between two ranks of the
user's own list, and as the logarithm of the rank. Then come the mean, best and worst rank, the item's
popularity, and the user's preference for popular items.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from recommender.arrays import Floats, Ints

POOL = 150  # candidates per model
_HIGH, _LOW = 10, POOL - 1  # the ranks whose scores map to 1 and 0
_LEAST, _MOST = -1.0, 5.0  # limits of the interpolated scores
_FIRST = 5.0  # added to ranks: the difference between 1 and 5 is small
SHARED = 6  # features beside those of each model, the mean rank first


@dataclass(frozen=True, eq=False)
class CandidateFeatures:
    """One user's candidates."""

    items: Ints  # ascending
    features: Floats  # n x n_features(models)
    n_known: int


def n_features(n_models: int) -> int:
    """Return the number of features per candidate: score and rank by model, then the shared ones."""
    return 2 * n_models + SHARED


def candidates(
    scores: Sequence[Floats],
    history: csr_matrix,
    log_popularity: Floats,
    *,
    excluded: csr_matrix | None = None,
) -> list[CandidateFeatures]:
    """Return each user's candidates from every model's users x I scores, which are overwritten.

    NaN means no score. Items of the `history`, or of `excluded` if that is more, are never candidates,
    nor are items without a score from any model.
    """
    excluded = history if excluded is None else excluded
    rows = np.repeat(np.arange(excluded.shape[0]), np.diff(excluded.indptr))
    for each in scores:
        np.nan_to_num(each, copy=False, nan=-np.inf)
        each[rows, excluded.indices] = -np.inf
    width = min(POOL, history.shape[1])
    firsts = [np.argpartition(-each, width - 1, axis=1)[:, :width] for each in scores]
    leaning = _leaning(history, log_popularity)
    counts = np.diff(history.indptr)
    made = []
    for person in range(history.shape[0]):
        theirs = [each[person] for each in scores]
        items, placed = _of_person(theirs, [first[person] for first in firsts])
        features = np.column_stack([placed, _together(placed, log_popularity[items], leaning[person])])
        made.append(CandidateFeatures(items, features.astype(np.float32), int(counts[person])))
    return made


def _leaning(history: csr_matrix, log_popularity: Floats) -> Floats:
    """Return by how much each user's items are more popular than the average user's."""
    counts = np.diff(history.indptr)
    rows = np.repeat(np.arange(len(counts)), counts)
    sums = np.bincount(rows, log_popularity[history.indices], len(counts))
    listeners = np.expm1(log_popularity)
    usual = float(listeners @ log_popularity) / max(float(listeners.sum()), 1.0)
    return np.asarray(np.where(counts > 0, sums / np.maximum(counts, 1) - usual, 0), dtype=np.float32)


def _of_person(scores: Sequence[Floats], firsts: Sequence[Ints]) -> tuple[Ints, Floats]:
    items = np.unique(np.concatenate([f[s[f] > -np.inf] for s, f in zip(scores, firsts, strict=True)]))
    placed = np.empty((len(items), 2 * len(scores)), dtype=np.float32)
    for at, (values, first) in enumerate(zip(scores, firsts, strict=True)):
        placed[:, 2 * at], placed[:, 2 * at + 1] = _placed(values[items], values[first])
    return items.astype(np.int32), placed


def _together(placed: Floats, popularity: Floats, leaning: float) -> Floats:
    places = placed[:, 1::2]
    if not len(places):
        return np.empty((0, SHARED), dtype=np.float32)
    return np.column_stack(
        [
            places.mean(axis=1),
            places.min(axis=1),
            places.max(axis=1),
            popularity,
            popularity**2,
            leaning * popularity,
        ]
    )


def _placed(values: Floats, first: Floats) -> tuple[Floats, Floats]:
    """Return interpolated scores and log ranks, given the scores at the head of the list."""
    head = np.sort(first[first > -np.inf])[::-1]
    if not len(head):
        return np.full(len(values), _LEAST, np.float32), np.full(
            len(values), np.log(POOL + _FIRST), np.float32
        )
    high, low = head[min(_HIGH, len(head) - 1)], head[min(_LOW, len(head) - 1)]
    heights = np.clip((values - low) / max(high - low, 1e-9), _LEAST, _MOST)
    # Ties share the best rank: the number of better candidates.
    places = len(values) - np.searchsorted(np.sort(values), values, side="right")
    return heights, np.log(places + _FIRST)
