"""Diversity: the dial "adventurous", from 0 (what fits best, however alike) to 10.

It does two things to scored candidates.  Popular ones are held back: scores are divided by a power of the
popularity (Steck, "Item popularity and recommendation accuracy", RecSys 2011).  And candidates are taken one
by one, each with the largest (1 - l) * score - l * similarity to the most similar one before it (maximal
marginal relevance: Carbonell and Goldstein, SIGIR 1998); similar is what carries the same tags.
"""

from collections import Counter

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommender.arrays import Doubles, Floats
from recommender.linalg import Entries, contained, distinct, first_of_each, inverse, row_norms, scaled_rows
from recommender.request import Candidates, Request
from recommender.snapshot import Snapshot, tags_of

DEFAULT = 3
MOST = 10
SETTING = "adventurous"
"""The name of a user's setting."""

_DAMPING = 0.05  # of the exponent, per step of the dial
_VARIETY = 0.04  # of l, per step
_ENOUGH_PEOPLE = 20  # who like one artist, for likes to say more than general knowledge
_OPENERS = 100  # artists looked at for a first list
_LOOKED_AT = 60  # the best candidates, among which variety is looked for


def popularity_damped(scores: NDArray[np.floating], people: NDArray[np.floating], dial: int) -> Doubles:
    """Return the scores, above 0, with the popular held back."""
    return np.asarray(scores / (1.0 + people) ** (_DAMPING * dial))


def varied(scores: Doubles, vectors: csr_matrix, n: int, dial: int) -> NDArray[np.intp]:
    """Return the rows of `scores`, above 0 and falling, in a varied order: `n` one by one, then the rest.

    `vectors`: a row of length 1 or 0 per score.
    """
    k = min(len(scores), max(_LOOKED_AT, n))
    if not dial or not k:
        return np.arange(len(scores))
    variety = _VARIETY * dial
    alike = np.asarray((vectors[:k] @ vectors[:k].T).todense(), dtype=np.float64)
    gain = (1 - variety) * scores[:k] / scores[0]
    likeness = np.zeros(k)
    chosen: list[int] = []
    for _ in range(min(n, k)):
        best = int(np.argmax(gain - variety * likeness))
        chosen.append(best)
        gain[best] = -np.inf
        np.maximum(likeness, alike[best], out=likeness)
    left = np.ones(len(scores), dtype=np.bool_)
    left[chosen] = False
    return np.concatenate([np.array(chosen, dtype=np.intp), np.flatnonzero(left)])


def tag_vectors(tags: Entries, rarity: NDArray[np.floating], n: int) -> csr_matrix:
    """Return n x T rows of length 1 of the tags' logarithms times their rarity; 0 for a row without tags."""
    weights = np.log1p(tags.data) * rarity[tags.column]
    rows = csr_matrix((weights, (tags.row, tags.column)), shape=(n, len(rarity)), dtype=np.float32)
    return scaled_rows(rows, inverse(row_norms(rows)))


def held_back(snapshot: Snapshot, request: Request, candidates: Candidates) -> Candidates:
    """Write `fresh`: the fused score, less where many listen or where it was shown lately; best first."""
    people = snapshot.artists.people[candidates.artists].astype(np.float64)
    scores = popularity_damped(candidates.fused, people, request.adventurous) * request.freshness(
        candidates.tracks
    )
    candidates = candidates._replace(fresh=scores.astype(np.float32))
    return candidates.some(np.argsort(-candidates.fresh, kind="stable"))


def diversified(snapshot: Snapshot, request: Request, candidates: Candidates, n: int) -> Candidates:
    """Return the candidates with the first `n` unlike each other, as far as the dial says."""
    k = len(candidates.tracks)
    if not request.adventurous or k < 2:
        return candidates
    tags = tags_of(snapshot, candidates.tracks, candidates.artists)
    scores = np.linspace(1.0, 0.0, k) + 1e-9  # by the order they stand in
    return candidates.some(varied(scores, tag_vectors(tags, snapshot.rarity, k), n, request.adventurous))


def opening(snapshot: Snapshot, request: Request, candidates: Candidates, n: int) -> Candidates:
    """Return the candidates with `n` songs that most people like first, each of another artist.

    For users who have said nothing: what most people here like, or household names while few listen here;
    of one genre family no more than a third and one.  What was shown lately comes after the rest.
    """
    first = first_of_each(candidates.artists)
    artists = candidates.artists[first]
    known = np.full(len(snapshot.artists.items), len(request.household), dtype=np.int64)
    known[request.household] = np.arange(len(request.household))
    popular = snapshot.artists.popularity
    liked: Floats = np.zeros(len(artists), dtype=np.float32)
    if popular is not None and popular.people.max(initial=0) >= _ENOUGH_PEOPLE:
        liked = popular.wanted[artists]
    shown = contained(artists, distinct(snapshot.track_artists[request.stale.items]))
    order = first[np.lexsort((first, known[artists], -liked, shown))]
    chosen = _of_many_families(snapshot, candidates, order, n)
    others = np.ones(len(candidates.artists), dtype=bool)
    others[chosen] = False
    return candidates.some(np.concatenate([chosen, np.flatnonzero(others)]))


def _of_many_families(
    snapshot: Snapshot, candidates: Candidates, order: NDArray[np.intp], n: int
) -> NDArray[np.intp]:
    """Return the first `n` rows in this order of which no family has too many, and more if there are few."""
    looked_at = order[:_OPENERS]
    families = snapshot.families.leading(candidates.artists[looked_at], candidates.tracks[looked_at])
    counts: Counter[int] = Counter()
    chosen: list[int] = []
    for row, kind in zip(looked_at.tolist(), families.tolist(), strict=True):
        if len(chosen) == n:
            break
        if counts[kind] < n // 6 + 1:
            chosen.append(row)
            counts[kind] += 1
    if len(chosen) < n:
        chosen += [row for row in order.tolist() if row not in chosen][: n - len(chosen)]
    return np.array(chosen, dtype=np.intp)
