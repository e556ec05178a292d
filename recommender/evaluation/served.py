"""The product's scorers as evaluation models: each sees a user as in a chat."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from recommender.arrays import Floats, Ints
from recommender.evaluation.baseline_scorers import BASELINE_SCORERS
from recommender.feedback import LONGEST
from recommender.feedback.matrix import IdIndex, ListeningMatrix
from recommender.linalg import entries, positive
from recommender.metrics.ranked_lists import ScoreRanker, recommended
from recommender.pipeline.diversity import MOST, popularity_damped, tag_vectors, varied
from recommender.pipeline.fusion import gather
from recommender.scorers import Profile, Scorer, TrainingData
from recommender.scorers.blend import Blend
from recommender.scorers.registry import SERVED as SERVED_SCORERS
from recommender.scorers.registry import served_on
from recommender.snapshot import Axis
from recommender.snapshot.eligibility import Eligibility
from recommender.training.catalog_arrays import rarity
from recommender.user_model import UserModel


@dataclass(frozen=True)
class ServedScorer:
    """A scorer, trained on plays and tags as by `segue train`."""

    kind: type[Scorer]
    dial: int = 0  # diversity setting, see `recommender.pipeline.diversity`

    def fit(
        self, user_items: csr_matrix, item_tags: csr_matrix | None = None, *, seed: int
    ) -> "ServedRanker":
        """Fit on users x I plays and I x T tag counts."""
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
    """A trained scorer; users without known items get popular ones, as in the pipeline."""

    scorer: Scorer
    popularity: Floats  # I
    vectors: csr_matrix  # I x T, rows of length 1 or 0
    dial: int

    def scores(self, known: csr_matrix) -> Floats:
        """Return users x I float32, higher is better, NaN for no score."""
        weights = _weights(known)
        answer = np.tile(self.popularity, (known.shape[0], 1))
        for person in np.flatnonzero(np.diff(weights.indptr)).tolist():
            row = slice(weights.indptr[person], weights.indptr[person + 1])
            profile = Profile(weights.indices[row], weights.data[row])
            answer[person] = self._dialled(self.scorer.score(profile), profile.items)
        return answer

    def _dialled(self, scores: Floats, known: Ints) -> Floats:
        """Return the scores, with the best ones reordered by the diversity setting."""
        if not self.dial:
            return scores
        found = np.nan_to_num(popularity_damped(scores, self.popularity, self.dial), nan=0.0)
        found[known] = 0.0
        best = np.argsort(-found, kind="stable")[:_LOOKED_AT]
        best = best[found[best] > 0]
        order = varied(found[best], self.vectors[best], _SHOWN, self.dial)
        answer = found.astype(np.float32)
        answer[best[order]] = found.max(initial=0.0) * (2 - np.arange(len(best)) / _LOOKED_AT)
        return answer

    def recommend(self, known: csr_matrix, n: int = 100) -> tuple[Ints, Floats]:
        """Return items and scores, users x n, best first, without known items."""
        return recommended(self, csr_matrix(known), n)


@dataclass(frozen=True)
class ServedTogether:
    """All artist scorers, trained as by `segue train` and fused as for a request."""

    def fit(
        self,
        user_items: csr_matrix,
        item_tags: csr_matrix | None = None,
        *,
        seed: int,
        heard: Floats | None = None,
    ) -> "Together":
        """Fit on users x I plays, I x T tag counts, and I x H heard vectors if there are any."""
        weights = _weights(user_items)
        n_users, n_items = weights.shape
        nothing = np.zeros((n_items, 0), dtype=np.float32)
        tags = csr_matrix(nothing) if item_tags is None else item_tags
        nowhere = csr_matrix(np.zeros((0, n_users), dtype=np.float32))
        data = TrainingData(weights, tags, nothing, nowhere, item_heard=heard)
        scorers = tuple(kind.fit(data, seed=seed) for kind in served_on("artists"))
        items, users = (IdIndex(np.arange(n, dtype=np.int64)) for n in (n_items, n_users))
        listening = ListeningMatrix(users, items, weights)
        everything = Eligibility.of(data.counts, np.ones(n_items, dtype=bool))
        return Together(Axis(listening, tags, scorers, UserModel.fit(data, seed=seed), everything), seed)


@dataclass(frozen=True, eq=False)
class Together(ScoreRanker):
    """Fused votes of all scorers of one axis."""

    axis: Axis
    seed: int

    def scores(self, known: csr_matrix) -> Floats:
        """Return users x I float32, the sum of votes, NaN without a vote."""
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
    """Return the weights of `recommender.feedback` for plays alone."""
    weights = positive(csr_matrix(plays))
    weights.sort_indices()
    weights.data = np.minimum(np.log2(1 + weights.data), np.float32(LONGEST)).astype(np.float32)
    return weights


_LOOKED_AT, _SHOWN = 200, 10

SERVED = "served"
"""Evaluation name of the product's recommender."""

TOGETHER = "served-together"
"""Evaluation name of the product's fused artist scorers."""

COMPARED: dict[str, ServedScorer | ServedTogether] = {
    SERVED: ServedScorer(Blend),
    TOGETHER: ServedTogether(),
    **{f"{SERVED}-{dial}": ServedScorer(Blend, dial) for dial in range(1, MOST + 1)},
    **{
        f"scorer-{kind.name.replace('_', '-')}": ServedScorer(kind)
        for kind in (*SERVED_SCORERS, *BASELINE_SCORERS)
    },
}
"""Models that are evaluated only when named."""
