"""Registry of models for evaluation, and their interface.

To add one, register a `Model` in `recommender.models.registry`, or any class with `fit` here.
"""

from dataclasses import dataclass
from typing import Protocol

from scipy.sparse import csr_matrix

from recommender.arrays import Floats, Ints
from recommender.errors import UnsuitedError
from recommender.evaluation.baselines import ImplicitALS, MostPopular
from recommender.evaluation.tag_baselines import TagCosine, TagRidge
from recommender.evaluation.tag_network import TagNetwork
from recommender.models import registry
from recommender.models.ensemble import Ensemble
from recommender.models.tag_regression import TagRegression


class Ranker(Protocol):
    """A trained model."""

    def scores(self, known: csr_matrix) -> Floats:
        """Return users x I float32, higher is better, NaN for no score; known items are not masked.

        `known` is users x I with the weights of each user's items; the users need not be in the
        training data.
        """
        ...

    def recommend(self, known: csr_matrix, n: int = 100) -> tuple[Ints, Floats]:
        """Return items and scores, users x n, best first, without known items."""
        ...


class Trainable(Protocol):
    """Anything with a `fit`: a class with a class method, or an object with settings.

    `fit` may also take `validation: Fold`, tuning users outside `user_items`, and `friends: csr_matrix`,
    users x users; it receives the arguments its signature names. A trained model may report its chosen
    settings in an attribute `tuned: Mapping[str, object]`.
    """

    def fit(self, user_items: csr_matrix, item_tags: csr_matrix | None = None, *, seed: int) -> Ranker:
        """Fit on users x I weights and I x T tag counts."""
        ...


@dataclass(frozen=True)
class WithoutTags:
    """A model fitted without tags."""

    model: Trainable

    def fit(self, user_items: csr_matrix, item_tags: csr_matrix | None = None, *, seed: int) -> Ranker:
        """Fit on the weights alone."""
        del item_tags
        return self.model.fit(user_items, None, seed=seed)


@dataclass(frozen=True)
class SoundRegression:
    """The tag regression with heard vectors: in place of the tags, or beside them."""

    beside_tags: bool

    def fit(
        self,
        user_items: csr_matrix,
        item_tags: csr_matrix | None = None,
        *,
        seed: int,
        heard: Floats | None = None,
    ) -> Ranker:
        """Fit on weights and I x H heard vectors; raise UnsuitedError without them."""
        if heard is None:
            raise UnsuitedError("It needs heard vectors: name them with --audio.")
        if not self.beside_tags:
            return TagRegression.fit(user_items, csr_matrix((len(heard), 0)), seed=seed, texts=heard)
        return TagRegression.fit(user_items, item_tags, seed=seed, sounds=heard)


# The models of `segue train`, and their baselines.
DEFAULT = Ensemble.name
# The models for item cold start.
COLD = ("popularity", "tag-cosine", "tag-ridge", "tag-network", "tag-regression")
DEFAULT_COLD = "tag-regression"
BY_TAGS, BY_SOUND = "tag-cosine", "sound-regression"
HEARD = (BY_SOUND, "tag-sound-regression")
"""The models for items that were heard."""

MODELS: dict[str, Trainable] = {
    Ensemble.name: Ensemble,
    f"{Ensemble.name}-untagged": WithoutTags(Ensemble),
    "popularity": MostPopular,
    "als-defaults": ImplicitALS(),
    **registry.MODELS,
    "tag-cosine": TagCosine,
    "tag-ridge": TagRidge,
    "tag-network": TagNetwork,
    "tag-regression": TagRegression,
}
OF_SOUND: dict[str, Trainable] = dict(
    zip(HEARD, (SoundRegression(beside_tags=False), SoundRegression(beside_tags=True)), strict=True)
)
"""Models that need heard vectors, evaluated only when there are some."""
