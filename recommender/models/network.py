"""A neural network in NumPy: one hidden tanh layer, cross-entropy loss, hand-written gradients.

With one hidden layer h = tanh(x W1 + b1) and logits l = h W2 + b2, the derivative of the cross-entropy by the
logits is d = (p - t), both for a softmax over classes and for independent sigmoids; the chain rule gives

    dW2 = h'd,  db2 = sum d,  e = (d W2') * (1 - h^2),  dW1 = x'e,  db1 = sum e
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

Array = NDArray[np.floating]


class Parameters(NamedTuple):
    """Float arrays of shapes I x H, H, H x O, O."""

    inner: Array
    inner_bias: Array
    outer: Array
    outer_bias: Array

    @classmethod
    def drawn(
        cls, n_inputs: int, n_hidden: int, outer_bias: Array, spread: float, rng: np.random.Generator
    ) -> "Parameters":
        """Return random inner weights and zero outer ones: the first output is the bias alone."""
        kind = outer_bias.dtype
        inner = rng.normal(0, spread, (n_inputs, n_hidden)).astype(kind)
        outer = np.zeros((n_hidden, len(outer_bias)), dtype=kind)
        return cls(inner, np.zeros(n_hidden, dtype=kind), outer, outer_bias.copy())


def hidden(parameters: Parameters, inputs: csr_matrix | Array) -> Array:
    """Return n x H: the tanh of the inner layer."""
    return np.tanh(inputs @ parameters.inner + parameters.inner_bias)


def logits(parameters: Parameters, inputs: csr_matrix | Array) -> Array:
    """Return n x O logits."""
    return np.asarray(hidden(parameters, inputs) @ parameters.outer + parameters.outer_bias)


def softmax(values: Array) -> Array:
    """Return each row's softmax; overwrites `values`."""
    values -= values.max(axis=1, keepdims=True)
    np.exp(values, out=values)
    values /= values.sum(axis=1, keepdims=True)
    return values


def sigmoid(values: Array) -> Array:
    """Return 1 / (1 + exp(-values)), without overflow."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * values)))


def gradients(parameters: Parameters, inputs: csr_matrix | Array, h: Array, slope: Array) -> Parameters:
    """Return the loss's derivatives, given those by the logits (`slope`, n x O) and the hidden layer."""
    back = slope @ parameters.outer.T
    back *= 1 - h * h
    return Parameters(inputs.T @ back, back.sum(axis=0), h.T @ slope, slope.sum(axis=0))


@dataclass
class Adam:
    """Adam optimiser with decoupled weight decay; updates the parameters in place.

    Sources: Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015; Loshchilov and
    Hutter, "Decoupled weight decay regularization", ICLR 2019.
    """

    parameters: Parameters
    decay: float = 0.0  # of the weights, not of the biases
    steps: int = 0
    means: Parameters = field(init=False)
    squares: Parameters = field(init=False)

    def __post_init__(self) -> None:
        self.means = Parameters(*(np.zeros_like(p) for p in self.parameters))
        self.squares = Parameters(*(np.zeros_like(p) for p in self.parameters))

    def step(self, slopes: Parameters, rate: float) -> None:
        """Take one step; overwrites the arrays of `slopes`."""
        self.steps += 1
        # Means are stored as plain sums, 10 and 1000 times as large, which saves two passes over memory.
        rate_of_sums = rate * 0.1 / (1 - 0.9**self.steps)
        size_of_sums = np.sqrt(0.001 / (1 - 0.999**self.steps))
        moved = zip(self.parameters, slopes, self.means, self.squares, strict=True)
        for values, slope, mean, square in moved:
            shrink = 1 - rate * self.decay if values.ndim > 1 else 1.0
            _move(values, slope, mean, square, rate_of_sums / size_of_sums, 1e-8 / size_of_sums, shrink)


def _move(
    values: Array, slope: Array, mean: Array, square: Array, rate: float, least: float, shrink: float
) -> None:
    kind = values.dtype.type
    mean *= kind(0.9)
    mean += slope
    slope *= slope
    square *= kind(0.999)
    square += slope
    np.sqrt(square, out=slope)
    slope += kind(least)
    np.divide(mean, slope, out=slope)
    slope *= kind(rate)
    values -= slope
    if shrink != 1:
        values *= kind(shrink)
