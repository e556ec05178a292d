"""User model: expected reactions from the population, a community and one user's own reactions.

Three levels of one linear-Gaussian model (`recommender.models.gaussian` has the first and its sources; with
few users it is what is generally known, `recommender.models.relations`):

    population   z ~ N(0, I): mean and covariance of taste, learned from all users
    community    z ~ N(t c, I): the members' mean taste c, weighted by trust t (`user_model.community_prior`);
                 members newer than the training count by their reactions so far
    user         z given reactions y, exact: precision = I + W' diag(v / noise) W

where v is a reaction's weight. The part of the members' likes outside the F directions shifts the means of
single items as well. Part of an expected reaction comes from this model, the rest from similar users
(`user_model.similar_users`): a linear and a non-linear model err differently. How both are learned is in
`user_model.learning`, with which settings in `user_model.held_out`. No state is kept per user: the
posterior is computed from the reactions that stand, so that duplicates, undone reactions and arrival order
have no effect, except for each reaction's age.

A like is 1 and a dislike 0, with the certainty of the reaction; a skip or a single play says less
(`recommender.feedback` has the weights), and no reaction says nothing: counting it as dislike lowered every
rate.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommender.arrays import Doubles, Floats, Ints
from recommender.linalg import binary, cleaned, one_thread
from recommender.models.gaussian import Posterior, Prior
from recommender.scorers import Profile, Reason, TrainingData
from recommender.user_model.change_point import unchanged_since
from recommender.user_model.community_prior import trust
from recommender.user_model.held_out import tuned
from recommender.user_model.learning import (
    SURE,
    LearnerSettings,
    Statements,
    both,
    generally_known,
    has_population,
    similar_users,
)
from recommender.user_model.recency import faded, newer_reactions, session_boost
from recommender.user_model.similar_users import MOST_REACTIONS, Fresh, SimilarUsers, normalised, telling

_BEYOND = 0.2  # of the members' likes, as far as the factors cannot express them
_LEAST_SAID = 5  # reactions of a member, to count towards the community's taste
_OUTLOOK = 10
_ROUNDING = 1e-6  # a smaller drop counts as none


@dataclass(frozen=True, eq=False)
class UserPosterior:
    """One user's posterior with its inputs; rows are the n items with a reaction."""

    gaussian: Posterior
    gain: Doubles  # n x F: change of the mean of z per unit of surprise at each reaction
    surprise: Doubles  # n: reaction minus its expectation
    leverage: Doubles  # n: share of that expectation due to the reaction itself, 0 to 1
    own: Doubles  # n: what each reaction says of its item beyond all others, for when it comes again
    similar: Floats  # H: weight of each similar user
    heaviest: NDArray[np.intp]  # m: the reactions behind those weights
    evidence: Floats  # m x H: log-weight that each of them has added

    @cached_property
    def users(self) -> NDArray[np.intp] | None:
        """The similar users who count; None if they are not few."""
        return telling(self.similar)

    @cached_property
    def gained(self) -> Floats:
        """M x H: log-weight that each reaction has added to each similar user, or to each of `users`."""
        some = slice(None) if self.users is None else self.users
        similar = self.similar[some]
        without = np.exp(-self.evidence[:, some])
        without *= similar
        without /= without.sum(axis=-1, keepdims=True)
        return np.subtract(similar, without, out=without)


class Blamed(NamedTuple):
    """The cause of each of K expected reactions: without it that would fall most, and by how much."""

    causes: NDArray[np.integer]  # K liked items
    drops: Doubles  # K; 0 or less: no like is the cause

    def reason(self, row: int) -> Reason:
        """Return one of them."""
        drop = float(self.drops[row])
        return Reason(int(self.causes[row]), drop) if drop > 0 else Reason(None, 0.0)


@dataclass(frozen=True, eq=False)
class UserModel:
    """Population and communities on one axis: I items, F factors, C communities."""

    prior: Prior
    places: Floats  # C x F: mean of z per community
    crowds: csr_matrix  # C x I float32: a community's shift of single items' means ...
    crowd_pull: Floats  # C: ... minus this multiple of the population's mean
    similar: SimilarUsers
    settings: LearnerSettings
    odds: float  # that one more member's taste adds to the weight of a community's

    @classmethod
    def fit(cls, data: TrainingData, *, seed: int, settings: LearnerSettings | None = None) -> Self:
        """Fit on reactions and memberships; without `settings` they are chosen by held-out reactions.

        `seed` draws the held-out users and starts Lanczos and expectation maximisation.
        """
        told = Statements.of(cleaned(data.user_items), data.unanswered)
        if settings is None:
            settings = tuned(told, seed=seed)
        population, others = both(told, settings, seed=seed)
        if data.item_related is not None and data.item_related.nnz and not has_population(told):
            settings = replace(settings, silence=None, similar=0.0, general=True)
            population = generally_known(told, data.item_related, data.item_fame, settings, seed=seed)
        said, prior, tastes = population
        spoken = binary(told.weights) if settings.silence is None else told.weights
        speaking = np.diff(spoken.indptr)[: len(tastes)] >= _LEAST_SAID
        members = csr_matrix(data.communities[:, : len(tastes)])
        members = csr_matrix(members.multiply(speaking[None, :]), dtype=np.float64)
        counts = np.asarray(members.sum(axis=1), dtype=np.float64).ravel()
        sums = members @ np.column_stack([tastes, np.einsum("uf,uf->u", tastes, tastes)])
        trusted, odds = trust(tastes, sums, counts)
        per_member = trusted / np.maximum(counts, 1)
        shares = csr_matrix(members.multiply(_BEYOND * per_member[:, None]))
        # What members said beyond their silence replaces the mean as well.
        answered = said.beyond.multiply(prior.mean[None, :])
        crowds = csr_matrix(shares @ (said.liked - csr_matrix(answered)), dtype=np.float32)
        return cls(
            prior,
            ((1 - _BEYOND) * per_member[:, None] * sums[:, :-1]).astype(np.float32),
            crowds,
            np.asarray(shares @ said.silence, dtype=np.float32),
            similar_users(others, members[:, : len(others.tastes)], trusted, seed),
            settings,
            odds,
        )

    def only(self, items: Ints) -> "UserModel":
        """Return the model of some items (ascending) alone, as copies that lie together in memory."""
        prior, crowds = self.prior, csr_matrix(self.crowds[:, items])
        some = replace(
            prior, mean=prior.mean[items], loadings=prior.loadings[items], noise=prior.noise[items]
        )
        return replace(self, prior=some, crowds=crowds, similar=self.similar.only(items))

    @property
    def known(self) -> bool:
        """Whether there is a population."""
        return bool(self.prior.loadings.shape[1])

    def posterior(self, profile: Profile, recency: Floats | None = None) -> UserPosterior:
        """Return a user's posterior after the reactions of `profile`, in its community.

        `recency`: weight of each reaction, 0 to `recency.BOOST`.
        """
        sure = _sure(profile)
        if recency is not None:
            sure *= recency
        loadings = self.prior.loadings[profile.items].astype(np.float64)
        weighed = loadings * (sure / self.prior.noise[profile.items])[:, None]
        start, before = self._place(profile)
        missed = (profile.weights > 0) - self._means(profile.items, profile.community)
        # Too small for threads; limiting BLAS to one would take longer than the computation.
        precision = np.eye(loadings.shape[1]) + weighed.T @ loadings
        covariance = np.asarray(np.linalg.inv(precision), dtype=np.float64)
        gain = np.asarray(weighed @ covariance)
        mean = np.asarray(start + (missed - loadings @ start) @ gain, dtype=np.float64)
        leverage = np.einsum("nf,nf->n", gain, loadings)
        heaviest = np.argsort(-sure, kind="stable")[:MOST_REACTIONS]
        liked = profile.weights[heaviest] > 0
        evidence = self.similar.evidence(profile.items[heaviest], liked, sure[heaviest].astype(np.float32))
        similar = normalised(before + evidence.sum(axis=0))
        surprise = missed - loadings @ mean
        # As after one reaction more that was as expected.
        told = np.abs(profile.weights) / SURE
        own = surprise * told / (1 + told)
        return UserPosterior(
            Posterior(mean, covariance), gain, surprise, leverage, own, similar, heaviest, evidence
        )

    def recency(self, profile: Profile, latest: Doubles, now: float) -> Floats:
        """Return the weight of each item of `profile` at `now`, 0 to `recency.BOOST`.

        `latest`: seconds since 1970 of each item's last like, dislike or skip; -inf for items that
        were only played, which weigh 1, since a play is no verdict.
        """
        newer = newer_reactions(latest)
        played = np.isinf(latest)
        sure = _sure(profile).astype(np.float32)
        unchanged = unchanged_since(self.similar, profile, sure, np.where(played, -1, newer))
        counts = faded(newer) * session_boost(latest, newer, now) * unchanged
        return np.where(played, 1.0, counts).astype(np.float32)

    def means(self, posterior: UserPosterior, community: int | None, items: Ints | None = None) -> Floats:
        """Return the expected reaction to each of `items` (None: all), 1 for a like, 0 for none."""
        loadings = self.prior.loadings if items is None else self.prior.loadings[items]
        linear = self._means(items, community) + loadings @ posterior.gaussian.mean.astype(np.float32)
        few = posterior.users if items is not None or self.similar.is_by_user else None
        weights = posterior.similar if few is None else posterior.similar[few]
        alike = self.similar.means(weights, items, linear, few)
        share = self.settings.similar
        return np.asarray((1 - share) * linear + share * alike, dtype=np.float32)

    def deviations(self, posterior: UserPosterior, items: Ints) -> Floats:
        """Return the standard deviations of the expected reactions to `items`."""
        loadings = self.prior.loadings[items].astype(np.float64)
        along = loadings @ posterior.gaussian.covariance
        return np.asarray(np.sqrt(np.einsum("if,if->i", along, loadings)), dtype=np.float32)

    def outlook(
        self, profile: Profile, recency: Floats | None = None, known: Ints | None = None
    ) -> tuple[float, float]:
        """Return how many of the ten best unknown items should please, and the share of variance explained.

        `known`: the known items, by default those of `profile`. The variance is that of the expected
        reactions, summed over all items.
        """
        posterior = self.posterior(profile, recency)
        expected = self.means(posterior, profile.community)
        expected[profile.items if known is None else known] = -np.inf
        best = np.sort(expected)[::-1][:_OUTLOOK]
        left = float(np.einsum("fg,gf->", self._spread, posterior.gaussian.covariance))
        left /= float(np.trace(self._spread))
        return float(np.clip(best[np.isfinite(best)], 0, 1).sum()), 1 - left

    def drops(self, posterior: UserPosterior, items: Ints) -> Doubles:
        """Return n x items: the drop of each expected reaction without each of the n reactions.

        Exact: removing reaction j moves z by told_j surprise_j / (1 - leverage_j) (Sherman and
        Morrison), and divides the similar users' weights by its evidence.
        """
        moved = posterior.gain * (posterior.surprise / np.maximum(1 - posterior.leverage, 1e-9))[:, None]
        linear = np.asarray(moved @ self.prior.loadings[items].T.astype(np.float64), dtype=np.float64)
        alike = np.where(self.similar.columns[items] >= 0, 0.0, linear)
        alike[posterior.heaviest] = self.similar.means(
            posterior.gained, items, linear[posterior.heaviest], posterior.users
        )
        share = self.settings.similar
        found = (1 - share) * linear + share * alike
        found[np.abs(found) < _ROUNDING] = 0
        return np.asarray(found, dtype=np.float64)

    def blamed(self, posterior: UserPosterior, profile: Profile, items: Ints) -> Blamed:
        """Return for each of some items the liked one whose removal lowers its expected reaction most."""
        liked = profile.weights > 0
        if not liked.any():
            return Blamed(np.full(len(items), -1), np.zeros(len(items)))
        drops = self.drops(posterior, items)[liked]
        best = drops.argmax(axis=0)
        return Blamed(profile.items[liked][best], drops[best, np.arange(len(items))])

    def because_of(self, posterior: UserPosterior, profile: Profile, item: int) -> Reason:
        """Return the liked item whose removal lowers the expected reaction to `item` most."""
        return self.blamed(posterior, profile, np.array([item], dtype=np.int32)).reason(0)

    @cached_property
    def _spread(self) -> Doubles:
        """F x F: the sum over all items of the products of their loadings."""
        with one_thread():
            return np.asarray(self.prior.loadings.T @ self.prior.loadings, dtype=np.float64)

    def _place(self, profile: Profile) -> tuple[Doubles, Floats]:
        """Return the prior in the user's community: the mean of z, and similar users' log weights.

        Members whom the training has not seen count by what stands of their own reactions.
        """
        start, known = self._start(profile.community), self.similar.trusted(profile.community)
        if not profile.members:
            return start, self.similar.before(profile.community, profile.own)
        alone = [self.posterior(member) for member in profile.members]
        fresh = Fresh(self.odds * len(alone), np.mean([one.similar for one in alone], axis=0))
        before = self.similar.before(profile.community, profile.own, fresh)
        odds, mean = 1 / (1 - known), np.mean([one.gaussian.mean for one in alone], axis=0)
        start = (odds * start + (1 - _BEYOND) * fresh.odds * mean) / (odds + fresh.odds)
        return np.asarray(start, dtype=np.float64), before

    def _start(self, community: int | None) -> Doubles:
        if community is None or not 0 <= community < len(self.places):
            return np.zeros(self.prior.loadings.shape[1])
        return np.asarray(self.places[community], dtype=np.float64)

    def _means(self, items: Ints | None, community: int | None) -> Floats:
        """Return the items' means in a community, from single items alone."""
        mean = self.prior.mean if items is None else self.prior.mean[items]
        if community is None or not 0 <= community < len(self.places):
            return mean
        crowd = np.zeros(len(self.prior.mean), dtype=np.float32)
        row = slice(self.crowds.indptr[community], self.crowds.indptr[community + 1])
        crowd[self.crowds.indices[row]] = self.crowds.data[row]
        here = crowd if items is None else crowd[items]
        return np.asarray((1 - self.crowd_pull[community]) * mean + here, dtype=np.float32)


def _sure(profile: Profile) -> Doubles:
    return np.minimum(1, np.abs(profile.weights.astype(np.float64)) / SURE)
