"""User model: what is expected of a taste, of people in general, of a community, and of one user.

Three levels of one linear-Gaussian model (`recommender.models.gaussian` has the first and its sources):

    population   z ~ N(0, I): mean and covariance of taste, learned from all listeners
    community    z ~ N(t c, I): the members' mean taste c pulls by its trust t (`user_model.community_prior`)
    user         z given reactions y, exact: precision = I + W' diag(v / noise) W

where v is how much a reaction counts.  What members have that F directions cannot say moves the mean of
single items as well.  Half of what is expected comes from this, half from similar known users
(`user_model.similar_users`): a linear model and one that is not err differently.  Nothing is kept of a user:
the posterior is computed from the reactions as they stand now, so that their doubling or removal cannot
matter, nor their order beyond how long ago each was.

A like is 1 and a dislike 0, each as sure as it was said; a skip or a single play says less
(`recommender.feedback` weighs them), silence says nothing: counting it as dislike made every rate worse.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommender.arrays import Doubles, Floats, Ints
from recommender.linalg import binary, one_thread
from recommender.models.gaussian import Posterior, Prior, learned
from recommender.scorers import Profile, Reason, TrainingData, most_blamed
from recommender.user_model.change_point import unchanged_since
from recommender.user_model.community_prior import trust
from recommender.user_model.recency import faded, newer_reactions, session_boost
from recommender.user_model.similar_users import (
    MOST_LISTENERS,
    MOST_REACTIONS,
    SimilarUsers,
    normalised,
    popular,
)

FACTORS = 64
_DAMPING = 0.7
_SURE = 2.0  # a weight of that size or more counts as a whole reaction; a like and a dislike weigh 4
_BEYOND = 0.2  # of what the place's people have, as far as the factors cannot say it
_LEAST_LIKES = 5  # of a member, for her taste to speak for the place
_LEAST_LISTENERS = 100  # on the axis; of fewer, single neighbours tell more than a covariance
_LISTENERS_PER_FACTOR = 10
_SIMILAR_SHARE = 0.5  # how much of what is expected comes from the listeners that the reactions resemble
_OUTLOOK = 10
_ROUNDING = 1e-6  # a smaller drop is none


@dataclass(frozen=True, eq=False)
class UserPosterior:
    """One person's posterior, with what made it; rows are the items that she reacted to."""

    gaussian: Posterior
    told: Doubles  # n x F: what a unit of surprise at each reaction moves the mean of z by
    surprise: Doubles  # n: reaction minus what is expected of it now
    leverage: Doubles  # n: how much of that expectation the reaction itself makes, 0 to 1
    similar: Floats  # H: how likely each known listener is the one to go by
    heard: NDArray[np.intp]  # m: the reactions that say so, all up to `similar_users.MOST_REACTIONS`
    evidence: Floats  # m x H: what each of them has added to the logarithm of that

    @cached_property
    def gained(self) -> Floats:
        """M x H: by how much each reaction has raised how likely each known listener is."""
        without = normalised(np.log(self.similar + np.finfo(np.float32).tiny) - self.evidence)
        return np.asarray(self.similar - without)


@dataclass(frozen=True, eq=False)
class UserModel:
    """Population and places of one axis: I items, F factors, C places."""

    prior: Prior
    places: Floats  # C x F: the mean of z in each place
    crowds: csr_matrix  # C x I float32: what a place adds to the mean of single items ...
    crowd_pull: Floats  # C: ... less so much of the population's mean
    similar: SimilarUsers

    @classmethod
    def fit(cls, data: TrainingData, *, seed: int, factors: int = FACTORS) -> Self:
        """Learn from who likes what and who is where; `seed` starts Lanczos."""
        likes = csr_matrix(binary(data.user_items), dtype=np.float32)
        listeners = int(np.count_nonzero(np.diff(likes.indptr)))
        if listeners < _LEAST_LISTENERS:
            likes, listeners = likes[:0], 0
        width = min(factors, listeners // _LISTENERS_PER_FACTOR)
        prior = learned(likes, factors=width, damping=_DAMPING, seed=seed)
        tastes = _tastes(prior, likes)
        speaking = np.diff(likes.indptr) >= _LEAST_LIKES
        members = csr_matrix(data.communities[:, : likes.shape[0]])
        members = csr_matrix(members.multiply(speaking[None, :]), dtype=np.float64)
        counts = np.asarray(members.sum(axis=1), dtype=np.float64).ravel()
        sums = members @ np.column_stack([tastes, np.einsum("uf,uf->u", tastes, tastes)])
        trusted = trust(tastes, sums, counts)
        per_member = trusted / np.maximum(counts, 1)
        crowds = csr_matrix((members.multiply(_BEYOND * per_member[:, None])) @ likes, dtype=np.float32)
        return cls(
            prior,
            ((1 - _BEYOND) * per_member[:, None] * sums[:, :-1]).astype(np.float32),
            crowds,
            (_BEYOND * per_member * counts).astype(np.float32),
            _similar_users(prior, tastes, likes, members, trusted, seed),
        )

    @property
    def known(self) -> bool:
        """Whether there is a population at all."""
        return bool(self.prior.loadings.shape[1])

    def posterior(self, profile: Profile, recency: Floats | None = None) -> UserPosterior:
        """Return what is believed of a person after the reactions of `profile`, in its place.

        `recency`: how much each still counts, 0 to 1.
        """
        sure = _sure(profile)
        if recency is not None:
            sure *= recency
        loadings = self.prior.loadings[profile.items].astype(np.float64)
        pressed = loadings * (sure / self.prior.noise[profile.items])[:, None]
        start = self._start(profile.community)
        missed = (profile.weights > 0) - self._means(profile.items, profile.community)
        # Too small for threads; to keep BLAS from them takes longer than all this.
        precision = np.eye(loadings.shape[1]) + pressed.T @ loadings
        covariance = np.asarray(np.linalg.inv(precision), dtype=np.float64)
        told = np.asarray(pressed @ covariance)
        mean = np.asarray(start + (missed - loadings @ start) @ told, dtype=np.float64)
        leverage = np.einsum("nf,nf->n", told, loadings)
        heard = np.argsort(-sure, kind="stable")[:MOST_REACTIONS]
        liked = profile.weights[heard] > 0
        evidence = self.similar.evidence(profile.items[heard], liked, sure[heard].astype(np.float32))
        similar = normalised(self.similar.before(profile.community, profile.own) + evidence.sum(axis=0))
        surprise = missed - loadings @ mean
        return UserPosterior(Posterior(mean, covariance), told, surprise, leverage, similar, heard, evidence)

    def recency(self, profile: Profile, latest: Doubles, now: float) -> Floats:
        """Return how much each item of `profile` counts at `now`, 0 to `recency.BOOST`.

        `latest`: seconds since 1970 of the last like, dislike or skip of each; -inf for what was only played,
        which counts 1: it is no verdict.
        """
        newer = newer_reactions(latest)
        played = np.isinf(latest)
        sure = _sure(profile).astype(np.float32)
        unchanged = unchanged_since(self.similar, profile, sure, np.where(played, -1, newer))
        counts = faded(newer) * session_boost(latest, newer, now) * unchanged
        return np.where(played, 1.0, counts).astype(np.float32)

    def means(self, posterior: UserPosterior, community: int | None, items: Ints | None = None) -> Floats:
        """Return the expected reaction to each of `items` (None: to all), 1 a like and 0 none."""
        loadings = self.prior.loadings if items is None else self.prior.loadings[items]
        linear = self._means(items, community) + loadings @ posterior.gaussian.mean.astype(np.float32)
        alike = self.similar.means(posterior.similar, items, linear)
        return np.asarray((1 - _SIMILAR_SHARE) * linear + _SIMILAR_SHARE * alike, dtype=np.float32)

    def deviations(self, posterior: UserPosterior, items: Ints) -> Floats:
        """Return how unsure the expected reactions are, as standard deviations."""
        loadings = self.prior.loadings[items].astype(np.float64)
        along = loadings @ posterior.gaussian.covariance
        return np.asarray(np.sqrt(np.einsum("if,if->i", along, loadings)), dtype=np.float32)

    def outlook(self, profile: Profile, recency: Floats | None = None) -> tuple[float, float]:
        """Return how many of the ten best unknown items should please, and the share of doubt that is gone.

        Doubt is the variance of the expected reactions, summed over all items.
        """
        posterior = self.posterior(profile, recency)
        expected = self.means(posterior, profile.community)
        expected[profile.items] = -np.inf
        best = np.sort(expected)[::-1][:_OUTLOOK]
        spread = np.einsum("if,ig->fg", self.prior.loadings, self.prior.loadings).astype(np.float64)
        left = float(np.einsum("fg,gf->", spread, posterior.gaussian.covariance)) / float(np.trace(spread))
        return float(np.clip(best[np.isfinite(best)], 0, 1).sum()), 1 - left

    def drops(self, posterior: UserPosterior, items: Ints) -> Doubles:
        """Return n x items: by how much each expected reaction would fall without each of n reactions.

        Exact: taking reaction j away moves z by told_j surprise_j / (1 - leverage_j) (Sherman and Morrison),
        and divides the weights of the known listeners by its evidence.
        """
        moved = posterior.told * (posterior.surprise / np.maximum(1 - posterior.leverage, 1e-9))[:, None]
        linear = np.asarray(moved @ self.prior.loadings[items].T.astype(np.float64), dtype=np.float64)
        alike = np.where(self.similar.columns[items] >= 0, 0.0, linear)
        alike[posterior.heard] = self.similar.means(posterior.gained, items, linear[posterior.heard])
        found = (1 - _SIMILAR_SHARE) * linear + _SIMILAR_SHARE * alike
        found[np.abs(found) < _ROUNDING] = 0
        return np.asarray(found, dtype=np.float64)

    def because_of(self, posterior: UserPosterior, profile: Profile, item: int) -> Reason:
        """Return the liked item without which the expected reaction to `item` would be lowest."""
        liked = profile.weights > 0
        drops = self.drops(posterior, np.array([item], dtype=np.int32))[:, 0]
        return most_blamed(profile.items[liked], drops[liked])

    def _start(self, community: int | None) -> Doubles:
        if community is None or not 0 <= community < len(self.places):
            return np.zeros(self.prior.loadings.shape[1])
        return np.asarray(self.places[community], dtype=np.float64)

    def _means(self, items: Ints | None, community: int | None) -> Floats:
        """Return the means of items in a place, as far as single items are concerned."""
        mean = self.prior.mean if items is None else self.prior.mean[items]
        if community is None or not 0 <= community < len(self.places):
            return mean
        crowd = np.zeros(len(self.prior.mean), dtype=np.float32)
        row = slice(self.crowds.indptr[community], self.crowds.indptr[community + 1])
        crowd[self.crowds.indices[row]] = self.crowds.data[row]
        here = crowd if items is None else crowd[items]
        return np.asarray((1 - self.crowd_pull[community]) * mean + here, dtype=np.float32)


def _sure(profile: Profile) -> Doubles:
    return np.minimum(1, np.abs(profile.weights.astype(np.float64)) / _SURE)


def _similar_users(
    prior: Prior, tastes: Doubles, likes: csr_matrix, members: csr_matrix, trusted: Doubles, seed: int
) -> SimilarUsers:
    chosen = np.arange(len(tastes), dtype=np.int32)
    if len(chosen) > MOST_LISTENERS:
        chosen = np.sort(np.random.default_rng(seed).choice(chosen, MOST_LISTENERS, replace=False))
    items = popular(likes)
    with one_thread():
        expected = tastes[chosen].astype(np.float32) @ prior.loadings[items].T + prior.mean[items]
    return SimilarUsers.of(likes, expected, items, members, trusted, chosen)


def _tastes(prior: Prior, likes: csr_matrix) -> Doubles:
    """Return U x F: each listener's mean of z, what she does not have counting as not liked."""
    told = prior.loadings / prior.noise[:, None]
    precision = np.eye(told.shape[1]) + prior.gram
    with one_thread():
        found = np.linalg.solve(precision, (likes @ told - prior.pull).T.astype(np.float64))
    return np.asarray(found.T, dtype=np.float64)
