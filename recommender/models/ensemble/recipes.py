"""Recipes: the ensemble's models, with the start and grid of their tuning, by the data at hand."""

from dataclasses import dataclass

from recommender.models.autoencoder import Autoencoder
from recommender.models.base import Model
from recommender.models.ease import Ease
from recommender.models.ials import IALS
from recommender.models.kernel import Kernel
from recommender.models.neighbours import ItemKNN, RP3Beta
from recommender.models.taste import GaussianTaste
from recommender.models.tuning import Grid, Settings
from recommender.models.user_knn import UserKNN

# Tag weight, if there are tags.
_TAG_SHARES: dict[type[Model], tuple[float, ...]] = {
    Ease: (0.0, 0.25, 0.5, 1.0, 2.0),
    Kernel: (0.0, 0.2, 0.4, 0.6),
    Autoencoder: (0.0, 0.5, 1.0),
}
# Slowest first, so that two threads finish together.
_PARTS: tuple[type[Model], ...] = (Autoencoder, IALS, Kernel, GaussianTaste, UserKNN, ItemKNN, RP3Beta)
# Settings that hardly matter in a combination: slow to try, or made up for by the stacker.
_FIXED: Settings = {"decay": 1.0, "lift": 0.0}


@dataclass(frozen=True)
class Recipe:
    """A model with the start and the grid of its search."""

    model: type[Model]
    start: Settings
    grid: Grid


def first_recipe() -> Recipe:
    """Return the model that tunes the play weights for all others: the fastest of the good ones."""
    return _recipe(Ease, {}, with_tags=False)


def recipes(weighting: Settings, first: Settings, *, with_tags: bool) -> list[Recipe]:
    """Return the other models, given the play weights (`kind`, `power`) and the first model's settings."""
    made = [_recipe(model, weighting, with_tags=with_tags) for model in _PARTS]
    if with_tags:
        grid = {"tag_share": _TAG_SHARES[Ease], "strength": Ease.grid["strength"]}
        made.insert(0, Recipe(Ease, {**first, "tag_share": 0.0}, grid))
    return made


def _recipe(model: type[Model], weighting: Settings, *, with_tags: bool) -> Recipe:
    fixed = {name: value for name, value in _FIXED.items() if name in model.grid}
    start = {**model.start, **fixed, **weighting}
    grid = {name: values for name, values in model.grid.items() if name not in _FIXED}
    if with_tags and model in _TAG_SHARES:
        start["tag_share"] = _TAG_SHARES[model][1]
        grid = {"tag_share": _TAG_SHARES[model], **grid}
    return Recipe(model, start, grid)
