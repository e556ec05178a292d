"""Gradients by hand against finite differences, and a toy that a straight line cannot solve."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.datasets import make_gaussian_quantiles

from recommender.models import autoencoder
from recommender.models.network import Adam, Parameters, gradients, hidden, logits, sigmoid, softmax

SMALL = 1e-6


def drawn(shape, rng) -> Parameters:
    n_in, n_hidden, n_out = shape
    parameters = Parameters.drawn(n_in, n_hidden, rng.normal(size=n_out), 0.7, rng)
    parameters.outer[:] = rng.normal(size=parameters.outer.shape)
    parameters.inner_bias[:] = rng.normal(size=n_hidden)
    return parameters


def by_differences(loss, parameters) -> Parameters:
    """Return the derivatives of `loss()` by each number, from two steps of a millionth."""
    found = Parameters(*(np.empty_like(values) for values in parameters))
    for values, slopes in zip(parameters, found, strict=True):
        for place in np.ndindex(values.shape):
            at = values[place]
            values[place] = at + SMALL
            above = loss()
            values[place] = at - SMALL
            slopes[place] = (above - loss()) / (2 * SMALL)
            values[place] = at
    return found


def assert_close(found, expected):
    for name, one, other in zip(Parameters._fields, found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-8, err_msg=name)


def cross_entropy(parameters, inputs, classes) -> float:
    chance = sigmoid(logits(parameters, inputs))[:, 0]
    return float(-np.mean(np.log(np.where(classes == 1, chance, 1 - chance))))


def sigmoid_gradients(parameters, inputs, classes) -> Parameters:
    """p - t, the slope of the cross-entropy by the logit, handed down."""
    h = hidden(parameters, inputs)
    slope = (sigmoid(logits(parameters, inputs)) - classes[:, None]) / len(classes)
    return gradients(parameters, inputs, h, slope)


@pytest.fixture(scope="module")
def toy():
    """Points in the plane, of class 1 outside of a circle: the quantiles of a Gaussian."""
    return make_gaussian_quantiles(n_samples=400, n_features=2, n_classes=2, random_state=3)


def test_gradients_of_the_toy_are_those_of_finite_differences(toy):
    inputs, classes = toy
    parameters = drawn((2, 4, 1), np.random.default_rng(0))
    expected = by_differences(lambda: cross_entropy(parameters, inputs, classes), parameters)
    assert_close(sigmoid_gradients(parameters, inputs, classes), expected)


def test_the_toy_starts_at_ln_2_and_is_solved(toy):
    inputs, classes = toy
    parameters = Parameters.drawn(2, 4, np.zeros(1), 1.0, np.random.default_rng(1))
    assert cross_entropy(parameters, inputs, classes) == pytest.approx(np.log(2), abs=1e-12)
    optimizer = Adam(parameters)
    for _ in range(600):
        optimizer.step(sigmoid_gradients(parameters, inputs, classes), 0.05)
    assert cross_entropy(parameters, inputs, classes) < 0.1
    right = (sigmoid(logits(parameters, inputs))[:, 0] > 0.5) == classes
    assert right.mean() > 0.97


def test_gradients_of_the_autoencoder_are_those_of_finite_differences():
    rng = np.random.default_rng(2)
    items, tags, people = 7, 3, 5
    targets = csr_matrix(rng.poisson(0.8, (people, items)) * rng.uniform(0.5, 2, (people, items)))
    item_tags = csr_matrix(rng.random((items, tags)))
    inputs = autoencoder.Encoder(rng.uniform(0.5, 1, items), item_tags, 0.5).inputs(targets).toarray()
    inputs = inputs.astype(np.float64)
    parameters = drawn((items + tags, 4, items), rng)

    def loss() -> float:
        """The multinomial cross-entropy: -sum t log softmax(l) / n."""
        return float(-np.sum(targets.toarray() * np.log(softmax(logits(parameters, inputs)))) / people)

    slope = autoencoder._slope(logits(parameters, inputs), targets)
    found = gradients(parameters, inputs, hidden(parameters, inputs), slope)
    assert_close(found, by_differences(loss, parameters))


def test_sparse_inputs_give_the_gradients_of_dense_ones():
    rng = np.random.default_rng(4)
    inputs = (rng.random((6, 5)) < 0.4).astype(np.float64)
    parameters, slope = drawn((5, 3, 2), rng), rng.normal(size=(6, 2))
    of_dense = gradients(parameters, inputs, hidden(parameters, inputs), slope)
    sparse = csr_matrix(inputs)
    assert_close(gradients(parameters, sparse, hidden(parameters, sparse), slope), of_dense)


def test_numbers_of_any_size_give_chances():
    assert sigmoid(np.array([-1e4, 0, 1e4])).tolist() == [0, 0.5, 1]
    assert softmax(np.array([[1e4, 1e4, -1e4]])).tolist() == [[0.5, 0.5, 0]]


def test_adam_steps_as_published():
    """Kingma and Ba, algorithm 1, with the decay of Loshchilov and Hutter after the step."""
    rng = np.random.default_rng(5)
    parameters = drawn((3, 2, 2), rng)
    expected = [values.copy() for values in parameters]
    means, squares = ([np.zeros_like(values) for values in parameters] for _ in range(2))
    optimizer = Adam(parameters, decay=0.1)
    for step in range(1, 6):
        slopes = Parameters(*(rng.normal(size=values.shape) for values in parameters))
        for place, slope in enumerate(slopes):
            means[place] = 0.9 * means[place] + 0.1 * slope
            squares[place] = 0.999 * squares[place] + 0.001 * slope**2
            mean, square = means[place] / (1 - 0.9**step), squares[place] / (1 - 0.999**step)
            expected[place] -= 0.01 * mean / (np.sqrt(square) + 1e-8)
            if slope.ndim > 1:
                expected[place] *= 1 - 0.01 * 0.1
        optimizer.step(slopes, 0.01)
    assert_close(parameters, expected)
