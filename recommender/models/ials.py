"""Implicit-feedback matrix factorisation (iALS) with frequency-scaled regularisation.

Sources: Hu, Koren and Volinsky, "Collaborative filtering for implicit feedback datasets", ICDM 2008; Rendle,
Krichene, Zhang and Koren, "Revisiting the performance of iALS on item recommendation benchmarks", RecSys 2022
(the loss below); Takacs, Pilaszy and Tikk, "Applications of the conjugate gradient method for implicit
feedback collaborative filtering", RecSys 2011 (the solver).
"""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from scipy.sparse import csr_matrix

from recommender.arrays import Floats, Ints
from recommender.linalg.dense import one_thread
from recommender.models.base import Model, listeners, spread
from recommender.models.tuning import Grid, Settings
from recommender.models.weights import KINDS, Kind, Weighting

_STEPS = 3  # conjugate gradient steps per half sweep, warm-started from the last sweep
_STEPS_FROM_NOTHING = 20
_FLOATS_AT_ONCE = 1 << 19  # 2 MB, which stay in the cache from step to step
_TINY = np.float32(1e-20)


@dataclass(frozen=True, eq=False)
class IALS(Model):
    """Item factors; a user's factors are solved for from the known items.

    The loss over users u and items i, with weights w, is

        sum over known (u, i) of w (1 - x_u.y_i)^2  +  unobserved * sum over all (u, i) of (x_u.y_i)^2
        + regularization * (sum_u (n_u + unobserved I)^scaling |x_u|^2 + the same for items)
    """

    name: ClassVar[str] = "ials"
    grid: ClassVar[Grid] = {
        "regularization": (3e-4, 1e-3, 3e-3, 1e-2, 3e-2),
        "unobserved": (0.01, 0.03, 0.1, 0.3, 1.0),
        "factors": (64, 128, 256),
    }
    start: ClassVar[Settings] = {"regularization": 3e-3, "unobserved": 0.1, "factors": 128}
    weighing: ClassVar[Grid] = {"kind": KINDS}
    most_exams: ClassVar[int] = 1

    columns: Ints  # ascending: the items that have factors
    item_factors: Floats  # len(columns) x F
    gram: Floats  # F x F: unobserved * Y'Y
    regularization: float
    unobserved: float
    scaling: float

    @classmethod
    def train(  # noqa: PLR0913  (the settings of the papers)
        cls,
        user_items: csr_matrix,
        item_tags: csr_matrix | None = None,
        *,
        seed: int = 0,
        kind: Kind = "relative",
        power: float = 1.0,
        factors: int = 128,
        regularization: float = 3e-3,
        unobserved: float = 0.1,
        scaling: float = 1.0,
        sweeps: int = 8,
    ) -> Self:
        """Alternate between users and items, from item factors drawn with `seed`."""
        del item_tags
        weighting, weights = Weighting.learned(user_items, kind, power)
        popularity = listeners(weights)
        columns = np.flatnonzero(popularity).astype(np.int32)
        weights = weights[:, columns]
        transposed = csr_matrix(weights.T)
        rng = np.random.default_rng(seed)
        n_users, n_items = weights.shape
        y = rng.normal(0, 0.1 / np.sqrt(factors), (n_items, factors)).astype(np.float32)
        x = np.zeros((n_users, factors), dtype=np.float32)
        ridge_x = _ridge(weights, n_items, regularization, unobserved, scaling)
        ridge_y = _ridge(transposed, n_users, regularization, unobserved, scaling)
        with one_thread():
            for _ in range(sweeps):
                x = solved(weights, y, unobserved * (y.T @ y), ridge_x, x, _STEPS)
                y = solved(transposed, x, unobserved * (x.T @ x), ridge_y, y, _STEPS)
            gram = np.float32(unobserved) * (y.T @ y)
        return cls(popularity, weighting, columns, y, gram, regularization, unobserved, scaling)

    def factors_of(self, known: csr_matrix) -> Floats:
        """Return users x F for users x len(columns) weights."""
        n_items, width = self.item_factors.shape
        ridge = _ridge(known, n_items, self.regularization, self.unobserved, self.scaling)
        nothing = np.zeros((known.shape[0], width), dtype=np.float32)
        return solved(known, self.item_factors, self.gram, ridge, nothing, _STEPS_FROM_NOTHING)

    def weighted_scores(self, known: csr_matrix) -> Floats:
        """Return the predicted preferences x_u.y_i."""
        scores = self.factors_of(known[:, self.columns]) @ self.item_factors.T
        return spread(scores, self.columns, self.n_items, fill=0)


def _ridge(
    weights: csr_matrix, n_others: int, regularization: float, unobserved: float, scaling: float
) -> Floats:
    counts = np.diff(weights.indptr)
    return (regularization * (counts + unobserved * n_others) ** scaling).astype(np.float32)


def solved(
    weights: csr_matrix, factors: Floats, gram: Floats, ridge: Floats, start: Floats, steps: int
) -> Floats:
    """Return the x_u that minimise the loss for each row u, after `steps` conjugate gradient steps.

    All rows advance together, in blocks that bound the memory: (gram + ridge_u + Y'W_uY) x = Y'w.
    """
    answer = np.empty_like(start)
    each = max(1, weights.nnz // max(1, weights.shape[0])) * factors.shape[1]
    step = max(1, _FLOATS_AT_ONCE // max(1, each))
    for begin in range(0, len(start), step):
        rows = slice(begin, begin + step)
        answer[rows] = _descended(weights[rows], factors, gram, ridge[rows, None], start[rows], steps)
    return answer


def _descended(
    weights: csr_matrix, factors: Floats, gram: Floats, ridge: Floats, x: Floats, steps: int
) -> Floats:
    rows = np.repeat(np.arange(weights.shape[0]), np.diff(weights.indptr))
    theirs = factors[weights.indices]
    over = csr_matrix((weights.data, np.arange(weights.nnz), weights.indptr), (weights.shape[0], weights.nnz))

    def back(values: Floats) -> Floats:
        """Return Y'W_u times `values` for each row u."""
        over.data = weights.data * values
        return np.asarray(over @ theirs)

    def predicted(p: Floats) -> Floats:
        return np.asarray(np.einsum("nf,nf->n", p[rows], theirs))

    scale = _ratio(np.float32(1), np.diag(gram) + ridge)  # Jacobi preconditioner
    residual = back(1 - predicted(x)) - x @ gram - ridge * x
    z = scale * residual
    direction, size = z, _inner(residual, z)
    for _ in range(steps):
        moved = direction @ gram + ridge * direction + back(predicted(direction))
        length = _ratio(size, _inner(direction, moved))
        x = x + length * direction
        residual = residual - length * moved
        z = scale * residual
        last, size = size, _inner(residual, z)
        direction = z + _ratio(size, last) * direction
    return x


def _inner(a: Floats, b: Floats) -> Floats:
    return np.asarray(np.einsum("nf,nf->n", a, b)[:, None])


def _ratio(a: Floats | np.float32, b: Floats) -> Floats:
    return np.asarray(a / np.maximum(b, _TINY), dtype=np.float32)
