"""Fairness strategies: they take into account what each user has enjoyed so far."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from recommender.arrays import Doubles
from recommender.groups import ranks


@dataclass(frozen=True)
class Nash:
    """Sequential Nash welfare: a track's value is its gain in the product of all users' enjoyment.

    The derivative of sum over u of log(eps + s_u), with s_u the enjoyment of user u so far: value of i =
    sum over u of p_ui / (eps + s_u). Nash, "The Bargaining Problem" (1950), track by track.

    Late joiners start near the group's level: each missed track is credited with `late` of the others'
    mean enjoyment, so that they do not own the queue until they have caught up.
    """

    eps: float = 0.5
    late: float = 0.8

    name: ClassVar[str] = "Nash welfare"

    def values(self, expected: Doubles, enjoyed: Doubles) -> Doubles:
        """Return the gains."""
        return np.asarray((expected / (self.eps + credited(enjoyed, self.late))[:, None]).sum(axis=0))


def credited(enjoyed: Doubles, late: float) -> Doubles:
    """Return each user's total enjoyment; a missed track counts `late` of the others' mean."""
    there = ~np.isnan(enjoyed)
    had = np.where(there, enjoyed, 0.0)
    present = there.sum(axis=0)
    usual = had.sum(axis=0) / np.maximum(present, 1)
    return np.asarray(np.where(there, had, late * usual).sum(axis=1))


@dataclass(frozen=True)
class Rotation:
    """Round robin: each user in turn gets their best candidate (Masthoff: "fairness")."""

    name: ClassVar[str] = "rotation"

    def values(self, expected: Doubles, enjoyed: Doubles) -> Doubles:
        """Return the expectations of the user whose turn it is."""
        return np.asarray(expected[enjoyed.shape[1] % len(expected)])


@dataclass(frozen=True)
class GFAR:
    """Probability that a candidate is a user's first relevant track, summed over users.

    Kaya, Bridge and Tintarev, "Ensuring Fairness in Group Recommendations by Rank-Sensitive Balancing of
    Relevance" (RecSys 2020): relevance is the rank among a user's best `top`, normalised to sum 1.
    """

    top: int = 20

    name: ClassVar[str] = "GFAR"

    def values(self, expected: Doubles, enjoyed: Doubles) -> Doubles:
        """Return sum over u of relevance times P(no earlier track was relevant to u)."""
        """Return sum over u of relevance times the chance that nothing before was relevant to u."""
        heard = np.nan_to_num(enjoyed)
        relevance = self._relevance(np.column_stack([heard, expected]))
        missing = np.prod(1.0 - relevance[:, : heard.shape[1]], axis=1)
        return np.asarray((missing[:, None] * relevance[:, heard.shape[1] :]).sum(axis=0))

    def _relevance(self, expected: Doubles) -> Doubles:
        n = min(self.top, expected.shape[1])
        best = np.argsort(-expected, axis=1, kind="stable")[:, :n]
        places = ranks(np.take_along_axis(expected, best, axis=1), "right") - 1.0
        total = places.sum(axis=1, keepdims=True)
        relevance = np.zeros(expected.shape)
        np.put_along_axis(relevance, best, np.divide(places, total, where=total > 0, out=places * 0), axis=1)
        return relevance


@dataclass(frozen=True)
class EPFuzzDA:
    """Proportional fairness: a candidate earns at most each user's share of the total enjoyment.

    Malecek and Peska, "Fairness-preserving group recommendations with user weighting" (UMAP 2021
    Adjunct): a user's gain counts up to that user's part of the group's total, minus what the user
    already had.
    """

    name: ClassVar[str] = "EP-FuzzDA"

    def values(self, expected: Doubles, enjoyed: Doubles) -> Doubles:
        """Return the sum of the gains that count."""
        had = np.nan_to_num(enjoyed).sum(axis=1)
        due = (expected.sum(axis=0) + had.sum())[None, :] / len(expected) - had[:, None]
        return np.asarray(np.minimum(np.maximum(due, 0.0), expected).sum(axis=0))


@dataclass(frozen=True)
class SDAA:
    """Weighted mix of the average and the least satisfied user; disagreement shifts weight to the latter.

    Stratigi, Pitoura, Nummenmaa and Stefanidis, "Sequential group recommendations based on satisfaction
    and disagreement scores" (JIIS 2022). Their previous round is everything played so far here.
    """

    name: ClassVar[str] = "SDAA"

    def values(self, expected: Doubles, enjoyed: Doubles) -> Doubles:
        """Return (1 - a) * mean + a * the least satisfied user's; a is the spread of satisfaction."""
        if not enjoyed.shape[1]:
            return np.asarray(expected.mean(axis=0))
        satisfied = satisfaction(expected, enjoyed)
        spread = min(float(satisfied.max() - satisfied.min()), 1.0)
        return np.asarray((1 - spread) * expected.mean(axis=0) + spread * expected[int(np.argmin(satisfied))])


def satisfaction(expected: Doubles, enjoyed: Doubles) -> Doubles:
    """Return each user's enjoyment as a share of the maximum possible with as many tracks."""
    heard = np.nan_to_num(enjoyed)
    best = np.sort(np.column_stack([heard, expected]), axis=1)[:, -heard.shape[1] :].sum(axis=1)
    had = heard.sum(axis=1)
    return np.asarray(np.divide(had, best, where=best > 0, out=np.zeros(len(best))))
