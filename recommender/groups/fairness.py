"""Strategies that remember what everybody has had so far."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.stats import rankdata

from recommender.arrays import Doubles


@dataclass(frozen=True)
class Nash:
    """Sequential Nash welfare: a song is worth what it adds to the product of what people have had.

    The derivative of sum over u of log(eps + s_u), where s_u adds up what person u has enjoyed so far:
    value of i = sum over u of p_ui / (eps + s_u).  Nash, "The Bargaining Problem" (1950), song by song.
    Whoever came late starts near the group's level: of each song they missed they are credited
    with `late` of what the others had of it, or they would own the queue until they had caught up.
    """

    eps: float = 0.5
    late: float = 0.8

    name: ClassVar[str] = "Nash welfare"

    def values(self, expected: Doubles, enjoyed: Doubles) -> Doubles:
        """Return the gains."""
        return np.asarray((expected / (self.eps + credited(enjoyed, self.late))[:, None]).sum(axis=0))


def credited(enjoyed: Doubles, late: float) -> Doubles:
    """Return what each person has had in all; a missed song counts `late` of what it was to the others."""
    there = ~np.isnan(enjoyed)
    had = np.where(there, enjoyed, 0.0)
    present = there.sum(axis=0)
    usual = had.sum(axis=0) / np.maximum(present, 1)
    return np.asarray(np.where(there, had, late * usual).sum(axis=1))


@dataclass(frozen=True)
class Rotation:
    """Everybody in turn has the song they expect most of: Masthoff's "fairness" strategy."""

    name: ClassVar[str] = "rotation"

    def values(self, expected: Doubles, enjoyed: Doubles) -> Doubles:
        """Return what the person whose turn it is expects."""
        return np.asarray(expected[enjoyed.shape[1] % len(expected)])


@dataclass(frozen=True)
class GFAR:
    """The chance to be somebody's first song they care for, added up.

    Kaya, Bridge and Tintarev, "Ensuring Fairness in Group Recommendations by Rank-Sensitive Balancing of
    Relevance" (RecSys 2020): relevance is the place among a person's best `top`, brought to the sum one.
    """

    top: int = 20

    name: ClassVar[str] = "GFAR"

    def values(self, expected: Doubles, enjoyed: Doubles) -> Doubles:
        """Return sum over u of relevance times the chance that nothing before was relevant to u."""
        heard = np.nan_to_num(enjoyed)
        relevance = self._relevance(np.column_stack([heard, expected]))
        missing = np.prod(1.0 - relevance[:, : heard.shape[1]], axis=1)
        return np.asarray((missing[:, None] * relevance[:, heard.shape[1] :]).sum(axis=0))

    def _relevance(self, expected: Doubles) -> Doubles:
        n = min(self.top, expected.shape[1])
        best = np.argsort(-expected, axis=1, kind="stable")[:, :n]
        places = rankdata(np.take_along_axis(expected, best, axis=1), method="max", axis=1) - 1.0
        total = places.sum(axis=1, keepdims=True)
        relevance = np.zeros(expected.shape)
        np.put_along_axis(relevance, best, np.divide(places, total, where=total > 0, out=places * 0), axis=1)
        return relevance


@dataclass(frozen=True)
class EPFuzzDA:
    """Nobody earns a song more than their share of all that is given out.

    Malecek and Peska, "Fairness-preserving group recommendations with user weighting" (UMAP 2021 Adjunct):
    what a candidate gives a person counts up to that person's part of the group's whole, less what they had.
    """

    name: ClassVar[str] = "EP-FuzzDA"

    def values(self, expected: Doubles, enjoyed: Doubles) -> Doubles:
        """Return the sum of what counts."""
        had = np.nan_to_num(enjoyed).sum(axis=1)
        due = (expected.sum(axis=0) + had.sum())[None, :] / len(expected) - had[:, None]
        return np.asarray(np.minimum(np.maximum(due, 0.0), expected).sum(axis=0))


@dataclass(frozen=True)
class SDAA:
    """Between the average and whoever was served worst, the more so the further apart people are.

    Stratigi, Pitoura, Nummenmaa and Stefanidis, "Sequential group recommendations based on satisfaction and
    disagreement scores" (JIIS 2022).  Their previous round is here all that was played so far.
    """

    name: ClassVar[str] = "SDAA"

    def values(self, expected: Doubles, enjoyed: Doubles) -> Doubles:
        """Return (1 - a) * mean + a * the least satisfied person's, a the spread of satisfaction."""
        if not enjoyed.shape[1]:
            return np.asarray(expected.mean(axis=0))
        satisfied = satisfaction(expected, enjoyed)
        spread = min(float(satisfied.max() - satisfied.min()), 1.0)
        return np.asarray((1 - spread) * expected.mean(axis=0) + spread * expected[int(np.argmin(satisfied))])


def satisfaction(expected: Doubles, enjoyed: Doubles) -> Doubles:
    """Return per person what they had as a share of the most that so many songs could have given them."""
    heard = np.nan_to_num(enjoyed)
    best = np.sort(np.column_stack([heard, expected]), axis=1)[:, -heard.shape[1] :].sum(axis=1)
    had = heard.sum(axis=1)
    return np.asarray(np.divide(had, best, where=best > 0, out=np.zeros(len(best))))
