"""A slate in the proportions of a listener's taste: one third jazz, one third of the songs.

Steck, "Calibrated Recommendations" (RecSys 2018): songs are taken one by one, each time the one with the
largest (1 - c) * score - c * KL(p, q), where p is how the listener's weights spread over tags, q how the
slate's songs do, and q is smoothed with a little of p so that no logarithm is of nothing.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommender.linalg import row_shares, scaled_columns
from recommender.scorers import Floats, Profile

STRENGTH = 0.8  # c: 0 is the plain order, 1 the proportions alone
_SMOOTHING = 0.01
_MOST_TAGS = 60  # the tags that carry most of p; people's own tags have a long tail


def rarity(item_tags: csr_matrix) -> Floats:
    """Return log(items / items with the tag) per tag: "rock" says little about a taste, "trip hop" much."""
    carriers = np.bincount(item_tags.indices, minlength=item_tags.shape[1])
    return np.log(item_tags.shape[0] / np.maximum(carriers, 1)).astype(np.float32)


def wanted(tags: tuple[csr_matrix, ...], idf: Floats, profiles: tuple[Profile, ...]) -> Floats:
    """Return p, one share per tag, from what is liked on each axis; all zeros where nothing is known."""
    total = np.zeros(tags[0].shape[1], dtype=np.float64)
    for item_tags, profile in zip(tags, profiles, strict=True):
        liked = profile.liked
        shares = row_shares(scaled_columns(item_tags[liked.items], idf))
        total += shares.T @ liked.weights
    mass = total.sum()
    return (total / mass if mass else total).astype(np.float32)


def calibrated(
    scores: Floats, item_tags: csr_matrix, idf: Floats, p: Floats, n: int, c: float
) -> NDArray[np.intp]:
    """Return the rows of `scores` in calibrated order: `n` chosen one by one, then the rest as it was.

    `scores` are K values, best first; `item_tags` K x T; `idf` and `p` one value per tag; `c` from 0 to 1.
    """
    rows = np.arange(len(scores))
    tags = np.argsort(-p, kind="stable")[:_MOST_TAGS]
    tags = tags[p[tags] > 0]
    if not c or not len(tags) or not len(scores):
        return rows
    want = p[tags].astype(np.float64)
    want /= want.sum()
    carried = row_shares(scaled_columns(item_tags, idf))[:, tags].toarray().astype(np.float64)
    gain = scores / scores[0]
    slate = np.zeros(len(tags))
    left = np.ones(len(scores), dtype=bool)
    chosen: list[int] = []
    for place in range(1, min(n, len(scores)) + 1):
        q = (1 - _SMOOTHING) * (slate + carried) / place + _SMOOTHING * want
        divergence = (want * np.log(want / q)).sum(axis=1)
        utility = np.where(left, (1 - c) * gain - c * divergence, -np.inf)
        best = int(np.argmax(utility))
        chosen.append(best)
        left[best] = False
        slate += carried[best]
    return np.concatenate([np.array(chosen, dtype=np.intp), np.flatnonzero(left)])
