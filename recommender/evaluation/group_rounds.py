"""Group strategies on a data set: ten tracks new to all members, judged by held-out items.

Half of each user's items are shown, the other half are held out. Metrics per group: the members' mean
NDCG@10, the lowest member's, the share of members without a hit, and fairness (Jain's index of likes over
time, after each track).
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_matrix

from recommender.arrays import Doubles, Mask
from recommender.evaluation.group_model import GroupModel
from recommender.evaluation.group_people import Kind, People, group, similarity
from recommender.evaluation.interactions import Interactions
from recommender.evaluation.splits import random_fold
from recommender.groups import Strategy, nothing_yet, queue
from recommender.groups.fairness import Nash
from recommender.groups.strategies import STRATEGIES

SONGS = 10
SIZES = (2, 4, 8)
_HELD_OUT = 0.5
_LEAST_LISTENERS = 3
_LEAST_ITEMS = 5
_CALIBRATION_SHARE = 0.2
_BROUGHT = 120  # candidates per member
_DISCOUNTS = 1 / np.log2(np.arange(2, SONGS + 2))


class World(NamedTuple):
    """A data set's users with shown and held-out items."""

    known: csr_matrix  # n x I weights
    held_out: csr_matrix  # n x I, 1
    friends: csr_matrix  # n x n
    rng: np.random.Generator


@dataclass(frozen=True)
class ServedGroup:
    """The metrics of one group."""

    mean: float
    worst: float
    nothing: float
    evenness: float


def world(data: Interactions, seed: int) -> World:
    """Hold out half of each user's items, dropping rare items and users with few items."""
    rng = np.random.default_rng(seed)
    active = np.flatnonzero(np.diff(data.user_items.indptr) >= _LEAST_ITEMS).astype(np.int32)
    items = np.arange(data.user_items.shape[1], dtype=np.int32)
    fold = random_fold(data.user_items, active, items, rng, share=_HELD_OUT)
    listeners = np.bincount(fold.known.indices, minlength=len(items))
    kept = np.flatnonzero(listeners >= _LEAST_LISTENERS)
    friends = csr_matrix(data.friends[fold.users][:, fold.users])
    return World(csr_matrix(fold.known[:, kept]), csr_matrix(fold.held_out[:, kept]), friends, rng)


def rounds(
    data: Interactions, *, seed: int, sizes: tuple[int, ...], kinds: tuple[Kind, ...], n: int
) -> dict[tuple[str, str, int], list[ServedGroup]]:
    """Return the metrics of `n` groups of each kind and size, for each strategy.

    "Nash welfare, thumbs" sees the members' votes after each track and uses them instead of expectations.
    """
    known, held_out, friends, rng = found = world(data, seed)
    people = rng.permutation(known.shape[0])
    cut = round(_CALIBRATION_SHARE * len(people))
    everybody = np.ones(len(people), dtype=np.bool_)
    model = GroupModel.fit(known, held_out, everybody, np.sort(people[:cut]))
    among, alike = np.sort(people[cut:]), similarity(known)
    answer: dict[tuple[str, str, int], list[ServedGroup]] = {}
    for kind in kinds:
        for size in sizes:
            for members in (group(kind, size, among, alike, friends, rng) for _ in range(n)):
                for name, served in _served(found, model, members).items():
                    answer.setdefault((name, kind, size), []).append(served)
    return answer


def _served(found: World, model: GroupModel, members: People) -> dict[str, ServedGroup]:
    heard: Mask = np.asarray(found.known[members].toarray().astype(bool).any(axis=0))
    truth = found.held_out[members].toarray().astype(bool) & ~heard
    listeners = [model.listener(int(member)) for member in members]
    allowed = _brought([one.expected for one in listeners], ~heard)
    expected = np.array([one.expected for one in listeners])[:, allowed]
    truth_here = truth[:, allowed]
    start = nothing_yet(len(members))
    answer = {
        name: judged(truth_here[:, queue(strategy, expected, start, SONGS)], truth.sum(axis=1))
        for name, strategy in STRATEGIES.items()
    }
    told = judged(truth_here[:, with_thumbs(Nash(), expected, truth_here)], truth.sum(axis=1))
    return {**answer, "Nash welfare, thumbs": told}


def with_thumbs(strategy: Strategy, expected: Doubles, truth: Mask) -> list[int]:
    """Return ten candidates, each chosen with knowledge of the votes so far."""
    chosen: list[int] = []
    enjoyed = nothing_yet(len(expected))
    left = np.ones(expected.shape[1], dtype=np.bool_)
    while left.any() and len(chosen) < SONGS:
        (best,) = queue(strategy, expected, enjoyed, 1, left)
        chosen.append(best)
        left[best] = False
        enjoyed = np.column_stack([enjoyed, truth[:, best]])
    return chosen


def judged(liked: Mask, findable: Doubles) -> ServedGroup:
    """Return a group's metrics.

    `liked` is members x tracks in order, `findable` each member's held-out items.
    """
    some = findable > 0
    liked, most = liked[some], np.minimum(findable[some], SONGS).astype(int)
    if not len(liked):
        return ServedGroup(np.nan, np.nan, np.nan, np.nan)
    gains = liked @ _DISCOUNTS[: liked.shape[1]] / np.cumsum(_DISCOUNTS)[most - 1]
    had = liked.cumsum(axis=1)
    squares = len(had) * (had**2).sum(axis=0)
    even = np.divide(had.sum(axis=0) ** 2, squares, where=squares > 0, out=np.ones(had.shape[1]))
    return ServedGroup(
        float(gains.mean()), float(gains.min()), float((~liked.any(axis=1)).mean()), float(even.mean())
    )


def _brought(expected: list[Doubles], allowed: Mask) -> People:
    best = [np.argsort(-np.where(allowed, one, -1.0), kind="stable")[:_BROUGHT] for one in expected]
    return np.unique(np.concatenate(best))
