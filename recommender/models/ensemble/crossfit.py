"""What a combination learns from: people whom the models that it combines have not seen.

The people are divided into folds; for each fold the models are trained on all others and asked about the
people of the fold, who show a part of what they have.  How much they show varies from one item to four
fifths, so that the combination learns what to make of either.
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
_MOST_OF_FOLD = 1_250  # people
_MOST_SCORES = 22_000_000  # people times items of a fold: what is asked of every model, three times
_LEAST_OF_FOLD = 200
_MOST_TUNED = 6_000  # people whom a model learns from while its settings are looked for
_MANY_PEOPLE = 6_000  # of so many one fold is enough to learn from
_SHORTENED = 2  # times that each person teaches with a shortened history, beside once with the whole one
_OTHERS = 150  # candidates that were not wanted, per one

Chosen = tuple[type[Model], Settings]


@dataclass(frozen=True, eq=False)
class CrossFold:
    """Some people set aside, and all others."""

    train: csr_matrix
    item_tags: csr_matrix | None  # as those others gave them, as far as can be told
    people: SetAside
    seed: int

    @classmethod
    def empty(cls, data: csr_matrix, item_tags: csr_matrix | None, seed: int) -> "CrossFold":
        """Return the fold of nobody, for data that cannot be divided."""
        return cls(data, item_tags, SetAside.of(data[:0], seed=seed), seed)


def folds(data: csr_matrix, item_tags: csr_matrix | None, *, seed: int) -> list[CrossFold]:
    """Divide those who have two items or more; everybody else is always trained on."""
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
    """Return the tags without those that the people may have given themselves.

    Who tagged what is not known here, and tags that a person gave to what she is to find would tell on her.
    So each tag of an item is taken for that of one of its listeners, and is kept with the share of them that
    are not among the people.
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
    """Return the models with their settings, and the lists of everybody set aside.

    The settings are looked for on the people of the first fold.
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
    """Return every model that the recipes name, at its best for the people of the fold."""
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
    """Return what the people of a fold teach, with all they show and with less."""
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
    """Return a random part of each row, its size drawn evenly on a logarithmic scale."""
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
