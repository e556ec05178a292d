"""Ensemble, the default model: several tuned models and a learned combination of them.

from recommender import Ensemble

model = Ensemble.fit(user_items, item_tags=None, seed=0)
items, scores = model.recommend(known, n=100)
"""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from scipy.sparse import csr_matrix

from recommender.arrays import Floats, Ints
from recommender.linalg import positive
from recommender.linalg.dense import one_thread
from recommender.models.base import Listing, Model, blocks, listeners
from recommender.models.ensemble.crossfit import cross_fitted
from recommender.models.ensemble.features import POOL, candidates, n_features
from recommender.models.ensemble.stacking import Combination


@dataclass(frozen=True, eq=False)
class Ensemble(Listing):
    """Stacked models (Wolpert, "Stacked generalization", Neural Networks 1992)."""

    name: ClassVar[str] = "ensemble"

    models: tuple[Model, ...]
    combination: Combination
    log_popularity: Floats  # I: log(1 + number of users)
    tuned: Mapping[str, Any]  # the chosen settings, by model

    @classmethod
    def fit(
        cls, user_items: csr_matrix, item_tags: csr_matrix | None = None, *, seed: int = 0, threads: int = 2
    ) -> Self:
        """Tune, cross-fit and train the stacker, then train all models on all users.

        `user_items`: users x I, play counts or weights; only positive entries count. `item_tags`: I x
        T, taggings or any weight. The same seed gives the same numbers with any number of `threads`.
        """
        data = positive(csr_matrix(user_items))
        with one_thread(), ThreadPoolExecutor(threads) as pool:
            settings, lists = cross_fitted(data, item_tags, seed=seed, pool=pool)
            models = pool.map(lambda s: s[0].train(data, item_tags, seed=seed, **s[1]), settings)
            if lists:
                combination = Combination.learned(lists, seed=seed)
            else:
                combination = Combination.untaught(n_features(len(settings)))
            trained = tuple(models)
        return cls(
            trained, combination, np.log1p(listeners(data)), {model.name: dict(s) for model, s in settings}
        )

    @property
    def n_items(self) -> int:
        """The number of items I."""
        return len(self.log_popularity)

    def scores(self, known: csr_matrix) -> Floats:
        """Return users x I float32, higher is better, NaN for known items and items without data.

        The scale is log odds within a list. Items that are not candidates for a user rank below all
        candidates, by popularity.
        """
        history = self.history(known)
        answer = np.empty(history.shape, dtype=np.float32)
        for rows in blocks(*history.shape):
            answer[rows] = self._dense(history[rows])
        return answer

    def recommend(self, known: csr_matrix, n: int = 100) -> tuple[Ints, Floats]:
        """Return items int32 and scores float32, users x n, best first, without known items."""
        if n > POOL:
            return super().recommend(known, n)
        history = self.history(known)
        items = np.full((history.shape[0], n), -1, dtype=np.int32)
        scores = np.full(items.shape, np.nan, dtype=np.float32)
        for rows in blocks(*history.shape):
            for row, (found, worth) in enumerate(self._judged(history[rows]), rows.start):
                best = np.lexsort((found, -worth))[:n]
                items[row, : len(best)], scores[row, : len(best)] = found[best], worth[best]
        return items, scores

    def _judged(self, history: csr_matrix) -> Iterator[tuple[Ints, Floats]]:
        """Yield each user's candidates and their scores."""
        opinions = [model.scores(history) for model in self.models]
        for each in candidates(opinions, history, self.log_popularity):
            told = self.combination.worth(each) if each.n_known else self.log_popularity[each.items]
            yield each.items, told

    def _dense(self, history: csr_matrix) -> Floats:
        answer = np.where(self.log_popularity > 0, -1 / (1 + self.log_popularity), np.nan)
        answer = np.tile(answer.astype(np.float32), (history.shape[0], 1))
        for row, (items, worth) in enumerate(self._judged(history)):
            if len(items):
                answer[row] += worth.min()
                answer[row, items] = worth
        answer[np.repeat(np.arange(len(answer)), np.diff(history.indptr)), history.indices] = np.nan
        return answer
