"""Latent semantic space of listening: items are close if the same kind of users like them.

Source: Deerwester et al., "Indexing by latent semantic analysis", JASIS 41(6), 1990; for recommending: Sarwar
et al., "Application of dimensionality reduction in recommender systems", WebKDD 2000; dislikes: Rocchio,
"Relevance feedback in information retrieval", 1971.
"""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import LinearOperator, eigsh

from recommender.arrays import Doubles, Floats, Ints
from recommender.linalg import (
    cosine_drops,
    direction_length,
    located,
    one_thread,
    positive,
    positive_columns,
    row_norms,
    strength,
)
from recommender.scorers import Opinion, Profile, Reason, Scorer, TrainingData, most_blamed, no_opinion

# With less than this share of its column in the latent space, an item's direction is rounding.
_OUTSIDE = 1e-5


@dataclass(frozen=True, eq=False)
class LatentSVD(Scorer):
    """Cosine of each item with the sum of the user's likes, in the space of a truncated SVD."""

    name: ClassVar[str] = "svd"

    n_items: int
    known: Ints  # ascending columns that have a vector
    item_vectors: Floats  # len(known) x F, each of length at most 1

    @classmethod
    def fit(cls, data: TrainingData, *, seed: int, factors: int = 64, damping: float = 5.0) -> Self:
        """Decompose the likes into U S V'; an item's vector is its row of V S, normalised to length 1.

        `seed` draws the iteration's start vector, which only affects rounding. `factors`: number of
        singular values; on Last.fm's artists 64 do nearly as well as more. `damping`: pseudo-count of
        users per item outside the space; 0 is the plain cosine, where items with a single user crowd
        out all others.
        """
        likes = positive(data.user_items)
        known = positive_columns(likes)
        likes = likes[:, known]
        with one_thread():
            vectors = _scaled_right_vectors(likes, factors, seed)
        lengths = np.linalg.norm(vectors, axis=1)
        inside = lengths > _OUTSIDE * row_norms(csr_matrix(likes.T))
        vectors = vectors[inside] / np.sqrt(lengths[inside, None] ** 2 + strength(likes, damping))
        return cls(data.user_items.shape[1], known[inside], vectors.astype(np.float32))

    def opinion(self, profile: Profile) -> Opinion:
        """Return each known item's cosine with the sum of the likes, minus that with the dislikes.

        The sums are of vectors times weights, and both are divided by the length of the first. Only
        positive similarity to dislikes counts, so that a dislike never adds.
        """
        weights, vectors = self._vectors(profile.liked)
        wanted = weights @ vectors
        length = direction_length(wanted, weights)
        if not length:
            return no_opinion(self.n_items)
        scores = self.item_vectors @ (wanted / length).astype(np.float32)
        weights, vectors = self._vectors(profile.disliked)
        if len(weights):
            unwanted = weights @ vectors
            scores -= np.maximum(self.item_vectors @ (unwanted / length).astype(np.float32), 0)
        return Opinion(self.n_items, self.known, scores)

    def because(self, profile: Profile, item: int) -> Reason:
        """Return the liked item whose removal lowers the score of `item` most."""
        row, found = located(self.known, np.array([item], dtype=np.int32), self.n_items)
        weights, vectors = self._vectors(profile.liked)
        if not found.any() or not direction_length(weights @ vectors, weights):
            return Reason(None, 0.0)
        target = self.item_vectors[row[0]].astype(np.float64)
        against, unwanted = self._vectors(profile.disliked)
        drops = cosine_drops(
            weights,
            to_item=(vectors @ target)[:, None],
            to_sum=vectors @ (weights @ vectors),
            squares=np.einsum("lf,lf->l", vectors, vectors),
            penalty=np.maximum(0.0, [against @ unwanted @ target]),
        )
        known = profile.liked.items[located(self.known, profile.liked.items, self.n_items)[1]]
        return most_blamed(known, drops[:, 0])

    def _vectors(self, profile: Profile) -> tuple[Doubles, Doubles]:
        """Return the absolute weights of the profile and its items' vectors, as far as known."""
        rows, found = located(self.known, profile.items, self.n_items)
        return np.abs(profile.weights[found].astype(np.float64)), self.item_vectors[rows].astype(np.float64)


def _scaled_right_vectors(likes: csr_matrix, factors: int, seed: int) -> Doubles:
    """Return V S of the largest singular values: one row per column of `likes`."""
    users, items = likes.shape
    doubles = csr_matrix(likes, dtype=np.float64)
    if users <= factors:  # nothing is cut off; then X' = V S U' has the inner products of V S
        return doubles.T.toarray()
    if items <= factors:
        values, right = np.linalg.eigh((doubles.T @ doubles).toarray())
        return np.asarray(right * np.sqrt(np.maximum(values, 0)))
    # The smaller of X X' and X' X, in steps between which other threads can run: `svds` ends in one dense
    # decomposition, which holds the interpreter lock for a third of a second.
    wide = users < items
    outer = doubles if wide else csr_matrix(doubles.T)
    inner = csr_matrix(outer.T)
    n = outer.shape[0]
    gram = LinearOperator((n, n), matvec=lambda v: outer @ (inner @ v), dtype=np.float64)
    squares, basis = eigsh(gram, k=factors, v0=np.random.default_rng(seed).random(n))
    # With X = U S V': the basis is U where X is wide, and V S = X' U; else it is V.
    return np.asarray(inner @ basis if wide else basis * np.sqrt(np.maximum(squares, 0.0)))
