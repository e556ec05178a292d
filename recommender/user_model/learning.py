"""Learning of the population: what its users said, the prior of taste, each user's taste, and similar users.

Without dislikes, silence is all that is known of what users do not like: a whole dislike each, for which the
prior has a closed form (`recommender.models.gaussian`). With dislikes a second prior is learned from answers
(`recommender.models.three_states`), in which silence counts as little as helps to foresee reactions. The two
priors know different things, what people choose to hear and what they say once they have heard it: similar
users go by the second, and the linear model by either, as `recommender.user_model.held_out` finds.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_matrix

from recommender.arrays import Doubles
from recommender.linalg import binary, one_thread
from recommender.models.gaussian import Prior, learned
from recommender.models.rates import answering
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
    answer_factors: int = 8  # where answers are learned from ...
    shrinkage: float = 30.0  # ... and the pseudo-users without taste behind an item's loadings
    apart: bool = True  # whether similar users alone are learned from answers
    similar: float = 0.5  # share of an expected reaction that comes from similar users
    held_out: int = 0  # users whose reactions these were chosen by
    foreseen: float = 0.0  # mean NDCG of the order of their reactions, 0 to 1

    @property
    def silent(self) -> "LearnerSettings":
        """The same with silence as dislike."""
        return replace(self, silence=None)


class LearnedUsers(NamedTuple):
    """What is learned of U users."""

    said: Observed
    prior: Prior
    tastes: Doubles  # U x F


def both(weights: csr_matrix, settings: LearnerSettings, *, seed: int) -> tuple[LearnedUsers, LearnedUsers]:
    """Return the populations of the linear model and of similar users, from U x I signed `weights`."""
    for_similar = learn(weights, settings, seed=seed)
    if settings.silence is None or not settings.apart:
        return for_similar, for_similar
    return learn(weights, settings.silent, seed=seed), for_similar


def learn(weights: csr_matrix, settings: LearnerSettings, *, seed: int) -> LearnedUsers:
    """Return the population of U x I signed `weights`; one without users if there are too few."""
    said = states(weights, settings)
    listeners = int(np.count_nonzero(np.diff(said.told.indptr)))
    if listeners < LEAST_LISTENERS:
        said, listeners = said.some(np.zeros(0, dtype=np.intp)), 0
    if settings.silence is None or not listeners:
        width = min(settings.factors, listeners // _LISTENERS_PER_FACTOR)
        prior = learned(said.told, factors=width, damping=settings.damping, seed=seed)
    else:
        width = min(settings.answer_factors, listeners // _LISTENERS_PER_FACTOR)
        prior = learned_from(said, factors=width, shrinkage=settings.shrinkage, seed=seed)
    return LearnedUsers(said, prior, tastes(said, prior))


def states(weights: csr_matrix, settings: LearnerSettings) -> Observed:
    """Return what users said, by signed weights: with `settings.silence` None likes alone, each for sure."""
    if settings.silence is None:
        likes = csr_matrix(binary(weights), dtype=np.float32)
        return Observed.of(likes, likes.data > 0, np.ones(likes.shape[0]))
    sure = np.minimum(1, np.abs(weights.data) / SURE).astype(np.float32)
    told = csr_matrix((sure, weights.indices, weights.indptr), shape=weights.shape)
    rows = np.repeat(np.arange(weights.shape[0]), np.diff(weights.indptr))
    asked, speaking = answering(weights), np.diff(weights.indptr) > 0
    silence = np.zeros(weights.shape[0])
    for users, share in ((asked, settings.silence), (speaking & ~asked, settings.history)):
        given = float(sure[users[rows]].sum())
        missing = int(np.count_nonzero(users)) * weights.shape[1] - int(np.count_nonzero(users[rows]))
        silence[users] = min(share * given / max(missing, 1), 1.0)
    return Observed.of(told, weights.data > 0, silence)


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
