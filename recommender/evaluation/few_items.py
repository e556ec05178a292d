"""User cold start: how well models serve users with few known items.

Users and held-out items are those of strong generalisation (Liang et al., WWW 2018). Of the items shown there
only a random few are shown, the same few for every model, each a superset of the smaller ones. The remaining
items are neither held out nor ranked, so that results for one known item and for fifty are comparable: the
same items are to be found among the same others.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommender.evaluation.accuracy import LIST_LENGTH, accuracy
from recommender.evaluation.fitting import fitted, tuned_values
from recommender.evaluation.models import Trainable
from recommender.evaluation.outcomes import Outcome
from recommender.evaluation.resources import measured
from recommender.evaluation.splits import Split
from recommender.metrics.ranked_lists import ranked_lists

LENGTHS = (0, 1, 2, 3, 5, 10, 20)
METRICS = ("ndcg@100", "recall@20")


def few_items_outcome(trainable: Trainable, split: Split, seed: int) -> Outcome:
    """Fit one model and test it at every number of known items, on users with at least as many.

    The outcome's metrics are named by `few`.
    """
    trained = measured(lambda: fitted(trainable, split, seed=seed))
    places = random_places(split.test.known, seed=seed)
    people = {}
    for length in LENGTHS:
        shown = first_places(split.test.known, places, length)
        ranked = ranked_lists(trained.result, shown, LIST_LENGTH, excluded=split.test.known)
        reached = accuracy(ranked, split.test)
        enough = np.diff(split.test.known.indptr) >= length
        people.update({few(m, length): np.where(enough, reached[m], np.nan) for m in METRICS})
    return Outcome(people, costs={"fit_s": trained.seconds}, tuned=tuned_values(trained.result))


def few(metric: str, length: int) -> str:
    """Return the name of a metric at a number of known items."""
    return f"{metric} of {length}"


def random_places(known: csr_matrix, *, seed: int) -> NDArray[np.int64]:
    """Return each stored entry's rank in a random order of its row, from 0."""
    counts = np.diff(known.indptr)
    rows = np.repeat(np.arange(known.shape[0]), counts)
    order = np.lexsort((np.random.default_rng(seed).random(len(rows)), rows))
    places = np.empty(len(rows), dtype=np.int64)
    places[order] = np.arange(len(rows)) - np.repeat(known.indptr[:-1], counts)
    return places


def first_places(known: csr_matrix, places: NDArray[np.int64], length: int) -> csr_matrix:
    """Return the entries with a rank below `length`."""
    shown = known.copy()
    shown.data = np.where(places < length, shown.data, 0).astype(np.float32)
    shown.eliminate_zeros()
    return shown
