"""Simulated live sessions of friends: votes teach, members change, some are unknown to every model.

Four friends, two of them unknown; at track 12 of 24 one leaves and an unknown user joins; 60 % of the tracks
get a vote. Relevant items are all items of unknown users and the held-out half of the others, if new to the
known members. Metrics per session: the members' mean like rate, the lowest, the share of members without a
like.
"""

from dataclasses import dataclass

import numpy as np

from recommender.arrays import Doubles, Mask
from recommender.errors import EvaluationError
from recommender.evaluation.group_model import GroupModel, SimulatedListener
from recommender.evaluation.group_people import walk
from recommender.evaluation.group_rounds import World, world
from recommender.evaluation.interactions import Interactions
from recommender.groups import Strategy, queue
from recommender.groups.fairness import Nash
from recommender.groups.voting import Average

SONGS, CHANGE = 24, 12
_REACTS = 0.6
_UNKNOWN = 0.3  # of all users
_CALIBRATION_SHARE = 0.25  # of the known users
_REACH = 40  # friends of friends considered for a session
_TRIES = 5_000


@dataclass(frozen=True)
class Way:
    """A way to run a session."""

    strategy: Strategy
    learns: bool
    knows_community: bool


WAYS: dict[str, Way] = {
    "average": Way(Average(), learns=False, knows_community=False),
    "average, learning": Way(Average(), learns=True, knows_community=False),
    "Nash welfare, learning": Way(Nash(), learns=True, knows_community=False),
    "Nash welfare, learning, community": Way(Nash(), learns=True, knows_community=True),
}


@dataclass(frozen=True)
class Evening:
    """The metrics of one session."""

    mean: float
    worst: float
    nothing: float


def sessions(data: Interactions, *, seed: int, n: int) -> dict[str, list[Evening]]:
    """Run `n` sessions each way, with the same users, votes and changes."""
    found = world(data, seed)
    rng, people = found.rng, found.known.shape[0]
    is_known = rng.random(people) >= _UNKNOWN
    known = rng.permutation(np.flatnonzero(is_known))
    cut = round(_CALIBRATION_SHARE * len(known))
    model = GroupModel.fit(found.known, found.held_out, is_known, np.sort(known[:cut]))
    allowed = set(range(people)) - set(known[:cut].tolist())
    answer: dict[str, list[Evening]] = {name: [] for name in WAYS}
    for number in range(n):
        members = _friends(found, is_known, allowed)
        for name, way in WAYS.items():
            rng_here = np.random.default_rng([seed, number])
            answer[name].append(_evening(found, model, members, way, rng_here))
    return answer


def _friends(found: World, is_known: Mask, allowed: set[int]) -> list[int]:
    """Return two known users, two unknown, and an unknown late joiner, from one circle of friends."""
    for _ in range(_TRIES):
        start = int(found.rng.integers(found.known.shape[0]))
        if start not in allowed:
            continue
        circle = walk(start, found.friends, found.rng, allowed, _REACH)
        known = [person for person in circle if is_known[person]]
        unknown = [person for person in circle if not is_known[person]]
        if len(known) >= 2 and len(unknown) >= 3:
            return [*known[:2], *unknown[:3]]
    raise EvaluationError("There are too few friends in these data to hold a session.")


def _evening(
    found: World, model: GroupModel, members: list[int], way: Way, rng: np.random.Generator
) -> Evening:
    truth, new = _truth(found, model, members)
    around = _community(found, model, members) if way.knows_community else None
    listeners = [model.listener(person, around) for person in members]
    leaver, present = int(rng.integers(4)), [0, 1, 2, 3]
    enjoyed, likes = np.full((5, SONGS), np.nan), np.full((5, SONGS), np.nan)
    for song in range(SONGS):
        if song == CHANGE:
            present = [*(p for p in present if p != leaver), 4]
        item = _next(way, [listeners[p] for p in present], enjoyed[present, :song], new)
        new[item] = False
        for p in present:
            likes[p, song] = truth[p, item]
            reacts = rng.random() < _REACTS
            enjoyed[p, song] = truth[p, item] if reacts and way.learns else listeners[p].expected[item]
            if reacts and way.learns:
                listeners[p].react(item, likes=bool(truth[p, item]))
    rates = np.nanmean(likes, axis=1)
    return Evening(float(rates.mean()), float(rates.min()), float((rates == 0).mean()))


def _next(way: Way, present: list[SimulatedListener], enjoyed: Doubles, new: Mask) -> int:
    expected = np.array([listener.expected for listener in present])
    return queue(way.strategy, expected, enjoyed, 1, new)[0]


def _truth(found: World, model: GroupModel, members: list[int]) -> tuple[Mask, Mask]:
    shown = found.known[members].toarray() > 0
    hidden = found.held_out[members].toarray() > 0
    is_known = model.is_known[members]
    new: Mask = np.asarray(~shown[is_known].any(axis=0))
    return np.where(is_known[:, None], hidden, hidden | shown) & new, new


def _community(found: World, model: GroupModel, members: list[int]) -> list[int]:
    """Return the members and their friends who are known to the models."""
    around = set(members)
    for person in members:
        around |= set(
            found.friends.indices[found.friends.indptr[person] : found.friends.indptr[person + 1]].tolist()
        )
    return sorted(person for person in around if model.is_known[person])
