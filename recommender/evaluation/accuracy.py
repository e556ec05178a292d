"""Ranking accuracy on held-out items, list properties and cost, per model."""

import numpy as np

from recommender import metrics
from recommender.evaluation import beyond_accuracy
from recommender.evaluation.fitting import fitted, tuned_values
from recommender.evaluation.models import Trainable
from recommender.evaluation.outcomes import Outcome
from recommender.evaluation.resources import measured
from recommender.evaluation.splits import Fold, Split
from recommender.metrics import Ranked, Values
from recommender.metrics.ranked_lists import ranked_lists

LIST_LENGTH = 100
LOOKED_AT = 10  # ranks counted in the metrics beyond accuracy


def ranking_outcome(trainable: Trainable, split: Split, seed: int) -> Outcome:
    """Fit a model on the split and rank for its test users."""
    trained = measured(lambda: fitted(trainable, split, seed=seed))
    listed = measured(lambda: ranked_lists(trained.result, split.test.known, LIST_LENGTH))
    peaks = [peak for peak in (trained.peak_mb, listed.peak_mb) if peak is not None]
    shown = listed.result[:, :LOOKED_AT]
    return Outcome(
        people=accuracy(listed.result, split.test) | _beyond(shown, split),
        lists={
            f"coverage@{LOOKED_AT}": beyond_accuracy.coverage(shown, len(split.items)),
            f"distinct@{LOOKED_AT}": float(beyond_accuracy.distinct(shown)),
        },
        costs={
            "fit_s": trained.seconds,
            "ms_per_user": 1000 * listed.seconds / len(split.test.users),
            "peak_mb": max(peaks, default=None),
        },
        tuned=tuned_values(trained.result),
    )


def accuracy(ranked: Ranked, fold: Fold) -> dict[str, Values]:
    """Return each user's accuracy metrics."""
    found = metrics.hits(ranked, fold.held_out)
    return {
        "ndcg@100": metrics.ndcg(found, fold.held_out, 100),
        "ndcg@10": metrics.ndcg(found, fold.held_out, 10),
        "recall@20": metrics.recall(found, fold.held_out, 20),
        "recall@50": metrics.recall(found, fold.held_out, 50),
        "mrr@100": metrics.reciprocal_rank(found, fold.held_out, 100),
    }


def _beyond(shown: Ranked, split: Split) -> dict[str, Values]:
    listeners = np.bincount(split.train.indices, minlength=len(split.items)).astype(np.float64)
    vectors = beyond_accuracy.tag_vectors(split.item_tags)
    return {
        f"novelty@{LOOKED_AT}": beyond_accuracy.novelty(shown, listeners, len(split.users)),
        f"diversity@{LOOKED_AT}": beyond_accuracy.intra_list_diversity(shown, vectors),
        f"popularity_lift@{LOOKED_AT}": beyond_accuracy.popularity_lift(shown, split.test.known, listeners),
    }
