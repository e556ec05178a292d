"""Many opinions, one order: weighted reciprocal rank fusion.

Each scorer names its best items; an item at rank r (from 0) of a scorer with weight w earns w / (RANK + r).
Cormack, Clarke and Buettcher, "Reciprocal Rank Fusion outperforms Condorcet and individual Rank Learning
Methods" (SIGIR 2009), whose constant of 60 is kept.  Ranks need no calibration, so an opinion can join or
fall silent without the others noticing.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Floats, Ints
from recommender.scorers import Opinion, Profile
from recommender.scorers.content import Content
from recommender.scorers.tag_regression import Tagged
from recommender.snapshot import Axis

RANK = 60.0
_SAMPLED = 16  # each so-manieth score is in the sample that says which are worth a look

_WEIGHTS = {
    # With one known item, and with twenty or more; in between on a log scale.  Found by coordinate search for
    # the NDCG@20 of held-out artists of Last.fm listeners who showed 1, 3, 10 or 40 others.  The third is for
    # "like this one", where only what items share speaks, not what everybody hears.
    "popularity": (0.4, 0.0, 0.0),
    "community": (0.6, 0.2, 0.0),
    "ensemble": (5.0, 5.0, 2.5),
    "content": (0.7, 0.5, 1.0),
    "tagged": (0.7, 0.5, 0.0),
}
# What others listen to is worth as much as there are others: half its weight at this many listeners.
_LEARNED_FROM_OTHERS = ("popularity", "ensemble")
_HALF_TRUSTED = 30


class Opinions(NamedTuple):
    """What the scorers of one axis named: K items, one column of votes per scorer."""

    items: Ints  # K columns of the axis
    votes: Floats  # K x scorers; 0 where the scorer did not name the item
    names: tuple[str, ...]


def gather(
    axis: Axis,
    profile: Profile,
    allowed: NDArray[np.bool_],
    k: int,
    rng: np.random.Generator,
    *,
    seeded: bool = False,
) -> Opinions:
    """Ask every scorer of `axis` for its best `k` items among `allowed` (one flag per item).

    `seeded` says that the profile is what somebody asked for more of, not all that they like.
    """
    people = int(np.count_nonzero(np.diff(axis.listening.user_items.indptr)))
    n_known = len(profile.liked.items)
    weights = [_weight(scorer.name, n_known, people, seeded=seeded) for scorer in axis.scorers]
    if not seeded and any(isinstance(scorer, Tagged) and scorer.speaks for scorer in axis.scorers):
        # Both go by what is said of an item; the one has learned whom it brings.
        silent = [isinstance(scorer, Content) for scorer in axis.scorers]
        weights = [0.0 if quiet else weight for quiet, weight in zip(silent, weights, strict=True)]
    ranked = [
        best(scorer.shortlist(profile, allowed, k), allowed, k, rng) if weight else _NOTHING
        for scorer, weight in zip(axis.scorers, weights, strict=True)
    ]
    items = np.unique(np.concatenate([*ranked, _NOTHING]))
    votes = np.zeros((len(items), len(ranked)), dtype=np.float32)
    for column, (weight, rows) in enumerate(zip(weights, ranked, strict=True)):
        votes[np.searchsorted(items, rows), column] = weight / (RANK + np.arange(len(rows)))
    return Opinions(items, votes, tuple(scorer.name for scorer in axis.scorers))


_NOTHING: Ints = np.zeros(0, dtype=np.int32)


def best(opinion: Opinion, allowed: NDArray[np.bool_], k: int, rng: np.random.Generator) -> Ints:
    """Return the columns of the `k` highest scores among `allowed`, best first; equals in random order."""
    _, items, scores = opinion
    # The k best are no worse than the k best of a sample, which leaves few to look at.
    sample = scores[::_SAMPLED][allowed[items[::_SAMPLED]]]
    if len(sample) > k:
        near = np.flatnonzero(scores >= _kth(sample, k))
        items, scores = items[near], scores[near]
    shown = allowed[items]
    items, scores = items[shown], scores[shown]
    if len(items) > k:
        floor = _kth(scores, k)
        above = np.flatnonzero(scores > floor)
        ties = np.flatnonzero(scores == floor)
        chosen = np.concatenate([above, rng.choice(ties, k - len(above), replace=False)])
        items, scores = items[chosen], scores[chosen]
    return items[np.lexsort((rng.random(len(items)), -scores))]


def _kth(scores: Floats, k: int) -> float:
    """Return the `k`th highest of more than `k` scores."""
    # From the side of the few high ones: among many that are equally low NumPy takes thirty times as long.
    return -float(np.partition(-scores, k - 1)[k - 1])


def _weight(name: str, n_known: int, people: int, *, seeded: bool) -> float:
    few, many, seed = _WEIGHTS[name]
    share = min(np.log1p(max(n_known - 1, 0)) / np.log(20.0), 1.0)
    weight = seed if seeded else few + (many - few) * share
    # A little is left of it, so that somebody new is told what there is.
    trust = (people + 1) / (people + _HALF_TRUSTED) if name in _LEARNED_FROM_OTHERS else 1.0
    return float(trust * weight)
