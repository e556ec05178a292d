"""PureSVD and the kernel against their formulas."""

import numpy as np
import pytest

from recommender.models.kernel import Kernel, tangent_kernel
from recommender.models.spectral import PureSVD


def test_scores_are_projections_onto_the_axes_of_damped_items(some_people):
    model = PureSVD.train(some_people, kind="log", factors=4, damping=0.6, lift=0.2)
    weights = np.log1p(some_people.toarray()) / model.weighting.scale
    popularity = (weights > 0).sum(axis=0)
    damped = weights * popularity**-0.3
    axes = np.linalg.svd(damped)[2][:4].T
    expected = damped @ axes @ axes.T * popularity**0.2
    assert model.scores(some_people) == pytest.approx(expected, abs=1e-4)


def test_the_kernel_is_ridge_regression_from_people_to_items(some_people):
    model = Kernel.train(some_people, kind="one", ridge=0.3, depth=2, damping=0.0)
    has = (some_people.toarray() > 0).astype(np.float64)
    unit = has / np.linalg.norm(has, axis=1, keepdims=True)
    square = tangent_kernel(unit @ unit.T, 2)
    expected = square @ np.linalg.solve(square + 0.3 * np.eye(len(square)), has)
    assert model.scores(some_people) == pytest.approx(expected, abs=1e-4)


def test_the_tangent_kernel_is_that_of_a_very_wide_network():
    """Gradients of a network with one hidden layer of ReLU, in the parametrisation of Jacot et al."""
    rng, width = np.random.default_rng(0), 200_000
    one, other = np.array([1.0, 0.0]), np.array([0.6, 0.8])
    inner, outer = rng.normal(size=(width, 2)), rng.normal(size=width)
    active = (inner @ one > 0) & (inner @ other > 0)
    by_outer = 2 / width * np.maximum(inner @ one, 0) @ np.maximum(inner @ other, 0)
    by_inner = 2 / width * (one @ other) * np.sum(outer[active] ** 2)
    assert tangent_kernel(np.array([one @ other]), 1)[0] == pytest.approx((by_outer + by_inner) / 2, abs=0.01)
    assert tangent_kernel(np.ones(1), 3) == pytest.approx(1)
