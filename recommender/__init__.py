"""JUDGES.  Opinions about music, computed from the facts in `storage`.

Useful without any chat: matrices in, ranked lists out.

    from recommender import Ensemble

    model = Ensemble.fit(user_items, item_tags=None, seed=0)
    items, scores = model.recommend(known, n=100)

`Ensemble` learns to combine the single models, which can be used in the same way: `recommender.models`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recommender.ensemble import Ensemble

__all__ = ["Ensemble"]


def __getattr__(name: str) -> Any:  # noqa: ANN401  (whatever is asked for)
    """Import the ensemble when it is asked for: it takes half a second, which a chat need not wait."""
    if name == "Ensemble":
        from recommender.ensemble import Ensemble  # noqa: PLC0415

        return Ensemble
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
