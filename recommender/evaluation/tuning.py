"""Choosing settings on people who are neither trained on nor tested."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

import numpy as np
from scipy.sparse import csr_matrix

from recommender.evaluation import metrics
from recommender.evaluation.ranking import HasScores, ranked_lists
from recommender.evaluation.splits import Fold, random_fold

_SHARE = 0.1  # of the training users, where nobody else is at hand


M = TypeVar("M", bound=HasScores)


def mean_ndcg(model: HasScores, fold: Fold, *, k: int = 100) -> float:
    """Return the mean NDCG@k of a trained model over the people of a fold; 0 where there are none."""
    if not len(fold.users):
        return 0.0
    found = metrics.hits(ranked_lists(model, fold.known, k), fold.held_out)
    return float(np.mean(metrics.ndcg(found, fold.held_out, k)))


def best_of(fitted: Iterable[tuple[Mapping[str, object], M]], fold: Fold) -> tuple[Mapping[str, object], M]:
    """Return the settings and the model of highest NDCG@100 on the fold; of equals the first.

    `fitted` may fit its models one by one as they are asked for; only the best one so far is kept.
    """
    best: tuple[float, Mapping[str, object], M] | None = None
    for settings, model in fitted:
        reached = mean_ndcg(model, fold)
        if best is None or reached > best[0]:
            best = (reached, settings, model)
    if best is None:
        raise ValueError("There is nothing to choose from.")
    return best[1], best[2]


def set_aside(user_items: csr_matrix, *, seed: int, share: float = _SHARE) -> tuple[csr_matrix, Fold]:
    """Return the rows that are left to train on, and a fold of the others to tune on.

    Columns stay as they are, items of the fold that nobody else has are shown and held out like all others.
    """
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(user_items.shape[0]).astype(np.int32)
    n = int(share * len(chosen))
    columns = np.arange(user_items.shape[1], dtype=np.int32)
    return user_items[np.sort(chosen[n:])], random_fold(user_items, np.sort(chosen[:n]), columns, rng)
