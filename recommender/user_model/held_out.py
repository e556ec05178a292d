"""Settings of the user model, chosen by how well the reactions of held-out users are foreseen.

Some users are held out as if new: the population is learned from the others, they react to what they would be
shown first (the items with the highest rates), and the order expected of the rest is judged by NDCG. Where
enough users dislike as well, only what they reacted to is ordered: nobody knows what they would say of the
rest. Where they do not, everything is, and what they did not like counts as disliked.

Settings are tried one after the other, each few values, and the defaults change only for a gain above its own
standard error over the held-out users: what few reactions say is mostly chance.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Self

import numpy as np
from scipy.sparse import csr_matrix

from recommender.arrays import Doubles, Floats, Ints, Mask
from recommender.linalg import one_thread
from recommender.models.gaussian import expected
from recommender.models.rates import answering, shrunk_rates
from recommender.user_model.learning import (
    LEAST_LISTENERS,
    LearnedUsers,
    LearnerSettings,
    Statements,
    both,
    similar_users,
)
from recommender.user_model.similar_users import SimilarUsers, normalised

_LEAST_OF_EACH = 5  # likes and dislikes of a held-out user
_LEAST_HELD_OUT, _MOST_HELD_OUT = 20, 200  # users
_MOST_LEARNED_FROM = 1_500  # users
_SHARE = 4  # one of so many users is held out
_SHOWN = 10  # items that a held-out user reacts to first, at most half of what there is
_PLACES = 20  # of the order that is judged
_SIMILAR = (0.0, 0.25, 0.5, 0.75, 1.0)
_UNANSWERED = (0.0, 0.3)
_ANSWERED: dict[str, tuple[float, ...]] = {
    "silence": (0.2,),
    "answer_factors": (4, 16),
    "shrinkage": (100.0,),
    "history": (4.0,),
    "unanswered": _UNANSWERED,
}
_SILENT: dict[str, tuple[float, ...]] = {"factors": (32,), "damping": (0.4, 1.0), "unanswered": _UNANSWERED}
_START = 0.75  # share of similar users where answers are learned from


class HeldOut(NamedTuple):
    """One user who is taken for new."""

    items: Ints  # that are ordered or shown, ascending
    likes: Mask  # which of them the user likes
    shown: Mask  # which of them the user reacts to first


@dataclass(frozen=True, eq=False)
class NewUsers:
    """Held-out users, and what those told who are learned from."""

    train: Statements
    people: list[HeldOut]
    answered: bool  # whether only reactions are ordered
    histories: (
        bool  # whether enough users who hardly dislike are learned from to tell what their silence says
    )

    @classmethod
    def of(cls, told: Statements, *, seed: int) -> Self | None:
        """Hold out some of the users who told something; None if too few could be."""
        weights = told.weights
        rows = np.repeat(np.arange(weights.shape[0]), np.diff(weights.indptr))
        likes, dislikes = (
            np.bincount(rows, sign * weights.data > 0, weights.shape[0]) >= _LEAST_OF_EACH for sign in (1, -1)
        )
        both_ways = likes & dislikes & answering(weights)
        answered = bool(np.count_nonzero(both_ways) >= 2 * _LEAST_HELD_OUT)
        able = np.flatnonzero(both_ways if answered else likes)
        if len(able) < 2 * _LEAST_HELD_OUT:
            return None
        rng = np.random.default_rng(seed)
        chosen = rng.permutation(able)[: max(_LEAST_HELD_OUT, min(len(able) // _SHARE, _MOST_HELD_OUT))]
        others = np.setdiff1d(np.flatnonzero(np.diff(weights.indptr)), chosen)
        train = told.some(np.sort(rng.permutation(others)[:_MOST_LEARNED_FROM]))
        rates = _rates(train.weights, answered=answered)
        people = [_held_out(weights[person], rates, answered=answered) for person in np.sort(chosen)]
        histories = bool(np.count_nonzero(~answering(train.weights)) * _SHARE > train.weights.shape[0])
        return cls(train, people, answered, histories)

    @property
    def shown(self) -> bool:
        """Whether anything was shown in vain to those who are learned from."""
        return bool(self.train.unanswered.nnz)

    def judged(self, settings: LearnerSettings, *, seed: int) -> Doubles:
        """Return the NDCG of each held-out user."""
        return self.mixtures([settings], seed=seed)[0]

    def mixtures(self, several: Sequence[LearnerSettings], *, seed: int) -> list[Doubles]:
        """Return the same for settings that differ in `apart` and `similar` alone."""
        found: list[Doubles] = []
        nowhere = csr_matrix((0, self.train.weights.shape[0]), dtype=np.float64)
        for apart in dict.fromkeys(each.apart for each in several):
            settings = replace(several[0], apart=apart)
            whole, answers = both(self.train, settings, seed=seed)
            similar = similar_users(answers, nowhere, np.zeros(0), seed)
            with one_thread():
                linear = self._linear(whole)
                alike = self._alike(similar, linear)
            shares = [each.similar for each in several if each.apart == apart]
            found += [self._ndcg(linear, alike, share) for share in shares]
        return found

    def _ndcg(self, linear: list[Floats], alike: list[Floats], share: float) -> Doubles:
        models = zip(linear, alike, self.people, strict=True)
        return np.array([_ndcg((1 - share) * one + share * other, who) for one, other, who in models])

    def _linear(self, population: LearnedUsers) -> list[Floats]:
        """Return what the linear model expects each to say of each item."""
        shown = [who.items[who.shown] for who in self.people]
        starts = np.cumsum([0, *map(len, shown)])
        values = np.concatenate([who.likes[who.shown] for who in self.people]).astype(np.float32)
        known = csr_matrix(
            (values, np.concatenate(shown), starts), shape=(len(shown), self.train.weights.shape[1])
        )
        prior = population.prior
        z = expected(prior, known, absences=np.zeros(len(shown)))
        return [
            prior.mean[who.items] + prior.loadings[who.items] @ one
            for who, one in zip(self.people, z, strict=True)
        ]

    def _alike(self, similar: SimilarUsers, otherwise: list[Floats]) -> list[Floats]:
        """Return what similar users expect; `otherwise` for items that they do not know."""
        logs = [
            similar.evidence(who.items[who.shown], who.likes[who.shown], _sure(who)).sum(axis=0)
            for who in self.people
        ]
        every = normalised(similar.before(None, None) + np.array(logs)) @ similar.chances.T
        at = (similar.columns[who.items] for who in self.people)
        return [
            np.where(places >= 0, row[places], other)
            for places, row, other in zip(at, every, otherwise, strict=True)
        ]


def tuned(told: Statements, *, seed: int) -> LearnerSettings:
    """Return the settings for what users told, the defaults where too few of them can be held out."""
    test = NewUsers.of(told, seed=seed)
    best = LearnerSettings()
    if test is None or test.train.weights.shape[0] < LEAST_LISTENERS:
        return best
    if test.answered:
        best = replace(best, silence=0.0, similar=_START)
    found = test.judged(best, seed=seed)
    if test.answered:
        best, found = _best(best, found, [(LearnerSettings(), test.judged(LearnerSettings(), seed=seed))])
    for name, values in (_SILENT if best.silence is None else _ANSWERED).items():
        if (name == "history" and not test.histories) or (name == "unanswered" and not test.shown):
            continue
        tried = [_with(best, name, value) for value in values]
        best, found = _best(best, found, [(each, test.judged(each, seed=seed)) for each in tried])
    sides = (True,) if best.silence is None else (True, False)
    mixtures = [replace(best, apart=apart, similar=share) for apart in sides for share in _SIMILAR]
    judged = test.mixtures(mixtures, seed=seed)
    best, found = _best(best, found, list(zip(mixtures, judged, strict=True)))
    return replace(best, held_out=len(test.people), foreseen=round(float(found.mean()), 4))


def _with(settings: LearnerSettings, name: str, value: float) -> LearnerSettings:
    changed: dict[str, Any] = {name: value}
    return replace(settings, **changed)


def _best(
    best: LearnerSettings, found: Doubles, tried: list[tuple[LearnerSettings, Doubles]]
) -> tuple[LearnerSettings, Doubles]:
    """Return the settings with the highest mean, unless they gain less than their standard error."""
    other, theirs = max(tried, key=lambda one: float(one[1].mean()))
    gains = theirs - found
    error = float(gains.std(ddof=1)) / np.sqrt(len(gains))
    return (other, theirs) if float(gains.mean()) > error else (best, found)


def _rates(train: csr_matrix, *, answered: bool) -> Doubles:
    """Return what to order items by: the rate among those who answered, or the number of likes."""
    likes = np.bincount(train.indices, train.data > 0, train.shape[1]).astype(np.float64)
    return shrunk_rates(likes, np.bincount(train.indices, minlength=len(likes))) if answered else likes


def _held_out(weights: csr_matrix, rates: Doubles, *, answered: bool) -> HeldOut:
    """Return a user with one row of `weights`."""
    items = np.sort(weights.indices) if answered else np.arange(weights.shape[1])
    likes = np.isin(items, weights.indices[weights.data > 0])
    shown = np.zeros(len(items), dtype=bool)
    shown[np.argsort(-rates[items], kind="stable")[: min(_SHOWN, len(items) // 2)]] = True
    return HeldOut(items.astype(np.int32), likes, shown)


def _sure(who: HeldOut) -> Floats:
    return np.ones(int(np.count_nonzero(who.shown)), dtype=np.float32)


def _ndcg(scores: Floats, who: HeldOut) -> float:
    """Return the NDCG of the first `_PLACES` that were not shown; 0 for a user without likes there."""
    scores, likes = scores[~who.shown], who.likes[~who.shown]
    places = min(_PLACES, len(scores))
    gains = 1 / np.log2(np.arange(places) + 2)
    best = float(gains[: int(np.count_nonzero(likes))].sum())
    order = np.argpartition(-scores, places - 1)[:places] if places < len(scores) else np.arange(places)
    order = order[np.argsort(-scores[order], kind="stable")]
    return float(gains @ likes[order]) / best if best else 0.0
