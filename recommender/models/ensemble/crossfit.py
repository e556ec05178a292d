"""Cross-fitting: training data for the stacker, from users the base models were not trained on.

Users are divided into folds. For each fold the models are trained on all other users and then score the
fold's users, who show a part of their items. The part varies from one item to four fifths, so that the
stacker learns how far to trust each model with little and with much data.
"""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix, vstack

from recommender.arrays import Ints
from recommender.linalg import positive
from recommender.models.base import Model, blocks, listeners
from recommender.models.ensemble.features import candidates
from recommender.models.ensemble.recipes import Recipe, first_recipe, recipes
from recommender.models.ensemble.training_lists import TrainingList
from recommender.models.tuning import Found, SetAside, Settings, search

_FOLDS = 4
_MOST_OF_FOLD = 1_250  # users
_MOST_SCORES = 22_000_000  # users times items of a fold: each model is scored three times
_LEAST_OF_FOLD = 200
_MOST_TUNED = 6_000  # users per model while tuning
_MANY_PEOPLE = 6_000  # from so many users on, a single fold is enough
_SHORTENED = 2  # training lists per user with a shortened history, beside one with the whole
_OTHERS = 150  # negative candidates per positive one

Chosen = tuple[type[Model], Settings]


@dataclass(frozen=True, eq=False)
class CrossFold:
    """Users set aside, and all others."""

    train: csr_matrix
    item_tags: csr_matrix | None  # the others' tags, as far as can be told
    people: SetAside
    seed: int

    @classmethod
    def empty(cls, data: csr_matrix, item_tags: csr_matrix | None, seed: int) -> "CrossFold":
        """Return a fold without users, for data that cannot be divided."""
        return cls(data, item_tags, SetAside.of(data[:0], seed=seed), seed)


def folds(data: csr_matrix, item_tags: csr_matrix | None, *, seed: int) -> list[CrossFold]:
    """Divide the users with at least two items; all others are always trained on."""
    order = np.random.default_rng(seed).permutation(np.flatnonzero(np.diff(data.indptr) > 1))
    n = 1 if len(order) > _MANY_PEOPLE else min(_FOLDS, len(order))
    most = min(_MOST_OF_FOLD, max(_LEAST_OF_FOLD, _MOST_SCORES // max(data.shape[1], 1)))
    made = []
    for at in range(n):
        chosen = np.sort(order[at :: max(n, _FOLDS)][:most])
        others = np.setdiff1d(np.arange(data.shape[0]), chosen)
        tags = None if item_tags is None else without(item_tags, data, chosen, seed=seed + at)
        made.append(CrossFold(data[others], tags, SetAside.of(data[chosen], seed=seed + at), seed + at))
    return made


def without(item_tags: csr_matrix, data: csr_matrix, people: Ints, *, seed: int) -> csr_matrix:
    """Remove the tags that the users may have given themselves.

    The taggers are not known here, and tags of a held-out user on held-out items would leak. So each tag
    of an item is attributed to a random user of that item, and kept at the share of users outside
    `people`.
    """
    rng = np.random.default_rng(seed)
    tags = positive(item_tags)
    gone = listeners(data[people]) / np.maximum(listeners(data), 1)
    times = np.maximum(1, np.rint(tags.data)).astype(np.int64)
    kept = rng.binomial(times, np.repeat(1 - gone, np.diff(tags.indptr)))
    tags.data *= (kept / times).astype(np.float32)
    tags.eliminate_zeros()
    return tags


def cross_fitted(
    data: csr_matrix, item_tags: csr_matrix | None, *, seed: int, pool: Executor
) -> tuple[list[Chosen], list[TrainingList]]:
    """Return the tuned models, and the training lists of all users set aside.

    The settings are tuned on the first fold.
    """
    divided = folds(data, item_tags, seed=seed)
    found = _tuned(divided[0] if divided else CrossFold.empty(data, item_tags, seed), seed=seed, pool=pool)
    chosen = [(type(each.model), each.settings) for each in found]

    def taught(fold: CrossFold) -> list[TrainingList]:
        if fold is divided[0] and fold.train.shape[0] <= _MOST_TUNED:
            return lists([each.model for each in found], fold)
        models = [
            model.train(fold.train, fold.item_tags, seed=seed, **settings) for model, settings in chosen
        ]
        return lists(models, fold)

    return chosen, [one for part in pool.map(taught, divided) for one in part]


def _tuned(fold: CrossFold, *, seed: int, pool: Executor) -> list[Found]:
    """Return every model of the recipes, tuned on the fold's users."""
    order = np.random.default_rng(seed).permutation(fold.train.shape[0])
    train = fold.train[np.sort(order[:_MOST_TUNED])]

    def best(recipe: Recipe) -> Found:
        return search(
            recipe.model, train, fold.item_tags, fold.people, seed=seed, start=recipe.start, grid=recipe.grid
        )

    first = best(first_recipe())
    weighting = {name: first.settings[name] for name in ("kind", "power")}
    others = list(pool.map(best, recipes(weighting, first.settings, with_tags=fold.item_tags is not None)))
    return others if fold.item_tags is not None else [first, *others]


def lists(models: Sequence[Model], fold: CrossFold) -> list[TrainingList]:
    """Return the fold users' training lists, with full and shortened histories."""
    rng = np.random.default_rng(fold.seed)
    known, wanted = fold.people.known, fold.people.wanted
    shown = csr_matrix(vstack([known, *(shortened(known, rng) for _ in range(_SHORTENED))]))
    person = np.tile(np.arange(known.shape[0]), _SHORTENED + 1)
    log_popularity = np.log1p(listeners(fold.train))
    made = []
    for rows in blocks(*shown.shape):
        history = shown[rows]
        opinions = [model.scores(history) for model in models]
        found = candidates(opinions, history, log_popularity, excluded=known[person[rows]])
        for each, who in zip(found, person[rows], strict=True):
            one = TrainingList.of(each, _row(wanted, who), n_others=_OTHERS, rng=rng)
            if one is not None:
                made.append(one)
    return made


def shortened(known: csr_matrix, rng: np.random.Generator) -> csr_matrix:
    """Return a random part of each row, of log-uniform size."""
    counts = np.diff(known.indptr)
    kept = np.floor(np.exp(rng.random(len(counts)) * np.log(np.maximum(counts, 1)))).astype(np.int64)
    rows = np.repeat(np.arange(len(counts)), counts)
    order = np.lexsort((rng.random(len(rows)), rows))
    place = np.empty(len(rows), dtype=np.int64)
    place[order] = np.arange(len(rows)) - np.repeat(known.indptr[:-1], counts)
    part = known.copy()
    part.data = np.where(place < np.repeat(kept, counts), part.data, 0)
    part.eliminate_zeros()
    return part


def _row(matrix: csr_matrix, at: int) -> Ints:
    return np.asarray(matrix.indices[matrix.indptr[at] : matrix.indptr[at + 1]])
