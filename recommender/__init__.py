"""Music recommendation: opinions computed from the facts in `storage`.

It works without any chat: matrices in, ranked lists out.

    from recommender import Ensemble

    model = Ensemble.fit(user_items, item_tags=None, seed=0)
    items, scores = model.recommend(known, n=100)

`Ensemble` learns to combine the single models, which have the same interface.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recommender.models.autoencoder import Autoencoder
    from recommender.models.ease import Ease, PlainEase, SparseEase, TaggedEase
    from recommender.models.ensemble import Ensemble
    from recommender.models.ials import IALS
    from recommender.models.kernel import Kernel
    from recommender.models.neighbours import ItemKNN, RP3Beta
    from recommender.models.spectral import PureSVD
    from recommender.models.taste import GaussianTaste
    from recommender.models.user_knn import UserKNN

__all__ = [
    "IALS",
    "Autoencoder",
    "Ease",
    "Ensemble",
    "GaussianTaste",
    "ItemKNN",
    "Kernel",
    "PlainEase",
    "PureSVD",
    "RP3Beta",
    "SparseEase",
    "TaggedEase",
    "UserKNN",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401  (whatever is asked for)
    """Import a model on first access: the import takes half a second, which chat must not wait for."""
    if name == "Ensemble":
        return import_module("recommender.models.ensemble").Ensemble
    if name in __all__:
        registry = import_module("recommender.models.registry").MODELS
        return next(model for model in registry.values() if model.__name__ == name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
