"""Group strategies: from each user's expected enjoyment to the next track for all.

A *strategy* values every candidate, given two probability tables with a row per user present: expectations
for the candidates, and enjoyment of the tracks so far. Values alone decide the order, so strategies can be
swapped, compared and tested by one suite.
"""

from typing import ClassVar, Literal, Protocol

import numpy as np

from recommender.arrays import Doubles, Mask


class Strategy(Protocol):
    """A rule that aggregates several users' expectations into one ranking."""

    name: ClassVar[str]

    def values(self, expected: Doubles, enjoyed: Doubles) -> Doubles:
        """Return one value per candidate; the highest plays next.

        `expected`: users x candidates, probabilities from 0 to 1. `enjoyed`: users x tracks so far, 1
        or 0 for a vote, otherwise the expectation, NaN while absent.
        """
        ...


def ranks(expected: Doubles, ties: Literal["left", "right"]) -> Doubles:
    """Return for each value how many of its row are below it, or, with ties to the right, not above it."""
    found = [np.searchsorted(np.sort(row), row, ties) for row in expected]
    return np.array(found, dtype=np.float64).reshape(expected.shape)


def nothing_yet(people: int) -> Doubles:
    """Return the table of tracks so far at the start: users x 0."""
    return np.zeros((people, 0))


def queue(
    strategy: Strategy, expected: Doubles, enjoyed: Doubles, n: int, allowed: Mask | None = None
) -> list[int]:
    """Return at most `n` different candidates in playing order, each chosen as if those before were heard.

    The first candidate wins ties. `allowed`: one flag per candidate.
    """
    left = np.arange(expected.shape[1]) if allowed is None else np.flatnonzero(allowed)
    chosen: list[int] = []
    while len(left) and len(chosen) < n:
        place = int(np.argmax(strategy.values(expected[:, left], enjoyed)))
        column = int(left[place])
        chosen.append(column)
        enjoyed = np.column_stack([enjoyed, expected[:, column]])
        left = np.delete(left, place)
    return chosen
