"""Cold-start scorer: predicts an item's listeners from its tags, texts and sound.

The regression (`recommender.models.tag_regression`) is learned from items with listeners and scores every
described item, so that one nobody has played yet can be recommended.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Self

import numpy as np
from scipy.sparse import csr_matrix

from recommender.arrays import Doubles, Floats, Ids, Ints
from recommender.linalg import combined, entries, located, positive, summed
from recommender.models.tag_regression import TagRegression
from recommender.scorers import (
    AxisName,
    Opinion,
    Profile,
    Reason,
    Scorer,
    TrainingData,
    VoteWeights,
    most_blamed,
    no_opinion,
)
from recommender.scorers.heard_trial import heard_items

_WORTH_A_COPY = 3  # of the tags at most one in so many is copied before a product
LEAST_PEOPLE = 30
"""Users who like something; fewer teach nothing: then it is silent."""
LEAST_HEARD = 200
"""Items with both users and a sound, for sound to teach anything."""
_LEAST_ITEMS = 30  # described ones with two users


@dataclass(frozen=True, eq=False)
class ColdStart(Scorer):
    """The mean over what a listener likes of how near each item is to it by listeners, and by factors.

    Nearness of item i to known item k: v_i S v_k + v_i B f_k, with v the vectors of tags, f the factors of
    listening, S the inverse of the tags' ridged Gram matrix and B the factors that tags bring.  Added to it:
    how often the item is tagged at all.
    """

    name: ClassVar[str] = "cold_start"
    votes: ClassVar[VoteWeights] = VoteWeights(few=0.7, many=0.5, seeded=0.0)
    scores_unplayed: ClassVar[bool | None] = True
    axes: ClassVar[tuple[AxisName, ...]] = ("artists",)  # songs carry what is said about their artist
    # Both go by what is said of an item; this one has learned which users it brings.
    replaces: ClassVar[tuple[str, ...]] = ("content",)

    vectors: csr_matrix  # I x T float32, rows of length 1 or 0
    by_listeners: Floats  # T x T: S times the share of this part
    by_factors: Floats  # T x F: B times the share of this part
    listened: Ints  # the items that have factors, ascending
    factors: Floats  # len(listened) x F
    popularity: Floats  # I

    @classmethod
    def fit(cls, data: TrainingData, *, seed: int) -> Self:
        """Learn the regression; where too few people or items teach it, be silent."""
        likes = positive(data.user_items)
        likes = likes[np.diff(likes.indptr) > 0]
        people = np.bincount(likes.indices, minlength=likes.shape[1])
        texts = np.nan_to_num(data.item_features)
        described = (np.diff(positive(data.item_tags).indptr) > 0) | texts.any(axis=1)
        if likes.shape[0] < LEAST_PEOPLE or np.count_nonzero(described & (people > 1)) < _LEAST_ITEMS:
            return cls._silent(likes.shape[1])
        # The model takes logarithms itself: back to what the weights are logarithms of.
        likes.data = np.exp2(likes.data) - np.float32(1)
        is_taught = np.count_nonzero(heard_items(data) & (people > 0)) >= LEAST_HEARD
        sounds = data.item_heard if is_taught else None
        tags = positive(data.item_tags)
        return cls._of(TagRegression.fit(likes, tags, seed=seed, texts=texts, sounds=sounds), people)

    @classmethod
    def _of(cls, learned: TagRegression, people: Ids) -> Self:
        """Return the scorer with what a regression learned; `people`: how many like each item."""
        listened = np.flatnonzero(people).astype(np.int32)
        weights = learned.weights
        return cls(
            learned.parts.vectors,
            learned.solved * np.float32(weights.listeners),
            learned.by_tag * np.float32(weights.factors),
            listened,
            learned.parts.factors[listened],
            learned.parts.popularity * np.float32(weights.popularity),
        )

    @classmethod
    def _silent(cls, n: int) -> Self:
        nothing = np.zeros((0, 0), dtype=np.float32)
        vectors = csr_matrix(np.zeros((n, 0), dtype=np.float32))
        return cls(vectors, nothing, nothing, np.zeros(0, dtype=np.int32), nothing, np.zeros(n, np.float32))

    @property
    def has_learned(self) -> bool:
        """Whether it has learned anything."""
        return bool(self.vectors.nnz)

    @cached_property
    def _items(self) -> Ints:
        """The described items, worked out once."""
        return np.flatnonzero(np.diff(self.vectors.indptr)).astype(np.int32)

    def opinion(self, profile: Profile) -> Opinion:
        """Return the score of each described item; what is like the disliked ones falls, nothing rises."""
        likes = self._described(profile.liked)
        if not len(likes.items):
            return no_opinion(len(self.popularity))
        scores = self.vectors @ self._towards(likes) + self.popularity
        dislikes = self._described(profile.disliked)
        if len(dislikes.items):
            scores -= np.maximum(self.vectors @ -self._towards(dislikes), 0)
        known = self._items
        return Opinion(len(self.popularity), known, scores if len(known) == len(scores) else scores[known])

    def because(self, profile: Profile, item: int) -> Reason:
        """Return the liked item without which the score of `item` is lowest."""
        likes = self._described(profile.liked)
        mine = entries(self.vectors, np.array([item], dtype=np.int32))
        if not len(likes.items) or not len(mine.column):
            return Reason(None, 0.0)
        near = self._near(likes.items, mine.column, mine.data.astype(np.float64))
        weights = likes.weights.astype(np.float64)
        total, weight = float(weights @ near), float(weights.sum())
        if len(near) == 1:
            return most_blamed(likes.items, np.array([float(self.score(profile)[item])]))
        without = (total - weights * near) / (weight - weights)
        return most_blamed(likes.items, total / weight - without)

    def _near(self, items: Ints, columns: Ints, v: Doubles) -> Doubles:
        """Return how near each of some items is to a vector that is `v` at some tags."""
        tags = entries(self.vectors, items)
        towards = v @ self.by_listeners[columns]
        by_listeners = summed(tags.row, tags.data * towards[tags.column], len(items))
        rows, there = located(self.listened, items, len(self.popularity))
        by_factors = np.zeros(len(items))
        by_factors[there] = self.factors[rows].astype(np.float64) @ (v @ self.by_factors[columns])
        return by_listeners + by_factors

    def _towards(self, known: Profile) -> Floats:
        """Return a vector of tags whose product with an item's is how near that is to what is known."""
        weights = known.weights / np.abs(known.weights).sum(dtype=np.float64)
        wanted = combined(self.vectors, known.items, weights).astype(np.float32)
        some = np.flatnonzero(wanted)
        rows, there = located(self.listened, known.items, len(self.popularity))
        taste = weights[there].astype(np.float32) @ self.factors[rows]
        if len(some) * _WORTH_A_COPY < len(wanted):
            by_listeners = wanted[some] @ self.by_listeners[some]
        else:  # the copy of so many rows would take longer than all products
            by_listeners = wanted @ self.by_listeners
        return np.asarray(by_listeners + self.by_factors @ taste)

    def _described(self, profile: Profile) -> Profile:
        """Return what something is known of."""
        if not self.has_learned:
            return Profile(profile.items[:0], profile.weights[:0], profile.community)
        described = self.vectors.indptr[profile.items + 1] > self.vectors.indptr[profile.items]
        _, listened = located(self.listened, profile.items, len(self.popularity))
        kept = described | listened
        return Profile(profile.items[kept], profile.weights[kept], profile.community)
