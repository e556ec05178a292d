"""A model by its name, fitted and handed what its signature asks for."""

import inspect
from collections.abc import Iterable, Mapping

from scipy.sparse import csr_matrix

from recommender.errors import EvaluationError
from recommender.evaluation.models import MODELS, Ranker, Trainable
from recommender.evaluation.served import COMPARED
from recommender.evaluation.splits import Split


def named(names: Iterable[str]) -> dict[str, Trainable]:
    """Return the models of these names, in this order; EvaluationError where there is none of a name."""
    names = tuple(dict.fromkeys(names))
    known: dict[str, Trainable] = {**MODELS, **COMPARED}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise EvaluationError(f"There is no model {unknown[0]}; choose from {', '.join(known)}.")
    return {name: known[name] for name in names}


def fitted(trainable: Trainable, split: Split, *, seed: int) -> Ranker:
    """Return the model trained on the split, tuned on its validation people if the model wants them."""
    return _fitted(
        trainable, split.train, split.item_tags, seed, validation=split.validation, friends=split.friends
    )


def fitted_alone(trainable: Trainable, user_items: csr_matrix, item_tags: csr_matrix, *, seed: int) -> Ranker:
    """Return the model trained where there are no people to tune it on but those who train it."""
    return _fitted(trainable, user_items, item_tags, seed)


def tuned_values(model: Ranker) -> Mapping[str, object]:
    """Return what the model says it chose for itself."""
    tuned: Mapping[str, object] = getattr(model, "tuned", {})
    return tuned


def _fitted(
    trainable: Trainable, user_items: csr_matrix, item_tags: csr_matrix, seed: int, **at_hand: object
) -> Ranker:
    wanted = inspect.signature(trainable.fit).parameters
    extra = {name: value for name, value in at_hand.items() if name in wanted}
    tags = item_tags if item_tags.nnz else None
    return trainable.fit(user_items, tags, seed=seed, **extra)
