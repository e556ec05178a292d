"""The models that can be evaluated, by name."""

from typing import Protocol

from scipy.sparse import csr_matrix

from recommender.scorers import Floats, Ints


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
    """Anything with a `fit`: a class, or a `Recipe` object.

    `fit` may also take `validation: Fold`, people to tune itself on who are not in `user_items`, and
    `friends: csr_matrix`, users x users; the runner hands over what the signature names.
    A trained model may say what it chose as `tuned: dict[str, ...]`; it goes into the report.
    """

    def fit(
        self, user_items: csr_matrix, item_tags: csr_matrix | None = None, *, seed: int
    ) -> Ranker: ...
