"""Fusion: many opinions, one order, by weighted reciprocal ranks.

Each scorer names its best items; an item at rank r (from 0) of a scorer with weight w earns w / (RANK + r).
Cormack, Clarke and Buettcher, "Reciprocal Rank Fusion outperforms Condorcet and individual Rank Learning
Methods" (SIGIR 2009), whose constant of 60 is kept.  Ranks need no calibration, so an opinion can join or
fall silent without the others noticing.
"""

from typing import NamedTuple

import numpy as np

from recommender.arrays import Doubles, Floats, Ints, Mask
from recommender.linalg import contained, distinct
from recommender.scorers import Opinion, Profile
from recommender.snapshot import Axis

RANK = 60.0
_NOTHING: Ints = np.zeros(0, dtype=np.int32)
_SAMPLED_FROM = 5_000  # scores; fewer are all looked at
_SAMPLED = 16  # every 16th score makes the sample that says which are worth a look


class Opinions(NamedTuple):
    """What the scorers of one axis named: K items, one column of votes per scorer."""

    items: Ints  # K columns of the axis
    votes: Floats  # K x scorers; 0 where the scorer did not name the item
    names: tuple[str, ...]


def gather(
    axis: Axis,
    profile: Profile,
    allowed: Mask,
    k: int,
    rng: np.random.Generator,
    *,
    seeded: bool = False,
    shown: Ints = _NOTHING,
) -> Opinions:
    """Ask every scorer of `axis` for its best `k` items among `allowed` (one flag per item).

    `seeded`: the profile is what the user asked for more of, not all that they like.  `shown`: items that
    were on a list just now, which come on top of the `k` and take no place from the others.
    """
    weights = axis.voters.weights(len(profile.liked.items), seeded=seeded).tolist()
    k += len(shown)
    ranked = [
        best(scorer.shortlist(profile, allowed, k), allowed, k, rng) if weight else _NOTHING
        for scorer, weight in zip(axis.scorers, weights, strict=True)
    ]
    items = distinct(*ranked, _NOTHING)
    votes = np.zeros((len(items), len(ranked)), dtype=np.float32)
    for column, (weight, rows) in enumerate(zip(weights, ranked, strict=True)):
        if len(rows):
            votes[items.searchsorted(rows), column] = weight * rank_votes(rows, shown)
    return Opinions(items, votes, tuple(scorer.name for scorer in axis.scorers))


def rank_votes(ranked: Ints, shown: Ints) -> Doubles:
    """Return 1 / (RANK + rank) of each of some items, best first; those `shown` just now do not count."""
    if not len(shown):
        return 1 / (RANK + np.arange(len(ranked)))
    counts = ~contained(ranked, shown)
    return 1 / (RANK + np.cumsum(counts) - counts)


def best(opinion: Opinion, allowed: Mask, k: int, rng: np.random.Generator) -> Ints:
    """Return the columns of the `k` highest scores among `allowed`, best first; equals in random order."""
    _, items, scores = opinion
    if not len(items):
        return _NOTHING
    # The k best are no worse than the k best of a sample, which leaves few to look at.
    if len(scores) > _SAMPLED_FROM:
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
