"""Trial: whether heard vectors place hidden items better than what else is known of them.

A fifth of the heard items with users is hidden, the whole column. Each user's hidden items are ranked among
all hidden ones, from the user's other items: by sound alone; by nothing, as content by tags ranks them where
their tags are hidden too, in random order; by tags; by tags and sound, their reciprocal ranks added as in
`recommender.pipeline.fusion`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommender import metrics
from recommender.arrays import Floats, Ints, Mask
from recommender.linalg import one_thread, positive
from recommender.metrics.ranked_lists import top_items
from recommender.models.tag_regression import TagRegression, hidden_apart, ones
from recommender.scorers import TrainingData
from recommender.scorers.content import Content

NAMES = ("by_sound", "by_nothing", "by_tags", "by_both")
"""The rankings compared on hidden items."""
LENGTH = 100
"""NDCG is taken at this rank."""

_HIDDEN_SHARE, _LEAST_USERS = 0.2, 2
_MOST_HIDDEN, _MOST_PEOPLE = 3_000, 600
_SURE = 2.0  # standard errors of the paired difference
_RANK = 60.0  # of reciprocal rank fusion

Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Trial:
    """NDCG@100 of each user's hidden items, by what they were ranked by."""

    by_sound: Values
    by_nothing: Values
    by_tags: Values
    by_both: Values

    @property
    def beats_nothing(self) -> bool:
        """Whether sound places items better than content by tags does where tags are hidden too."""
        return _is_above(self.by_sound, self.by_nothing)

    @property
    def beats_tags(self) -> bool:
        """Whether tags and sound place items better than tags alone."""
        return _is_above(self.by_both, self.by_tags)

    @property
    def means(self) -> Floats:
        """The mean over the users of each, in the order of `NAMES`; empty without users."""
        return np.array([np.mean(getattr(self, name)) for name in NAMES if len(self.by_sound)], np.float32)


def tried(data: TrainingData, *, seed: int) -> Trial:
    """Hide items and rank them; the same data and seed give the same trial."""
    rng = np.random.default_rng(seed)
    likes = positive(data.user_items)
    hidden = _hidden(likes, heard_items(data), rng)
    people = np.sort(rng.permutation(np.flatnonzero(np.diff(likes.indptr)))[:_MOST_PEOPLE])
    plays = likes.copy()
    plays.data = np.exp2(plays.data) - np.float32(1)
    warm, held_out = hidden_apart(plays, hidden)
    known, wanted = warm[people], csr_matrix(held_out[people][:, hidden])
    tested = (np.diff(known.indptr) > 0) & (np.diff(wanted.indptr) > 0)
    known, wanted = known[tested], csr_matrix(wanted[tested])
    if not wanted.nnz:
        none = np.zeros(0)
        return Trial(none, none, none, none)
    no_tags = csr_matrix(np.zeros((likes.shape[1], 0), dtype=np.float32))
    taught = warm[np.diff(warm.indptr) > 0]
    with one_thread():
        by_sound = TagRegression.fit(taught, no_tags, seed=seed, texts=data.item_heard).scores(known)
    by_sound = by_sound[:, hidden]
    by_tags = _by_tags(data, known, hidden, seed)
    by_nothing = rng.random(wanted.shape).astype(np.float32)
    # Ties of the tags are in random order too, else the column would decide.
    by_tags = by_tags + np.float32(1e-6) * by_nothing
    by_both = _votes(by_tags) + _votes(by_sound)
    return Trial(*(_ndcg(scores, wanted) for scores in (by_sound, by_nothing, by_tags, by_both)))


def heard_items(data: TrainingData) -> Mask:
    """Tell for each item whether it was heard."""
    if data.item_heard is None or not data.item_heard.shape[1]:
        return np.zeros(data.user_items.shape[1], dtype=bool)
    return np.asarray(~np.isnan(data.item_heard).all(axis=1))


def _hidden(likes: csr_matrix, heard: Mask, rng: np.random.Generator) -> Ints:
    people = np.bincount(likes.indices, minlength=likes.shape[1])
    eligible = np.flatnonzero(heard & (people >= _LEAST_USERS))
    n = min(int(_HIDDEN_SHARE * len(eligible)), _MOST_HIDDEN)
    return np.sort(rng.permutation(eligible)[:n]).astype(np.int32)


def _by_tags(data: TrainingData, known: csr_matrix, hidden: Ints, seed: int) -> Floats:
    """Return the cosine of each hidden item's tags with those of a user's items."""
    no_features = np.zeros((data.user_items.shape[1], 0), dtype=np.float32)
    plain = TrainingData(data.user_items, data.item_tags, no_features, data.communities)
    tags = Content.fit(plain, seed=seed).tags
    return np.asarray(((ones(known) @ tags) @ tags[hidden].T).todense(), dtype=np.float32)


def _votes(scores: Floats) -> Floats:
    """Return 1 / (60 + rank) of each row's scores."""
    ranks = np.argsort(np.argsort(-np.nan_to_num(scores, nan=-np.inf), axis=1, kind="stable"), axis=1)
    return np.asarray(1 / (_RANK + ranks), dtype=np.float32)


def _ndcg(scores: Floats, wanted: csr_matrix) -> Values:
    nothing = csr_matrix(np.zeros(wanted.shape, dtype=np.float32))
    return metrics.ndcg(metrics.hits(top_items(scores, nothing, LENGTH), wanted), wanted, LENGTH)


def _is_above(one: Values, other: Values) -> bool:
    """Tell whether the paired difference is more than two standard errors above zero."""
    if len(one) < 2:
        return False
    difference = one - other
    error = float(difference.std(ddof=1)) / np.sqrt(len(one))
    return bool(difference.mean() > _SURE * error)
