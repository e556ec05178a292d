"""Alternating least squares against the normal equations, and what its loss counts."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from recommender.models.ials import IALS, solved

PEOPLE, ITEMS, WIDTH = 9, 12, 3


@pytest.fixture
def rng():
    return np.random.default_rng(1)


@pytest.fixture
def weights(rng) -> csr_matrix:
    return csr_matrix(
        (rng.random((PEOPLE, ITEMS)) < 0.4) * rng.uniform(0.5, 2, (PEOPLE, ITEMS)), dtype=np.float32
    )


def test_enough_steps_solve_the_normal_equations(rng, weights):
    factors = rng.normal(size=(ITEMS, WIDTH)).astype(np.float32)
    gram, ridge = 0.3 * factors.T @ factors, rng.uniform(0.1, 1, PEOPLE).astype(np.float32)
    start = rng.normal(size=(PEOPLE, WIDTH)).astype(np.float32)
    found = solved(weights, factors, gram, ridge, start, 10)
    for person, own in enumerate(weights.toarray()):
        left = gram + ridge[person] * np.eye(WIDTH) + factors.T @ (own[:, None] * factors)
        assert found[person] == pytest.approx(np.linalg.solve(left, factors.T @ own), abs=1e-4)


def test_who_has_nothing_is_solved_to_nothing(rng):
    factors = rng.normal(size=(ITEMS, WIDTH)).astype(np.float32)
    start = rng.normal(size=(2, WIDTH)).astype(np.float32)
    found = solved(
        csr_matrix((2, ITEMS), dtype=np.float32),
        factors,
        factors.T @ factors,
        np.ones(2, np.float32),
        start,
        10,
    )
    assert found == pytest.approx(0, abs=1e-4)


def test_each_sweep_lowers_the_loss_of_the_paper(weights):
    settings = {"kind": "one", "factors": WIDTH, "regularization": 0.05, "unobserved": 0.2, "scaling": 1.0}
    losses = [loss(IALS.train(weights, **settings, sweeps=sweeps), weights) for sweeps in (1, 2, 4, 8, 16)]
    assert (np.diff(losses) < 1e-4).all()


def loss(model: IALS, people: csr_matrix) -> float:
    """Equation 4 of Rendle et al. 2022, with the factors of people that are best for those of items."""
    has = (people.toarray() > 0).astype(np.float64)[:, model.columns]
    x = model.factors_of(model.weighting.of(people)[:, model.columns]).astype(np.float64)
    y = model.item_factors.astype(np.float64)
    scores = x @ y.T
    size = [
        (n + model.unobserved * m) @ (f**2).sum(axis=1)
        for n, m, f in ((has.sum(axis=1), has.shape[1], x), (has.sum(axis=0), has.shape[0], y))
    ]
    return float(
        (has * (1 - scores) ** 2).sum()
        + model.unobserved * (scores**2).sum()
        + model.regularization * sum(size)
    )
