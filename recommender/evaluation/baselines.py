"""What anybody could take off the shelf: the models that ours have to beat."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from implicit.nearest_neighbours import ItemItemRecommender, bm25_weight, normalize, tfidf_weight
from scipy.sparse import csr_matrix

from recommender.evaluation.ranking import HasScores, recommended
from recommender.evaluation.splits import Fold
from recommender.evaluation.tuning import best_of, set_aside
from recommender.linalg import one_thread
from recommender.scorers import Floats, Ints

M = TypeVar("M", bound=HasScores)
Settings = Mapping[str, Any]

_THREADS = 2
# How a play count enters; play counts are heavy-tailed.
_WEIGHTS: dict[str, Callable[[Floats], Floats]] = {
    "raw": lambda weights: weights,
    "log": np.log1p,
    "one": np.ones_like,
}
# The three kinds that implicit has, as its classes apply them to items x users.
_KINDS: dict[str, Callable[[csr_matrix], csr_matrix]] = {
    "cosine": normalize,
    "tf-idf": lambda item_users: normalize(tfidf_weight(item_users)),
    "bm25": lambda item_users: bm25_weight(item_users, K1=1.2, B=0.75),
}


class Listing:
    """`recommend` for whatever has `scores`."""

    def recommend(self: HasScores, known: csr_matrix, n: int = 100) -> tuple[Ints, Floats]:
        """Return items and scores, persons x n, best first, known items left out."""
        return recommended(self, known, n)


@dataclass(frozen=True, eq=False)
class Popularity(Listing):
    """How many training users have the item, the same for everybody."""

    listeners: Floats

    @classmethod
    def fit(cls, user_items: csr_matrix, item_tags: csr_matrix | None = None, *, seed: int) -> Self:
        """Count; nothing is drawn."""
        del item_tags, seed
        return cls(np.bincount(user_items.indices, minlength=user_items.shape[1]).astype(np.float32))

    def scores(self, known: csr_matrix) -> Floats:
        """Return the counts for each person."""
        return np.tile(self.listeners, (known.shape[0], 1))


@dataclass(frozen=True, eq=False)
class Neighbours(Listing):
    """The weights of the known items times the similarities to them."""

    similarity: csr_matrix  # I x I
    weight: str
    tuned: Settings = field(default_factory=dict)

    def scores(self, known: csr_matrix) -> Floats:
        """Return the sums, 0 where no known item is a neighbour."""
        return np.asarray((_weighted(known, self.weight) @ self.similarity).todense(), dtype=np.float32)


@dataclass(frozen=True, eq=False)
class Factors(Listing):
    """Each person's factors are solved for from what she knows."""

    model: AlternatingLeastSquares
    weight: str
    tuned: Settings

    def scores(self, known: csr_matrix) -> Floats:
        """Return the predicted preferences."""
        with one_thread():
            users = self.model.recalculate_user(np.arange(known.shape[0]), _weighted(known, self.weight))
            return np.asarray(users @ self.model.item_factors.T, dtype=np.float32)


@dataclass(frozen=True)
class ImplicitItemKNN:
    """Item-item neighbours as `implicit` has them: the best kind and weight, then the best number of them."""

    kinds: tuple[str, ...] = tuple(_KINDS)
    weights: tuple[str, ...] = ("log", "one")
    neighbours: tuple[int, ...] = (200, 50, 100, 500)  # the first one while the kind is chosen

    def fit(
        self,
        user_items: csr_matrix,
        item_tags: csr_matrix | None = None,
        *,
        seed: int,
        validation: Fold | None = None,
    ) -> Neighbours:
        """Tune on `validation`, or on a tenth of the users where there is none."""
        del item_tags
        first = [{"kind": k, "weight": w, "k": self.neighbours[0]} for k in self.kinds for w in self.weights]
        return _tuned(_neighbours, user_items, seed, validation, first, {"k": self.neighbours[1:]})


@dataclass(frozen=True)
class ImplicitALS:
    """Weighted matrix factorisation as `implicit` has it (Hu, Koren and Volinsky, ICDM 2008).

    `settings`: how, with `weight` and what implicit calls its own; tuned where None.  `{}`: as it comes.
    """

    settings: Settings | None = None

    def fit(
        self,
        user_items: csr_matrix,
        item_tags: csr_matrix | None = None,
        *,
        seed: int,
        validation: Fold | None = None,
    ) -> Factors:
        """Tune on `validation`, or on a tenth of the users where there is none."""
        del item_tags
        if self.settings is not None:
            return _als(user_items, self.settings, seed)
        first = [
            {"weight": weight, "regularization": strength, "factors": 64}
            for weight in ("log", "one")
            for strength in (1.0, 8.0)
        ]
        return _tuned(_als, user_items, seed, validation, first, {"factors": (32, 128)})


def _tuned(
    fit: Callable[[csr_matrix, Settings, int], M],
    user_items: csr_matrix,
    seed: int,
    validation: Fold | None,
    first: Iterable[Settings],
    then: Mapping[str, Iterable[Any]],
) -> M:
    """Return the model of the best of the `first` settings, then with the best value of each of `then`."""
    train, fold = (user_items, validation) if validation else set_aside(user_items, seed=seed)

    def fitted(settings: Iterable[Settings]) -> Iterator[tuple[Settings, M]]:
        return ((each, fit(train, each, seed)) for each in settings)

    chosen, model = best_of(fitted(first), fold)
    for name, values in then.items():
        others = [{**chosen, name: value} for value in values]
        chosen, model = best_of([(chosen, model), *fitted(others)], fold)
    return model if validation else fit(user_items, chosen, seed)


def _neighbours(user_items: csr_matrix, settings: Settings, seed: int) -> Neighbours:
    del seed
    item_users = csr_matrix(_weighted(user_items, settings["weight"]).T, dtype=np.float64)
    model = ItemItemRecommender(K=settings["k"], num_threads=_THREADS)
    model.fit(csr_matrix(_KINDS[settings["kind"]](item_users).T), show_progress=False)
    return Neighbours(model.similarity, settings["weight"], settings)


def _als(user_items: csr_matrix, settings: Settings, seed: int) -> Factors:
    weight = settings.get("weight", "raw")
    chosen = {name: value for name, value in settings.items() if name != "weight"}
    with one_thread():
        model = AlternatingLeastSquares(random_state=seed, num_threads=_THREADS, **chosen)
        model.fit(_weighted(user_items, weight), show_progress=False)
    return Factors(model, weight, settings)


def _weighted(user_items: csr_matrix, weight: str) -> csr_matrix:
    place = (_WEIGHTS[weight](user_items.data), user_items.indices, user_items.indptr)
    return csr_matrix(place, shape=user_items.shape, dtype=np.float32)
