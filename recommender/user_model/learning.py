"""Learning of the population: what its users said, the prior of taste, each user's taste, and similar users.

Without dislikes, silence is all that is known of what users do not like: a whole dislike each, for which the
prior has a closed form (`recommender.models.gaussian`). With dislikes a second prior is learned from answers
(`recommender.models.three_states`), in which silence counts as little as helps to foresee reactions. The two
priors know different things, what people choose to hear and what they say once they have heard it: similar
users go by the second, and the linear model by either, as `recommender.user_model.held_out` finds.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple, Self

import numpy as np
from scipy.sparse import csr_matrix

from recommender.arrays import Doubles, Floats, Rows
from recommender.linalg import binary, cleaned, one_thread
from recommender.models.gaussian import Prior, learned
from recommender.models.rates import AS_GOOD_AS_ASKED, UNANSWERED, answering
from recommender.models.relations import related_prior
from recommender.models.three_states import Observed, learned_from, tastes
from recommender.user_model.similar_users import MOST_LISTENERS, SimilarUsers, popular

SURE = 2.0
"""A weight of this size or more counts as a whole reaction; a like and a dislike weigh 4."""

LEAST_LISTENERS = 100
"""On the axis; with fewer users, single neighbours tell more than a covariance."""
_LISTENERS_PER_FACTOR = 10


@dataclass(frozen=True)
class LearnerSettings:
    """What the user model is learned with; the defaults hold where too few reactions can be held out."""

    factors: int = 64  # where silence is dislike ...
    damping: float = 0.7  # ... and the power of popularity that noise grows with
    silence: float | None = None
    """Weight of all silence of users who answer, in reactions given; None: silence is dislike."""
    history: float = 1.0  # the same of users who hardly dislike
    unanswered: float = UNANSWERED  # of each time that an item was shown and not answered, beside silence
    answer_factors: int = 8  # where answers are learned from ...
    shrinkage: float = 30.0  # ... and the pseudo-users without taste behind an item's loadings
    apart: bool = True  # whether similar users alone are learned from answers
    similar: float = 0.5  # share of an expected reaction that comes from similar users
    general: bool = False  # whether the linear model is what is generally known, for want of users
    held_out: int = 0  # users whose reactions these were chosen by
    foreseen: float = 0.0  # mean NDCG of the order of their reactions, 0 to 1

    @property
    def silent(self) -> "LearnerSettings":
        """The same with silence as dislike."""
        return replace(self, silence=None)


class Statements(NamedTuple):
    """What U users told of I items, in weights and in silence."""

    weights: csr_matrix  # U x I, signed
    unanswered: csr_matrix  # U x I float32: how often shown to a user who told nothing of it

    @classmethod
    def of(cls, weights: csr_matrix, unanswered: csr_matrix | None = None) -> Self:
        """Return it; without `unanswered` nothing was shown in vain."""
        return cls(weights, cleaned(0 * weights) if unanswered is None else unanswered)

    def some(self, users: Rows) -> "Statements":
        """Return what some users told."""
        return Statements(self.weights[users], self.unanswered[users])


class LearnedUsers(NamedTuple):
    """What is learned of U users."""

    said: Observed
    prior: Prior
    tastes: Doubles  # U x F


def both(told: Statements, settings: LearnerSettings, *, seed: int) -> tuple[LearnedUsers, LearnedUsers]:
    """Return the populations of the linear model and of similar users."""
    for_similar = learn(told, settings, seed=seed)
    if settings.silence is None or not settings.apart:
        return for_similar, for_similar
    return learn(told, settings.silent, seed=seed), for_similar


def learn(told: Statements, settings: LearnerSettings, *, seed: int) -> LearnedUsers:
    """Return the population of what users told; one without users if there are too few."""
    said = states(told, settings)
    listeners = int(np.count_nonzero(np.diff(told.weights.indptr)))
    if listeners < LEAST_LISTENERS:
        said, listeners = said.some(np.zeros(0, dtype=np.intp)), 0
    if settings.silence is None or not listeners:
        width = min(settings.factors, listeners // _LISTENERS_PER_FACTOR)
        prior = learned(said.told, factors=width, damping=settings.damping, seed=seed)
        found = LearnedUsers(said, prior, tastes(said, prior))
        return found._replace(prior=_lowered(prior, _asked(told, settings, listeners)))
    width = min(settings.answer_factors, listeners // _LISTENERS_PER_FACTOR)
    prior = learned_from(said, factors=width, shrinkage=settings.shrinkage, seed=seed)
    return LearnedUsers(said, prior, tastes(said, prior))


def generally_known(
    told: Statements, related: csr_matrix, fame: Floats | None, settings: LearnerSettings, *, seed: int
) -> LearnedUsers:
    """Return a population of too few users to learn from, by what is generally known of I items.

    `related` and `fame` are as in `recommender.models.relations`.
    """
    said = states(told, settings.silent)
    listeners = int(np.count_nonzero(np.diff(told.weights.indptr)))
    fame = np.zeros(told.weights.shape[1], dtype=np.float32) if fame is None else fame
    likes = np.asarray(said.liked.sum(axis=0), dtype=np.float64).ravel()
    prior = related_prior(related, fame, likes, listeners, factors=settings.factors, seed=seed)
    found = LearnedUsers(said, prior, tastes(said, prior))
    return found._replace(prior=_lowered(prior, _asked(told, settings, AS_GOOD_AS_ASKED + listeners)))


def _asked(told: Statements, settings: LearnerSettings, listeners: int) -> Doubles:
    """Return for each item the share of `listeners` among them and those who were asked in vain."""
    in_vain = settings.unanswered * np.asarray(told.unanswered.sum(axis=0), dtype=np.float64).ravel()
    return listeners / np.maximum(listeners + in_vain, 1)


def _lowered(prior: Prior, shares: Doubles) -> Prior:
    if (shares == 1).all():
        return prior
    return Prior.of((prior.mean * shares).astype(np.float32), prior.loadings, prior.noise)


def states(told: Statements, settings: LearnerSettings) -> Observed:
    """Return what users said: with `settings.silence` None likes alone, each for sure.

    What was shown and not answered is silence, and a little more.
    """
    weights = told.weights
    if settings.silence is None:
        likes = csr_matrix(binary(weights), dtype=np.float32)
        return Observed.of(likes, likes.data > 0, np.ones(likes.shape[0]))
    sure = np.minimum(1, np.abs(weights.data) / SURE).astype(np.float32)
    rows = np.repeat(np.arange(weights.shape[0]), np.diff(weights.indptr))
    asked, speaking = answering(weights), np.diff(weights.indptr) > 0
    silence = np.zeros(weights.shape[0])
    for users, share in ((asked, settings.silence), (speaking & ~asked, settings.history)):
        given = float(sure[users[rows]].sum())
        missing = int(np.count_nonzero(users)) * weights.shape[1] - int(np.count_nonzero(users[rows]))
        silence[users] = min(share * given / max(missing, 1), 1.0)
    shown = told.unanswered.tocoo()
    in_vain = np.minimum(silence[shown.row] + settings.unanswered * shown.data, 1)
    places = np.concatenate([rows, shown.row]), np.concatenate([weights.indices, shown.col])
    likes, none = sure * (weights.data > 0), np.zeros(len(in_vain))
    return Observed(
        csr_matrix((np.concatenate([sure, in_vain]), places), shape=weights.shape, dtype=np.float32),
        csr_matrix((np.concatenate([likes, none]), places), shape=weights.shape, dtype=np.float32),
        silence,
    )


def has_population(told: Statements) -> bool:
    """Tell whether enough users told something to learn a population from them."""
    return bool(np.count_nonzero(np.diff(told.weights.indptr)) >= LEAST_LISTENERS)


def similar_users(population: LearnedUsers, members: csr_matrix, trusted: Doubles, seed: int) -> SimilarUsers:
    """Return the known users as hypotheses; `members`: C x U; `trusted`: C, the weight of each community."""
    said, prior, found = population
    chosen = np.arange(len(found), dtype=np.int32)
    if len(chosen) > MOST_LISTENERS:
        chosen = np.sort(np.random.default_rng(seed).choice(chosen, MOST_LISTENERS, replace=False))
    items = popular(said.told)
    with one_thread():
        expected = found[chosen].astype(np.float32) @ prior.loadings[items].T + prior.mean[items]
    return SimilarUsers.of(said, expected, items, members, trusted, chosen)
