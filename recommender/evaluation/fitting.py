"""Fitting of models by name, with the arguments their signature asks for."""

import inspect
from collections.abc import Iterable, Mapping

from scipy.sparse import csr_matrix

from recommender.errors import EvaluationError
from recommender.evaluation.models import MODELS, OF_SOUND, Ranker, Trainable
from recommender.evaluation.served import COMPARED
from recommender.evaluation.splits import Split


def named(names: Iterable[str]) -> dict[str, Trainable]:
    """Return the models with these names, in this order; EvaluationError for an unknown name."""
    names = tuple(dict.fromkeys(names))
    known: dict[str, Trainable] = {**MODELS, **OF_SOUND, **COMPARED}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise EvaluationError(f"There is no model {unknown[0]}; choose from {', '.join(known)}.")
    return {name: known[name] for name in names}


def fitted(trainable: Trainable, split: Split, *, seed: int) -> Ranker:
    """Return the model fitted on the split, tuned on its validation users if the model takes them."""
    return _fitted(
        trainable, split.train, split.item_tags, seed, validation=split.validation, friends=split.friends
    )


def fitted_alone(
    trainable: Trainable, user_items: csr_matrix, item_tags: csr_matrix, *, seed: int, **at_hand: object
) -> Ranker:
    """Return the model fitted without validation users; it gets what it asks for of `at_hand`."""
    return _fitted(trainable, user_items, item_tags, seed, **at_hand)


def tuned_values(model: Ranker) -> Mapping[str, object]:
    """Return the settings the model chose."""
    tuned: Mapping[str, object] = getattr(model, "tuned", {})
    return tuned


def _fitted(
    trainable: Trainable, user_items: csr_matrix, item_tags: csr_matrix, seed: int, **at_hand: object
) -> Ranker:
    wanted = inspect.signature(trainable.fit).parameters
    extra = {name: value for name, value in at_hand.items() if name in wanted}
    tags = item_tags if item_tags.nnz else None
    return trainable.fit(user_items, tags, seed=seed, **extra)
