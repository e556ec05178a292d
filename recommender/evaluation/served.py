"""The scorers of a snapshot as models that can be evaluated: each sees a person as a chat would."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from recommender.arrays import Floats, Ints
from recommender.evaluation.baseline_scorers import BASELINE_SCORERS
from recommender.feedback import LONGEST
from recommender.feedback.matrix import IdIndex, ListeningMatrix
from recommender.linalg import entries, positive
from recommender.metrics.ranked_lists import Listing, recommended
from recommender.pipeline.diversity import MOST, damped, tag_vectors, varied
from recommender.pipeline.fusion import gather
from recommender.scorers import Profile, Scorer, TrainingData
from recommender.scorers.blend import Blend
from recommender.scorers.registry import SERVED as SERVED_SCORERS
from recommender.scorers.registry import served_on
from recommender.snapshot import Axis
from recommender.training.catalog_arrays import rarity
from recommender.user_model import UserModel


@dataclass(frozen=True)
class Served:
    """A scorer, trained on plays and tags as `segue train` trains it."""

    kind: type[Scorer]
    dial: int = 0  # of `recommender.pipeline.diversity`

    def fit(
        self, user_items: csr_matrix, item_tags: csr_matrix | None = None, *, seed: int
    ) -> "ServedRanker":
        """Learn from users x I plays and I x T tag counts."""
        weights = _weights(user_items)
        n_users, n_items = weights.shape
        nothing = np.zeros((n_items, 0), dtype=np.float32)
        tags = csr_matrix(nothing) if item_tags is None else item_tags
        nowhere = csr_matrix(np.zeros((0, n_users), dtype=np.float32))
        people = np.bincount(weights.indices, minlength=n_items).astype(np.float32)
        scorer = self.kind.fit(TrainingData(weights, tags, nothing, nowhere), seed=seed)
        everything = np.arange(n_items, dtype=np.int32)
        vectors = tag_vectors(entries(tags, everything), rarity(tags), n_items)
        return ServedRanker(scorer, people, vectors, self.dial)


@dataclass(frozen=True, eq=False)
class ServedRanker:
    """A trained scorer; of people of whom nothing is known it says what is popular, as the pipeline does."""

    scorer: Scorer
    popularity: Floats  # I
    vectors: csr_matrix  # I x T, rows of length 1 or 0
    dial: int

    def scores(self, known: csr_matrix) -> Floats:
        """Return persons x I float32, higher is better, NaN for no opinion."""
        weights = _weights(known)
        answer = np.tile(self.popularity, (known.shape[0], 1))
        for person in np.flatnonzero(np.diff(weights.indptr)).tolist():
            row = slice(weights.indptr[person], weights.indptr[person + 1])
            profile = Profile(weights.indices[row], weights.data[row])
            answer[person] = self._dialled(self.scorer.score(profile), profile.items)
        return answer

    def _dialled(self, scores: Floats, known: Ints) -> Floats:
        """Return the scores, those of the best changed so that they stand as the dial says."""
        if not self.dial:
            return scores
        found = np.nan_to_num(damped(scores, self.popularity, self.dial), nan=0.0)
        found[known] = 0.0
        best = np.argsort(-found, kind="stable")[:_LOOKED_AT]
        best = best[found[best] > 0]
        order = varied(found[best], self.vectors[best], _SHOWN, self.dial)
        answer = found.astype(np.float32)
        answer[best[order]] = found.max(initial=0.0) * (2 - np.arange(len(best)) / _LOOKED_AT)
        return answer

    def recommend(self, known: csr_matrix, n: int = 100) -> tuple[Ints, Floats]:
        """Return items and scores, persons x n, best first, known items left out."""
        return recommended(self, csr_matrix(known), n)


@dataclass(frozen=True)
class ServedTogether:
    """All opinions on artists, trained as `segue train` trains them and fused as a request fuses them."""

    def fit(self, user_items: csr_matrix, item_tags: csr_matrix | None = None, *, seed: int) -> "Together":
        """Learn from users x I plays and I x T tag counts."""
        weights = _weights(user_items)
        n_users, n_items = weights.shape
        nothing = np.zeros((n_items, 0), dtype=np.float32)
        tags = csr_matrix(nothing) if item_tags is None else item_tags
        data = TrainingData(weights, tags, nothing, csr_matrix(np.zeros((0, n_users), dtype=np.float32)))
        scorers = tuple(kind.fit(data, seed=seed) for kind in served_on("artists"))
        items, users = (IdIndex(np.arange(n, dtype=np.int64)) for n in (n_items, n_users))
        listening = ListeningMatrix(users, items, weights)
        return Together(Axis(listening, tags, scorers, UserModel.fit(data, seed=seed)), seed)


@dataclass(frozen=True, eq=False)
class Together(Listing):
    """Votes of all scorers of one axis."""

    axis: Axis
    seed: int

    def scores(self, known: csr_matrix) -> Floats:
        """Return persons x I float32, the sum of votes, NaN where nobody votes."""
        weights, rng = _weights(known), np.random.default_rng(self.seed)
        everything = np.ones(known.shape[1], dtype=np.bool_)
        answer = np.full(known.shape, np.nan, dtype=np.float32)
        for person in range(known.shape[0]):
            row = slice(weights.indptr[person], weights.indptr[person + 1])
            profile = Profile(weights.indices[row], weights.data[row])
            found = gather(self.axis, profile, everything, known.shape[1], rng)
            answer[person, found.items] = found.votes.sum(axis=1)
        return answer


def _weights(plays: csr_matrix) -> csr_matrix:
    """Return what `recommender.feedback` makes of plays alone."""
    weights = positive(csr_matrix(plays))
    weights.sort_indices()
    weights.data = np.minimum(np.log2(1 + weights.data), np.float32(LONGEST)).astype(np.float32)
    return weights


_LOOKED_AT, _SHOWN = 200, 10

SERVED = "served"
"""What recommends in the product, by the name under which it is evaluated."""

TOGETHER = "served-together"
"""All that has an opinion on artists in the product, fused."""

COMPARED: dict[str, Served | ServedTogether] = {
    SERVED: Served(Blend),
    TOGETHER: ServedTogether(),
    **{f"{SERVED}-{dial}": Served(Blend, dial) for dial in range(1, MOST + 1)},
    **{
        f"scorer-{kind.name.replace('_', '-')}": Served(kind) for kind in (*SERVED_SCORERS, *BASELINE_SCORERS)
    },
}
"""Evaluated only where they are named."""
