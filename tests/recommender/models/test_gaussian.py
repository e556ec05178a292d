"""The Gaussian model of taste against the textbook's formulas, written out over all items at once."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix, random_array

from recommender.models.gaussian import Prior, expected, learned, posterior
from recommender.models.taste import GaussianTaste

ITEMS, FACTORS = 12, 3
SEEN, VALUES = np.array([1, 4, 7], dtype=np.int32), np.array([1.5, 0.0, -2.0])


@pytest.fixture
def prior() -> Prior:
    rng = np.random.default_rng(0)
    mean, noise = rng.normal(size=ITEMS), rng.uniform(0.2, 2, size=ITEMS)
    loadings = rng.normal(size=(ITEMS, FACTORS))
    return Prior.of(*(part.astype(np.float32) for part in (mean, loadings, noise)))


def conditioned(prior, seen, values):
    """Return mean and covariance of W z given x_seen, from the joint Gaussian of both (Bishop 2.81, 2.82)."""
    loadings = prior.loadings.astype(np.float64)
    shared = loadings @ loadings.T
    of_seen = shared[np.ix_(seen, seen)] + np.diag(prior.noise[seen])
    gain = np.linalg.solve(of_seen, shared[seen]).T
    return prior.mean + gain @ (values - prior.mean[seen]), shared - gain @ shared[seen]


def test_the_posterior_is_the_joint_gaussian_conditioned_on_what_was_seen(prior):
    mean, covariance = conditioned(prior, SEEN, VALUES)
    found = posterior(prior, SEEN, VALUES)
    assert found.means(prior) == pytest.approx(mean, abs=1e-5)
    assert found.variances(prior) == pytest.approx(np.diag(covariance), abs=1e-5)


def test_reactions_one_by_one_say_the_same_as_all_together(prior):
    found = prior.stranger
    for item, value in zip(SEEN.tolist(), VALUES.tolist(), strict=True):
        found = found.updated(prior, item, value)
    together = posterior(prior, SEEN, VALUES)
    assert found.mean == pytest.approx(together.mean)
    assert found.covariance == pytest.approx(together.covariance)


def test_of_a_stranger_the_population_is_believed(prior):
    nothing = posterior(prior, SEEN[:0], VALUES[:0])
    assert (nothing.means(prior) == prior.mean).all()
    assert prior.stranger.variances(prior) == pytest.approx((prior.loadings**2).sum(axis=1))


def test_absences_that_count_in_full_are_reactions_of_value_0(prior):
    everything = np.zeros(ITEMS)
    everything[SEEN] = VALUES
    mean, covariance = conditioned(prior, np.arange(ITEMS), everything)
    found = posterior(prior, SEEN, VALUES, absences=1)
    assert found.means(prior) == pytest.approx(mean, abs=1e-4)
    assert found.variances(prior) == pytest.approx(np.diag(covariance), abs=1e-4)


def test_every_reaction_makes_one_surer(prior):
    found = prior.stranger
    for item in range(ITEMS):
        after = found.updated(prior, item, 1.0)
        assert (after.variances(prior) < found.variances(prior) + 1e-6).all()
        found = after


def test_many_people_at_once_are_expected_what_each_is_alone(prior):
    known = csr_matrix(random_array((5, ITEMS), density=0.4, rng=np.random.default_rng(1)), dtype=np.float32)
    absences = np.linspace(0, 1, 5)
    together = expected(prior, known, absences=absences)
    for row, share in enumerate(absences):
        alone = posterior(prior, known[row].indices, known[row].data, absences=share)
        assert together[row] == pytest.approx(alone.mean, abs=1e-5)


def test_a_prior_is_found_again_in_people_who_were_drawn_from_it():
    rng = np.random.default_rng(2)
    loadings = np.linalg.qr(rng.normal(size=(ITEMS, FACTORS)))[0] * [3, 2, 1.5]
    people = 4 + rng.normal(size=(40_000, FACTORS)) @ loadings.T + 0.5 * rng.normal(size=(40_000, ITEMS))
    found = learned(csr_matrix(people), factors=FACTORS, damping=0)
    assert found.mean == pytest.approx(4, abs=0.05)
    assert found.noise == pytest.approx(0.25, rel=0.03)
    assert found.loadings @ found.loadings.T == pytest.approx(loadings @ loadings.T, abs=0.12)


def test_rare_items_are_noisy_by_less_than_common_ones():
    rng = np.random.default_rng(3)
    people = csr_matrix(rng.random((300, ITEMS)) < np.linspace(0.05, 0.9, ITEMS), dtype=np.float32)
    listeners = people.sum(axis=0)
    noise = learned(people, factors=2, damping=0.5).noise
    assert noise / noise[0] == pytest.approx(np.sqrt(listeners / listeners[0, 0]).A1, rel=1e-4)


def test_shapes_that_do_not_fit_and_certainty_are_refused():
    ones = np.ones(3, dtype=np.float32)
    for mean, loadings, noise in (
        (ones[:2], np.ones((3, 2), np.float32), ones),
        (ones, np.ones((2, 2), np.float32), ones),
        (ones, np.ones((3, 2), np.float32), 0 * ones),
    ):
        with pytest.raises(ValueError, match="noise above 0"):
            Prior.of(mean, loadings, noise)


def test_a_model_of_taste_believes_more_of_absences_the_more_it_knows():
    rng = np.random.default_rng(5)
    people = csr_matrix(rng.random((60, ITEMS)) < 0.4, dtype=np.float32)
    model = GaussianTaste.train(people, factors=3, absences=0.1)
    known = np.zeros((2, ITEMS), dtype=np.float32)
    known[0, :2] = known[1, :8] = 1
    prior, values = model.prior, model.weighting.of(csr_matrix(known))
    for row, share in enumerate((0.2, 0.8)):
        alone = posterior(prior, values[row].indices, values[row].data, absences=share)
        assert model.scores(csr_matrix(known))[row] == pytest.approx(alone.means(prior), abs=1e-5)
