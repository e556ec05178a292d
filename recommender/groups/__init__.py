"""From what each of several people expects to enjoy to the next song for all of them.

A *strategy* gives every candidate a value, from two tables of probabilities with one row per person present:
what they expect of each candidate, and what they have had of each song so far.  Whoever is served next is
decided by the values alone, so that strategies can be swapped, compared and tested by one suite.
"""

from typing import ClassVar, Protocol

import numpy as np

from recommender.arrays import Doubles, Mask


class Strategy(Protocol):
    """A rule that makes one order of many opinions."""

    name: ClassVar[str]

    def values(self, expected: Doubles, enjoyed: Doubles) -> Doubles:
        """Return one value per candidate, the highest is next.

        `expected` is people x candidates, probabilities from 0 to 1.  `enjoyed` is people x songs so far:
        1 or 0 where a person said it, else what was expected; NaN where they were not there.
        """
        ...


def nothing_yet(people: int) -> Doubles:
    """Return the table of songs so far at the start: no column."""
    return np.zeros((people, 0))


def queue(
    strategy: Strategy, expected: Doubles, enjoyed: Doubles, n: int, allowed: Mask | None = None
) -> list[int]:
    """Return at most `n` different candidates in the order of play, each as if those before were heard.

    Of equal values the first candidate is taken.  `allowed` has one flag per candidate.
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
