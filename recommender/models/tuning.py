"""Tuning: a search for a model's settings, judged on users who are set aside.

The people set aside show a random 80 % of what they have and have to get the rest, as in the strong
generalisation of Liang et al., WWW 2018.  The search goes along one setting after the other, from a start
that does fairly anywhere, and follows each as long as it gets better.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from scipy.sparse import csr_matrix

from recommender import metrics
from recommender.arrays import Ints
from recommender.linalg import positive
from recommender.metrics.ranked_lists import ranked_lists

if TYPE_CHECKING:
    from recommender.models.base import Model

Settings = Mapping[str, Any]
# For each setting the values that are worth trying.  Numbers stand in their order: only neighbours are tried.
Grid = Mapping[str, tuple[Any, ...]]

M = TypeVar("M", bound="Model")

# How plays are weighed where a model does not say.
_WEIGHING: Settings = {"kind": "relative", "power": 1.0}
_SHARE = 0.2  # of the people, to tune on
_MOST_SET_ASIDE = 500  # in each exam, and enough in all of them
_MOST_TRAINED = 6_000  # while tuning
_SHOWN = 0.8
_LIST_LENGTH = 100


@dataclass(frozen=True, eq=False)
class SetAside:
    """People whose items are partly shown and partly to be found."""

    known: csr_matrix  # n x I
    wanted: csr_matrix  # n x I, 1 at what is to be found

    @classmethod
    def of(cls, user_items: csr_matrix, *, seed: int) -> "SetAside":
        """Return the people with a random fifth of each one's items hidden, at least one of two."""
        rng = np.random.default_rng(seed)
        counts = np.diff(user_items.indptr)
        rows = np.repeat(np.arange(len(counts)), counts)
        order = np.lexsort((rng.random(len(rows)), rows))
        place = np.arange(len(rows)) - np.repeat(user_items.indptr[:-1], counts)
        hidden = np.zeros(len(rows), dtype=np.bool_)
        n_hidden = np.where(counts > 1, np.maximum(1, np.rint((1 - _SHOWN) * counts)), 0)
        hidden[order] = place < np.repeat(n_hidden, counts)
        return cls(_only(user_items, ~hidden), _only(user_items, hidden, ones=True))


def _only(matrix: csr_matrix, kept: np.ndarray[Any, np.dtype[np.bool_]], *, ones: bool = False) -> csr_matrix:
    part = matrix.copy()
    part.data = np.where(kept, 1 if ones else part.data, 0).astype(np.float32)
    part.eliminate_zeros()
    return part


@dataclass(frozen=True, eq=False)
class Exam:
    """A part of the people to train on and another to be asked about."""

    rows: Ints
    people: SetAside


def fitted(
    model: type[M],
    user_items: csr_matrix,
    item_tags: csr_matrix | None,
    *,
    seed: int,
    start: Settings | None = None,
) -> M:
    """Return the model trained on all people with the settings that serve a share of them best.

    `start`: where to begin the search, if not where the model says.
    Raises ValueError where the tags are not those of the items.
    """
    data = positive(csr_matrix(user_items))
    if item_tags is not None and item_tags.shape[0] != data.shape[1]:
        raise ValueError(f"The tags have {item_tags.shape[0]} rows, the people's data {data.shape[1]} items.")
    asked = exams(data, seed=seed, most=model.most_exams)

    def trial(settings: Settings) -> Tried:
        reached = [
            mean_ndcg(model.train(data[exam.rows], item_tags, seed=seed, **settings), exam.people)
            for exam in asked
        ]
        return Tried(settings, float(np.mean(reached)))

    begin = {**_WEIGHING, **model.start, **(start or {})}
    chosen = climbed(trial, begin, {**model.weighing, **model.grid}).settings if asked else begin
    return replace(model.train(data, item_tags, seed=seed, **chosen), tuned=chosen)


def exams(data: csr_matrix, *, seed: int, most: int) -> list[Exam]:
    """Return at most `most` exams, none where there are too few people.

    Each asks about a fifth of the people, others each time, until `_MOST_SET_ASIDE` have been asked about.
    """
    order = np.random.default_rng(seed).permutation(data.shape[0]).astype(np.int32)
    n = min(_MOST_SET_ASIDE, int(_SHARE * len(order)))
    count = min(most, -(-_MOST_SET_ASIDE // n)) if n else 0
    made = []
    for at in range(count):
        asked, others = order[at * n : (at + 1) * n], np.concatenate([order[: at * n], order[(at + 1) * n :]])
        made.append(Exam(np.sort(others[:_MOST_TRAINED]), SetAside.of(data[np.sort(asked)], seed=seed)))
    return made


@dataclass(frozen=True, eq=False)
class Tried:
    """Settings, and how well a model with them ranks."""

    settings: Settings
    ndcg: float


@dataclass(frozen=True, eq=False)
class Found(Tried):
    """The same, and that model."""

    model: "Model"


F = TypeVar("F", bound=Tried)


def search(
    model: type["Model"],
    user_items: csr_matrix,
    item_tags: csr_matrix | None,
    people: SetAside,
    *,
    seed: int,
    start: Settings | None = None,
    grid: Grid | None = None,
) -> Found:
    """Return the settings that rank best for `people`, and the model trained with them."""

    def trial(settings: Settings) -> Found:
        trained = model.train(user_items, item_tags, seed=seed, **settings)
        return Found(settings, mean_ndcg(trained, people), trained)

    return climbed(trial, model.start if start is None else start, model.grid if grid is None else grid)


def climbed(trial: Callable[[Settings], F], start: Settings, grid: Grid) -> F:
    """Return the best trial on a way along the grid.

    Each setting in turn moves along its values while that helps; words are all tried.  Of equals the one that
    was tried first stays, and the search goes on beyond them.
    """
    best = trial(start)
    for name, values in grid.items():
        for way in _ways(values, best.settings[name]):
            moved = False
            for value in way:
                found = trial({**best.settings, name: value})
                if found.ndcg < best.ndcg:
                    break
                if found.ndcg > best.ndcg:
                    best, moved = found, True
            if moved and not isinstance(values[0], str):
                break
    return best


def _ways(values: tuple[Any, ...], at: object) -> Iterator[tuple[Any, ...]]:
    """Yield the values to try one after the other while that helps: upwards, downwards; words each alone."""
    if isinstance(at, str):
        yield from ((value,) for value in values if value != at)
        return
    place = values.index(at)
    yield values[place + 1 :]
    yield values[:place][::-1]


def mean_ndcg(model: "Model", people: SetAside) -> float:
    """Return the mean NDCG@100 over people with anything to find; 0 where there are none."""
    ranked = ranked_lists(model, people.known, _LIST_LENGTH)
    reached = metrics.ndcg(metrics.hits(ranked, people.wanted), people.wanted, _LIST_LENGTH)
    return float(np.nanmean(reached)) if people.wanted.nnz else 0.0
