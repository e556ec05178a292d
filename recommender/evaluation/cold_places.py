"""Cold places: newcomers who are friends meet the product one after another in a place where nobody is known.

Each place is a new user and up to nine of their friends among the new users. They arrive in random order,
each after the one before has heard everything: the last can profit from what the others said.  Then all
comes once more with the opposite order, so that the same users are compared as the first and as the last.
"""

import numpy as np
from scipy.sparse import csr_matrix

from recommender.errors import EvaluationError
from recommender.evaluation.interactions import Interactions
from recommender.evaluation.listeners import Met, Newcomers, drawn, split

_SMALLEST, _LARGEST = 4, 10  # people of a place


def split_cold(data: Interactions, *, seed: int, people: int | None = None) -> Newcomers:
    """Draw new users who have enough friends among each other, with their places in order of arrival."""
    all_new = split(data, seed=seed)
    new, _ = drawn(data.user_items.shape[0], seed)
    rows = new[all_new.drawn]
    places = grouped(csr_matrix(data.friends[rows][:, rows]), seed)
    kept: list[list[int]] = []
    for place in places:
        if people is None or sum(map(len, kept)) + len(place) <= people:
            kept.append(place)
    if not kept:
        raise EvaluationError(f"No {_SMALLEST} new users are friends of one another.")
    chosen = np.concatenate(kept)
    ends = np.cumsum([len(place) for place in kept])
    numbered = [np.arange(end - len(place), end).tolist() for place, end in zip(kept, ends, strict=True)]
    friends = csr_matrix(np.zeros((len(chosen), all_new.known.shape[0]), dtype=np.float32))
    return Newcomers(all_new.known, all_new.truth[chosen], friends, None, all_new.drawn[chosen], numbered)


def grouped(friends: csr_matrix, seed: int) -> list[list[int]]:
    """Return disjoint places of users (N x N friendships), the largest first, each in order of arrival."""
    rng = np.random.default_rng([seed, 3])
    free = np.ones(friends.shape[0], dtype=bool)
    places: list[list[int]] = []
    while True:
        counts = (friends @ free.astype(np.float32)) * free
        host = int(np.argmax(counts)) if len(counts) else 0
        if not len(counts) or counts[host] + 1 < _SMALLEST:
            return places
        around = friends.indices[friends.indptr[host] : friends.indptr[host + 1]]
        around = around[free[around] & (around != host)]
        place = np.append(rng.permutation(around)[: _LARGEST - 1], host)
        free[place] = False
        places.append(rng.permutation(place).tolist())


def backwards(newcomers: Newcomers) -> Newcomers:
    """Return the same newcomers, who arrive in the opposite order."""
    return newcomers._replace(places=[place[::-1] for place in newcomers.places or []])


def by_arrival(newcomers: list[Newcomers], met: list[tuple[Met, Met]]) -> dict[str, list[float]]:
    """Return the rates of the first to the last quarter to arrive, with standard errors over users.

    `met`: in order of arrival, and `backwards`. `gain`: how much more the same users like when they are of
    the last quarter than when they are of the first, with its standard error.
    """
    rates: list[list[float]] = [[], [], [], []]
    gains: list[float] = []
    for each, (forth, back) in zip(newcomers, met, strict=True):
        first, then = forth.liked.mean(axis=1), back.liked.mean(axis=1)
        for place in each.places or []:
            last = len(place) - 1
            for turn, row in enumerate(place):
                quarter, other = (4 * at // len(place) for at in (turn, last - turn))
                rates[quarter].append(float(first[row]))
                rates[other].append(float(then[row]))
                if {quarter, other} == {0, 3}:
                    gain = float(first[row] - then[row])
                    gains.append(gain if quarter else -gain)
    return {
        "rate": [round(float(np.mean(quarter)), 4) for quarter in rates],
        "se": [_error(quarter) for quarter in rates],
        "gain": [round(float(np.mean(gains)), 4), _error(gains)],
    }


def _error(values: list[float]) -> float:
    return round(float(np.std(values, ddof=1) / len(values) ** 0.5), 4)
