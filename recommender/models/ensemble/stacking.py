"""Stacking: a weighted sum of features, with weights by the number of known items, and a correction.

It is trained listwise: it maximises the likelihood of a softmax over each list, averaged over users (Cao,
Qin, Liu, Tsai and Li, "Learning to rank: from pairwise approach to listwise approach", ICML 2007; McFadden's
multinomial logit). Each weight is piecewise linear in the logarithm of the number of known items, so that one
model can lead for users with one known item and another for users with fifty. Small networks add what a sum
cannot express (`correction`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Doubles, Floats
from recommender.linalg.dense import one_thread
from recommender.models.ensemble.correction import Correction
from recommender.models.ensemble.features import SHARED, CandidateFeatures
from recommender.models.ensemble.training_lists import TrainingList, TrainingLists

KNOTS = (1.0, 3.0, 8.0, 25.0, 80.0)  # known items at the knots of the lines
_PENALTY = 75.0  # on squared weights of unit-variance features, in nats over all lists
_ITERATIONS = 200


@dataclass(frozen=True, eq=False)
class Combination:
    """Feature weights by the number of known items, and the correction."""

    weights: Floats  # len(KNOTS) x F
    correction: Correction

    @classmethod
    def untaught(cls, n_features: int) -> Self:
        """Return a combination by mean rank alone, for lack of training lists."""
        weights = np.zeros((len(KNOTS), n_features), dtype=np.float32)
        weights[:, -SHARED] = -1
        return cls(weights, Correction.none(n_features))

    @classmethod
    def learned(cls, lists: Sequence[TrainingList], *, seed: int) -> Self:
        """Train the sum, then the correction with `seed`, on at least one list."""
        stacked = TrainingLists.of(lists)
        with one_thread():
            weights = weights_of(stacked)
            sums = np.einsum("nk,nk->n", stacked.features @ weights.T, hats(stacked.n_known))
            return cls(weights, Correction.learned(stacked, sums, seed=seed))

    def worth(self, each: CandidateFeatures) -> Floats:
        """Return one float32 score per candidate of a user with at least one known item."""
        sums = each.features @ (hats(np.array([each.n_known]))[0] @ self.weights)
        return np.asarray(sums + self.correction.of(each.features, np.full(len(sums), each.n_known), sums))


def hats(known: NDArray[np.int64]) -> Floats:
    """Return users x len(KNOTS): the weight of each knot for a number of known items; rows sum to 1."""
    at = np.log(np.clip(known, KNOTS[0], KNOTS[-1]).astype(np.float64))
    lines = [np.interp(at, np.log(KNOTS), row) for row in np.eye(len(KNOTS))]
    return np.stack(lines, axis=1).astype(np.float32)


def weights_of(lists: TrainingLists) -> Floats:
    """Return len(KNOTS) x F, maximising the penalised likelihood with L-BFGS from zero."""
    spread = lists.features.std(axis=0, dtype=np.float64)
    scale = np.divide(1, spread, out=np.zeros_like(spread), where=spread > 1e-6)
    features = lists.features * scale.astype(np.float32)
    knots = hats(lists.n_known)
    shape = (len(KNOTS), features.shape[1])
    penalty = _PENALTY / len(lists.lengths)

    def loss(flat: Doubles) -> tuple[float, Doubles]:
        by_knot = features @ flat.reshape(shape).T.astype(np.float32)
        value, error = lists.loss(np.einsum("nk,nk->n", by_knot, knots).astype(np.float64))
        slope = ((knots * error[:, None]).T @ features).astype(np.float64).ravel()
        return value + penalty * float(flat @ flat), slope + 2 * penalty * flat

    start = np.zeros(shape[0] * shape[1])
    from scipy.optimize import minimize  # noqa: PLC0415 - for training alone

    best = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _ITERATIONS})
    return np.asarray(best.x.reshape(shape) * scale, dtype=np.float32)
