"""The models that can be evaluated, by name, and what a model has to be able to do for that.

To add one: write a `Model` and name it in `recommender.models.registry`, or any class with `fit` here.
"""

from dataclasses import dataclass
from typing import Protocol

from scipy.sparse import csr_matrix

from recommender.arrays import Floats, Ints
from recommender.evaluation.baselines import ImplicitALS, MostPopular
from recommender.evaluation.tag_baselines import TagCosine, TagRidge
from recommender.evaluation.tag_network import TagNetwork
from recommender.models import registry
from recommender.models.ensemble import Ensemble
from recommender.models.tag_regression import TagRegression


class Ranker(Protocol):
    """A trained model."""

    def scores(self, known: csr_matrix) -> Floats:
        """Return persons x I float32, higher is better, NaN for no opinion; what is known is not masked.

        `known` is persons x I with the weights of what each has; they need not be in the training data.
        """
        ...

    def recommend(self, known: csr_matrix, n: int = 100) -> tuple[Ints, Floats]:
        """Return items and scores, persons x n, best first, known items left out."""
        ...


class Trainable(Protocol):
    """Anything with a `fit`: a class where it is a class method, or an object that holds settings.

    `fit` may also take `validation: Fold`, people to tune itself on who are not in `user_items`, and
    `friends: csr_matrix`, users x users; it is handed what its signature names.  A trained model may say what
    it chose in an attribute `tuned: Mapping[str, object]`, which goes into the report.
    """

    def fit(self, user_items: csr_matrix, item_tags: csr_matrix | None = None, *, seed: int) -> Ranker:
        """Learn from users x I weights and I x T tag counts."""
        ...


@dataclass(frozen=True)
class WithoutTags:
    """A model as if nobody had tagged anything."""

    model: Trainable

    def fit(self, user_items: csr_matrix, item_tags: csr_matrix | None = None, *, seed: int) -> Ranker:
        """Learn from the weights alone."""
        del item_tags
        return self.model.fit(user_items, None, seed=seed)


# What `segue train` builds, and what the others are compared with.
DEFAULT = Ensemble.name
# What is compared where nobody has the items yet.
COLD = ("popularity", "tag-cosine", "tag-ridge", "tag-network", "tag-regression")
DEFAULT_COLD = "tag-regression"

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
