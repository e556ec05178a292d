"""The scorers of a snapshot as models that can be evaluated: each sees a person as a chat would."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from recommender.evaluation.ranking import recommended
from recommender.feedback import LONGEST
from recommender.linalg import positive
from recommender.scorers import Floats, Ints, Profile, Scorer, TrainingData
from recommender.scorers.ensemble import Ensemble
from recommender.scorers.registry import SCORERS


@dataclass(frozen=True)
class Served:
    """A scorer, trained on plays and tags as `segue train` trains it."""

    kind: type[Scorer]

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
        return ServedRanker(self.kind.fit(TrainingData(weights, tags, nothing, nowhere), seed=seed), people)


@dataclass(frozen=True, eq=False)
class ServedRanker:
    """A trained scorer; of people of whom nothing is known it says what is popular, as the pipeline does."""

    scorer: Scorer
    popularity: Floats  # I

    def scores(self, known: csr_matrix) -> Floats:
        """Return persons x I float32, higher is better, NaN for no opinion."""
        weights = _weights(known)
        answer = np.tile(self.popularity, (known.shape[0], 1))
        for person in np.flatnonzero(np.diff(weights.indptr)).tolist():
            row = slice(weights.indptr[person], weights.indptr[person + 1])
            answer[person] = self.scorer.score(Profile(weights.indices[row], weights.data[row]))
        return answer

    def recommend(self, known: csr_matrix, n: int = 100) -> tuple[Ints, Floats]:
        """Return items and scores, persons x n, best first, known items left out."""
        return recommended(self, csr_matrix(known), n)


def _weights(plays: csr_matrix) -> csr_matrix:
    """Return what `recommender.feedback` makes of plays alone."""
    weights = positive(csr_matrix(plays))
    weights.sort_indices()
    weights.data = np.minimum(np.log2(1 + weights.data), np.float32(LONGEST)).astype(np.float32)
    return weights


SERVED = "served"
"""What recommends in the product, by the name under which it is evaluated."""

COMPARED: dict[str, Served] = {
    SERVED: Served(Ensemble),
    **{f"scorer-{name.replace('_', '-')}": Served(kind) for name, kind in SCORERS.items()},
}
"""Evaluated only where they are named."""
