"""Tuning: a search for a model's settings, judged on users who are set aside.

The users set aside show a random 80 % of their items and the model has to find the rest, as in the strong
generalisation of Liang et al., WWW 2018. The search is coordinate-wise, from a start that works reasonably on
any data, and follows each setting while the result improves.
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
# The values to try per setting. Numbers are in order: only adjacent ones are tried.
Grid = Mapping[str, tuple[Any, ...]]

M = TypeVar("M", bound="Model")

# The play weights to try, unless a model defines its own.
_WEIGHING: Settings = {"kind": "relative", "power": 1.0}
_SHARE = 0.2  # of the users, to tune on
_MOST_SET_ASIDE = 500  # users per exam, and enough in total
_MOST_TRAINED = 6_000  # users while tuning
_SHOWN = 0.8
_LIST_LENGTH = 100


@dataclass(frozen=True, eq=False)
class SetAside:
    """Users whose items are partly shown and partly held out."""

    known: csr_matrix  # n x I
    wanted: csr_matrix  # n x I, 1 at held-out items

    @classmethod
    def of(cls, user_items: csr_matrix, *, seed: int) -> "SetAside":
        """Hold out a random fifth of each user's items, at least one of two."""
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
    """Users to train on, and others to test."""

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
    """Return the model trained on all users with the settings that serve a share of them best.

    `start`: where the search begins, by default the model's own start. Raises ValueError if the tags'
    rows are not the items.
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
    """Return at most `most` exams, none with too few users.

    Each tests another fifth of the users, until `_MOST_SET_ASIDE` have been tested.
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
    """Settings with the NDCG of a model trained with them."""

    settings: Settings
    ndcg: float


@dataclass(frozen=True, eq=False)
class Found(Tried):
    """Tried settings with their model."""

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
    """Return the settings with the highest NDCG for `people`, and the model trained with them."""

    def trial(settings: Settings) -> Found:
        trained = model.train(user_items, item_tags, seed=seed, **settings)
        return Found(settings, mean_ndcg(trained, people), trained)

    return climbed(trial, model.start if start is None else start, model.grid if grid is None else grid)


def climbed(trial: Callable[[Settings], F], start: Settings, grid: Grid) -> F:
    """Return the best trial of a coordinate-wise climb along the grid.

    Each setting in turn moves along its numeric values while that helps; words are all tried. The
    earliest trial wins ties, and the search continues beyond equal ones.
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
    """Yield the sequences of values to try while they help: upwards, downwards, or each word alone."""
    if isinstance(at, str):
        yield from ((value,) for value in values if value != at)
        return
    place = values.index(at)
    yield values[place + 1 :]
    yield values[:place][::-1]


def mean_ndcg(model: "Model", people: SetAside) -> float:
    """Return the mean NDCG@100 over users with held-out items; 0 without any."""
    ranked = ranked_lists(model, people.known, _LIST_LENGTH)
    reached = metrics.ndcg(metrics.hits(ranked, people.wanted), people.wanted, _LIST_LENGTH)
    return float(np.nanmean(reached)) if people.wanted.nnz else 0.0
