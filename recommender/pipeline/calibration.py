"""Calibration: a slate in the proportions of the user's tags; for one third jazz, a third of the songs.

Steck, "Calibrated Recommendations" (RecSys 2018): songs are taken one by one, each time the one with the
largest (1 - c) * score - c * KL(p, q), where p is how the user's weights spread over tags, q how the slate's
songs do, and q is smoothed with a little of p so that no logarithm is of nothing.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommender.arrays import Doubles, Floats, Ints, Rows
from recommender.linalg import Entries, entries, inverse, summed
from recommender.scorers import Profile

STRENGTH = 0.8  # c: 0 is the plain order, 1 the proportions alone
_SMOOTHING = 0.01
_MOST_TAGS = 60  # the tags that carry most of p; people's own tags have a long tail


def wanted(tags: tuple[csr_matrix, ...], idf: Floats, profiles: tuple[Profile, ...]) -> Floats:
    """Return p, one share per tag, from what is liked on each axis; all zeros where nothing is known."""
    total = np.zeros(tags[0].shape[1], dtype=np.float64)
    for item_tags, profile in zip(tags, profiles, strict=True):
        liked = profile.liked
        found = entries(item_tags, liked.items)
        shares = _shares(found, idf, len(liked.items))
        total += summed(found.column, shares * liked.weights[found.row], len(total))
    mass = total.sum()
    return (total / mass if mass else total).astype(np.float32)


def calibrated(scores: Floats, tags: Entries, idf: Floats, p: Floats, n: int, c: float) -> NDArray[np.intp]:
    """Return the rows of `scores` in calibrated order: `n` chosen one by one, then the rest as it was.

    `scores` are K values, best first; `tags` those of the K rows; `idf` and `p` one value per tag; `c` from 0
    to 1.
    """
    wanted_tags, want = _most_wanted(p)
    if not c or not len(scores) or not want.any():
        return np.arange(len(scores))
    row, tag, share = _wanted_shares(tags, idf, len(scores), wanted_tags)
    gain, least, wish = (1 - c) * (scores / scores[0]), _SMOOTHING * want, want[tag]
    slate = np.zeros(len(want))
    chosen: list[int] = []
    for place in range(1, min(n, len(scores)) + 1):
        # KL(p, q) for q the slate with one row more, less what is the same for every row.
        weight = (1 - _SMOOTHING) / place
        before = weight * slate + least
        closer = np.bincount(row, np.log1p(weight * share / before[tag]) * wish, len(scores))
        utility = gain + c * closer
        utility[chosen] = -np.inf
        best = int(utility.argmax())
        chosen.append(best)
        its = row == best
        slate[tag[its]] += share[its]
    left = np.ones(len(scores), dtype=bool)
    left[chosen] = False
    return np.concatenate([np.array(chosen, dtype=np.intp), np.flatnonzero(left)])


def _most_wanted(p: Floats) -> tuple[Ints, Doubles]:
    """Return the columns of p's largest tags, and p there, brought to the sum one."""
    tags = np.argsort(-p, kind="stable")[:_MOST_TAGS].astype(np.int32)
    tags = tags[p[tags] > 0]
    want = p[tags].astype(np.float64)
    return tags, want / want.sum() if len(want) else want


def _wanted_shares(tags: Entries, idf: Floats, n: int, columns: Ints) -> tuple[Rows, Rows, Doubles]:
    """Return row, place in `columns` and share of each tag that is among `columns`, of n rows."""
    place = np.full(len(idf), -1, dtype=np.intp)
    place[columns] = np.arange(len(columns))
    at = place[tags.column]
    counted = at >= 0
    return tags.row[counted], at[counted], _shares(tags, idf, n)[counted]


def _shares(tags: Entries, idf: Floats, n: int) -> Doubles:
    """Return the share of each tag in its row, of `n`, weighed by rarity."""
    weights = tags.data * idf[tags.column]
    return weights * inverse(summed(tags.row, weights, n))[tags.row]
