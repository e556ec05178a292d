"""Denoising autoencoder with a multinomial likelihood, in NumPy.

Source: Liang, Krishnan, Hoffman and Jebara, "Variational autoencoders for collaborative filtering", WWW 2018
(Mult-DAE). Differences: inputs are divided by the square root of the item's popularity, weight decay is
decoupled from the gradient, and items with a single user are left out, since nothing can be learned from
them. An epoch on two thousand users takes a third of a second on one thread.
"""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack

from recommender.arrays import Floats, Ints
from recommender.linalg.dense import one_thread
from recommender.models.base import Model, listeners, spread
from recommender.models.network import Adam, Parameters, gradients, hidden, logits, softmax
from recommender.models.tags import scaled_columns, tag_vectors, unit_rows
from recommender.models.tuning import Grid, Settings
from recommender.models.weights import Kind, Weighting

_BATCH = 64
_MOST_ITEMS = 20_000
_WARM_UP = 20  # steps
_SMOOTH = 5.0  # users, added to an item's popularity
_NEVER = -50.0  # the logarithm of zero probability


@dataclass(frozen=True, eq=False)
class Autoencoder(Model):
    """Reconstructs a user's items from a random part of them, through `width` hidden units."""

    name: ClassVar[str] = "autoencoder"
    grid: ClassVar[Grid] = {
        "dropped": (0.15, 0.3, 0.5, 0.7),
        "decay": (0.3, 1.0, 3.0),
        "steps": (100, 200, 300, 600, 1200),
    }
    start: ClassVar[Settings] = {"dropped": 0.3, "decay": 1.0, "steps": 300}
    weighing: ClassVar[Grid] = {}  # not searched: the gain is not worth half a minute of training
    most_exams: ClassVar[int] = 1

    columns: Ints  # ascending: the items in the network
    encoder: "Encoder"
    inner: Floats
    inner_bias: Floats
    outer: Floats
    outer_bias: Floats

    @classmethod
    def train(  # noqa: PLR0913  (a network has many settings)
        cls,
        user_items: csr_matrix,
        item_tags: csr_matrix | None = None,
        *,
        seed: int = 0,
        kind: Kind = "relative",
        power: float = 1.0,
        width: int = 200,
        dropped: float = 0.3,
        decay: float = 1.0,
        rate: float = 7e-3,
        steps: int = 300,
        tag_share: float = 0.0,
    ) -> Self:
        """Train with Adam; `seed` draws the batches, the dropout and the initial weights.

        `dropped`: the share of a user's items left out of the input. `tag_share`: the length of the
        mean tag vector of the user's items, as further inputs; the items have length 1.
        """
        weighting, weights = Weighting.learned(user_items, kind, power)
        popularity = listeners(weights)
        columns = _columns(popularity)
        weights = weights[:, columns]
        common = popularity[columns]
        scale = ((common + _SMOOTH) ** -0.25).astype(np.float32)
        tags = tag_vectors(item_tags if tag_share else None, user_items.shape[1])[columns]
        bias = np.log((common + 0.5) / (common.sum() + 0.5 * len(common)))
        rng = np.random.default_rng(seed)
        parameters = Parameters.drawn(len(columns) + tags.shape[1], width, bias.astype(np.float32), 0.1, rng)
        encoder = Encoder(scale, tags, tag_share)
        with one_thread():
            _descend(parameters, weights, encoder, Schedule(rate, steps, dropped, decay), rng)
        return cls(popularity, weighting, columns, encoder, *parameters)

    @property
    def parameters(self) -> Parameters:
        """The network's weights and biases."""
        return Parameters(self.inner, self.inner_bias, self.outer, self.outer_bias)

    def weighted_scores(self, known: csr_matrix) -> Floats:
        """Return the items' log probabilities, items outside the network last."""
        values = logits(self.parameters, self.encoder.inputs(known[:, self.columns]))
        values -= values.max(axis=1, keepdims=True)
        return spread(np.asarray(values, dtype=np.float32), self.columns, self.n_items, fill=_NEVER)


@dataclass(frozen=True, eq=False)
class Encoder:
    """The network's input for a user."""

    item_scale: Floats  # I: factor per item
    item_tags: csr_matrix  # I x T
    tag_share: float

    def inputs(self, known: csr_matrix) -> csr_matrix:
        """Return users x (I + T): items, of length 1, and their tags, of length `tag_share`."""
        items = unit_rows(scaled_columns(known, self.item_scale))
        if not self.item_tags.shape[1]:
            return items
        tastes = unit_rows(csr_matrix(known @ self.item_tags)) * np.float32(self.tag_share)
        return csr_matrix(hstack([items, tastes], format="csr", dtype=np.float32))


@dataclass(frozen=True)
class Schedule:
    """Training schedule of the network."""

    rate: float
    steps: int
    dropped: float
    decay: float

    def rate_at(self, done: float, step: int) -> float:
        """Return the learning rate at a share of the training: warm-up, then cosine decay."""
        return self.rate * 0.5 * (1 + float(np.cos(np.pi * done))) * min(1.0, (step + 1) / _WARM_UP)


def _columns(popularity: Floats) -> Ints:
    """Return the items with at least two users; with any user, if hardly an item has two."""
    shared = np.flatnonzero(popularity > 1)
    columns = shared if len(shared) > 1 else np.flatnonzero(popularity)
    if len(columns) > _MOST_ITEMS:
        columns = np.sort(columns[np.argsort(-popularity[columns], kind="stable")[:_MOST_ITEMS]])
    return columns.astype(np.int32)


def _descend(
    parameters: Parameters, weights: csr_matrix, encoder: Encoder, how: Schedule, rng: np.random.Generator
) -> None:
    if not weights.nnz:
        return
    n = weights.shape[0]
    optimizer = Adam(parameters, how.decay)
    order = np.concatenate([rng.permutation(n) for _ in range(-(-how.steps * _BATCH // n))])
    for step in range(how.steps):
        targets = weights[order[step * _BATCH : (step + 1) * _BATCH]]
        inputs = encoder.inputs(_thinned(targets, how.dropped, rng))
        h = hidden(parameters, inputs)
        slope = _slope(np.asarray(h @ parameters.outer + parameters.outer_bias), targets)
        optimizer.step(gradients(parameters, inputs, h, slope), how.rate_at(step / how.steps, step))


def _thinned(matrix: csr_matrix, dropped: float, rng: np.random.Generator) -> csr_matrix:
    kept = rng.random(matrix.nnz) >= dropped
    return csr_matrix((matrix.data * kept, matrix.indices, matrix.indptr), shape=matrix.shape)


def _slope(values: NDArray[np.float32], targets: csr_matrix) -> NDArray[np.float32]:
    """Return the derivative of -sum t log softmax(l) / n by the logits l, n x O; overwrites `values`."""
    counts = np.diff(targets.indptr)
    rows = np.repeat(np.arange(len(counts)), counts)
    total = np.bincount(rows, targets.data, len(counts)).astype(np.float32)
    slope = softmax(values)
    slope *= (total / len(counts))[:, None]
    slope[rows, targets.indices] -= targets.data / np.float32(len(counts))
    return slope
