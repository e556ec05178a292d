"""Correction of the stacked sum: interactions between features, learned by a few small networks.

Averaging networks from different initial weights lowers the error (Hansen and Salamon, "Neural network
ensembles", TPAMI 12(10), 1990). Their outer weights start at zero, so that untrained they add nothing.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Floats
from recommender.models.ensemble.training_lists import TrainingLists
from recommender.models.network import Adam, Parameters, gradients, hidden, logits

_NETWORKS = 3
_WIDTH = 16
_SPREAD = 0.2  # of the initial inner weights
_EPOCHS = 10
_RATE = 3e-3
_DECAY = 0.3
_LISTS_AT_ONCE = 64
_LISTS_OF_DOUBT = 2_400.0  # with so many lists, half of the networks' output counts


@dataclass(frozen=True, eq=False)
class Correction:
    """Mean of small networks over the features, the log number of known items, and the sum itself."""

    center: Floats  # F + 2
    scale: Floats  # F + 2
    networks: tuple[Parameters, ...]
    believed: float  # weight of the output, 0 to 1: grows with the number of lists

    @classmethod
    def learned(cls, lists: TrainingLists, sums: Floats, *, seed: int) -> Self:
        """Train on the lists' likelihood, starting from the `sums` (n)."""
        inputs = _inputs(lists.features, lists.n_known, sums)
        center, spread = inputs.mean(axis=0), inputs.std(axis=0)
        scale = np.divide(1, spread, out=np.zeros_like(spread), where=spread > 1e-6)
        inputs = (inputs - center) * scale
        rngs = np.random.default_rng(seed).spawn(_NETWORKS)
        n = len(lists.lengths)
        networks = tuple(_descended(lists, inputs, sums, rng) for rng in rngs)
        return cls(center, scale, networks, n / (n + _LISTS_OF_DOUBT))

    @classmethod
    def none(cls, n_features: int) -> Self:
        """Return a correction that adds nothing."""
        zeros = np.zeros(n_features + 2, dtype=np.float32)
        return cls(zeros, zeros, (), 0.0)

    def of(self, features: Floats, n_known: NDArray[np.int64], sums: Floats) -> Floats:
        """Return n float32 to add to the sums."""
        if not self.networks:
            return np.zeros(len(sums), dtype=np.float32)
        inputs = (_inputs(features, n_known, sums) - self.center) * self.scale
        said = np.mean([logits(network, inputs)[:, 0] for network in self.networks], axis=0)
        return np.asarray(np.float32(self.believed) * said)


def _inputs(features: Floats, n_known: NDArray[np.int64], sums: Floats) -> Floats:
    return np.column_stack([features, np.log(np.maximum(n_known, 1)), sums]).astype(np.float32)


def _descended(lists: TrainingLists, inputs: Floats, sums: Floats, rng: np.random.Generator) -> Parameters:
    network = Parameters.drawn(inputs.shape[1], _WIDTH, np.zeros(1, np.float32), _SPREAD, rng)
    optimizer = Adam(network, _DECAY)
    n = len(lists.lengths)
    batches = [
        order[at : at + _LISTS_AT_ONCE]
        for order in (rng.permutation(n) for _ in range(_EPOCHS))
        for at in range(0, n, _LISTS_AT_ONCE)
    ]
    for step, batch in enumerate(batches):
        rows, some = lists.some(batch)
        h = hidden(network, inputs[rows])
        values = (h @ network.outer + network.outer_bias)[:, 0] + sums[rows]
        _, slope = some.loss(values.astype(np.float64))
        rate = _RATE * 0.5 * (1 + float(np.cos(np.pi * step / len(batches))))
        optimizer.step(gradients(network, inputs[rows], h, slope[:, None]), rate)
    return network
