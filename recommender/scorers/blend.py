"""Blend: the learned ensemble in its fast served form.

`recommender.models.ensemble` combines the whole library of models, for evaluation; this is the same
stacking (`models.ensemble.stacking`: weights that bend with the number of known items) over four models whose
scores are looked up (`recommender.scorers.blend_parts`), so that an ask takes milliseconds.  Few items of
all are worth a closer look: only those that the two sparse parts name have an opinion at all.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar, Self

import numpy as np

from recommender.arrays import Doubles, Floats, Ints, Mask
from recommender.linalg import combined
from recommender.scorers import (
    Opinion,
    Profile,
    Reason,
    Scorer,
    TrainingData,
    VoteWeights,
    most_blamed,
    no_opinion,
)
from recommender.scorers.blend_parts import FLOORS, PARTS, POOL, BlendParts, LikedRows
from recommender.scorers.blend_training import trained
from recommender.types import Facet

_WIDEST = 60.0  # of a logarithm of odds, so that nothing is infinite


@dataclass(frozen=True, eq=False)
class Blend(BlendParts, Scorer):
    """Odds that an item is the next: the exponential of a weighted sum of features."""

    name: ClassVar[str] = "blend"
    votes: ClassVar[VoteWeights] = VoteWeights(few=5.0, many=5.0, seeded=2.5)
    learns_from_others: ClassVar[bool] = True

    weights: Doubles  # N x features: row n - 1 is for n known items, the last for more

    @classmethod
    def fit(cls, data: TrainingData, *, seed: int) -> Self:
        """Train the parts, and learn to combine them from users they have not seen."""
        parts, weights = trained(data, seed=seed)
        return cls(**vars(parts), weights=weights)

    def only_by(self, facet: Facet) -> "Blend | None":
        """Return what goes by listeners alone; it has no part for sound or words alone."""
        return self.by_listeners if facet == "listeners" else None

    @cached_property
    def by_listeners(self) -> "Blend":
        """The same without a word on tags: what people like together and the latent part alone."""
        weights = self.weights.copy()
        for part in (PARTS.index("linear"), PARTS.index("tags")):
            weights[:, [part, len(PARTS) + part]] = 0
        return replace(self, weights=weights)

    def opinion(self, profile: Profile) -> Opinion:
        """Return the odds of each item that a sparse part names for something that is liked."""
        liked = self.liked_rows(profile)
        if not len(liked.likes.items):
            return no_opinion(self.n_items)
        sums, touched = self.part_sums(liked)
        items = np.unique(touched % self.n_items).astype(np.int32)
        return Opinion(self.n_items, items, self._odds(profile, liked, sums, items))

    def shortlist(self, profile: Profile, allowed: Mask, k: int) -> Opinion:
        """Return the odds of what each sparse part ranks highest among `allowed`: some `POOL` each."""
        liked = self.liked_rows(profile)
        if not len(liked.likes.items):
            return no_opinion(self.n_items)
        sums, touched = self.part_sums(liked)
        items = self.named(sums, touched, allowed, max(k, POOL))
        return Opinion(self.n_items, items, self._odds(profile, liked, sums, items))

    def because(self, profile: Profile, item: int) -> Reason:
        """Return the liked item without which the odds of `item` are lowest."""
        return self.reasons(profile, np.array([item], dtype=np.int32))[0]

    def reasons(self, profile: Profile, items: Ints) -> list[Reason]:
        """Return for each of some different items the liked one without which its odds are lowest."""
        liked = self.liked_rows(profile)
        likes = liked.likes
        if not len(likes.items):
            return [Reason(None, 0.0)] * len(items)
        shares, touching = self.shares(liked, items)
        against = self._against(profile, items)
        now = _odds(self._worth(shares.sum(axis=1), items, len(likes.items), against))
        now = np.where(touching.any(axis=0), now, 0.0)
        if len(likes.items) == 1:  # without it there is no opinion
            return [most_blamed(likes.items, now[[k]]) for k in range(len(items))]
        rest = np.sqrt(np.maximum(1 - liked.weights**2, 1e-12))[:, None]
        left = (shares.sum(axis=1, keepdims=True) - shares) / rest
        then = _odds(self._worth(left, items, len(likes.items) - 1, against))
        then = np.where(touching.sum(axis=0) > touching, then, 0.0)
        return [most_blamed(likes.items, now[k] - then[:, k]) for k in range(len(items))]

    def _odds(self, profile: Profile, liked: LikedRows, sums: Doubles, items: Ints) -> Floats:
        """Return the odds of some items, given the sums of the sparse parts over all."""
        parts = self.parts(liked, sums, items)
        worth = self._worth(parts, items, len(liked.likes.items), self._against(profile, items))
        return _odds(worth).astype(np.float32)

    def _worth(self, parts: Doubles, items: Ints, n_known: int, against: Doubles) -> Doubles:
        """Return logarithms of odds, ... x K."""
        weights = self.weights[min(n_known, len(self.weights)) - 1]
        return np.asarray(self.features(parts, items) @ weights - against)

    def _against(self, profile: Profile, items: Ints) -> Doubles:
        """Return by how much what is disliked lowers the logarithm of the odds of items; never below 0."""
        disliked = profile.disliked.items
        if not len(disliked):
            return np.zeros(len(items))
        near = combined(self.neighbours, disliked, np.ones(len(disliked)))[items]
        return np.asarray(np.log1p(np.maximum(near, 0) / FLOORS[0]))


def _odds(worth: Doubles) -> Doubles:
    return np.exp(np.minimum(np.maximum(worth, -_WIDEST), _WIDEST))
