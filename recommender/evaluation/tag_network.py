"""Item factors predicted by a network over the tags' latent semantics, as a baseline.

Source: Barkan, Koenigstein, Yogev and Katz, "CB2CF: a neural multiview content-to-collaborative filtering
model for completely cold item recommendations", RecSys 2019; latent semantics: Deerwester et al., "Indexing
by latent semantic analysis", JASIS 41(6), 1990.
"""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPRegressor
from sklearn.utils.extmath import randomized_svd

from recommender.arrays import Floats
from recommender.errors import UnsuitedError
from recommender.linalg import one_thread
from recommender.metrics.ranked_lists import ScoreRanker
from recommender.models.tag_regression import ones, parts_of, vectors_of

_LATENT, _HIDDEN_UNITS, _NETWORK_FACTORS = 256, 256, 128
_ENOUGH = 500  # items; a tenth of them is then set aside for early stopping


@dataclass(frozen=True, eq=False)
class TagNetwork(ScoreRanker):
    """Factors predicted from the latent semantics of tags by a network of one hidden layer: CB2CF."""

    predicted: Floats  # I x F
    factors: Floats  # I x F, of known items
    tuned: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def fit(cls, user_items: csr_matrix, item_tags: csr_matrix | None = None, *, seed: int) -> Self:
        """Train with early stopping; raise UnsuitedError without tags."""
        if item_tags is None:
            raise UnsuitedError("It needs tags, and the data have none.")
        with one_thread():
            parts = parts_of(user_items, item_tags, seed, vectors_of(item_tags), factors=_NETWORK_FACTORS)
            n = min(_LATENT, *(side - 1 for side in parts.vectors.shape))
            _, _, components = randomized_svd(parts.vectors, n, n_iter=2, random_state=seed)
            latent = np.asarray(parts.vectors @ components.T, dtype=np.float32)
            rows = np.flatnonzero(np.diff(parts.learnt.indptr))
            factors = parts.factors
            inputs, outputs = float(latent[rows].std()) or 1.0, float(factors[rows].std()) or 1.0
            network = MLPRegressor(
                hidden_layer_sizes=(_HIDDEN_UNITS,),
                alpha=0.01,
                learning_rate_init=0.002,
                batch_size=max(1, min(128, len(rows) // 2)),
                max_iter=40,
                tol=1e-4,
                early_stopping=len(rows) >= _ENOUGH,
                n_iter_no_change=4,
                random_state=seed,
            )
            with warnings.catch_warnings():
                # The number of epochs is fixed on purpose.
                warnings.simplefilter("ignore", ConvergenceWarning)
                network.fit(latent[rows] / inputs, factors[rows] / outputs)
            predicted = np.asarray(network.predict(latent / inputs), dtype=np.float32).reshape(factors.shape)
        return cls(predicted, factors, {"epochs": network.n_iter_})

    def scores(self, known: csr_matrix) -> Floats:
        """Return the inner products with the sum of the user's items."""
        with one_thread():
            return np.asarray((ones(known) @ self.factors) @ self.predicted.T, dtype=np.float32)
