"""The prior of taste from likes, dislikes and silence: the formulas, and users of a world of camps."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from recommender.models.gaussian import learned, posterior
from recommender.models.three_states import Observed, answered, learned_from, tastes

USERS, ITEMS = 300, 40


def world(silence=0.0, asked=0.5, seed=0):
    """Two camps that like half of the items each; everybody is asked about items at random."""
    rng = np.random.default_rng(seed)
    chance = np.where(np.arange(USERS)[:, None] % 2 == np.arange(ITEMS) % 2, 0.8, 0.2)
    told = csr_matrix((rng.random((USERS, ITEMS)) < asked).astype(np.float32))
    rows = np.repeat(np.arange(USERS), np.diff(told.indptr))
    likes = rng.random(told.nnz) < chance[rows, told.indices]
    return Observed.of(told, likes, np.full(USERS, silence))


def test_camps_are_found_in_what_was_answered():
    said = world()
    prior = learned_from(said, factors=1, shrinkage=5.0, seed=0)
    assert prior.mean == pytest.approx(0.5, abs=0.12)
    signs = np.sign(prior.loadings[:, 0])
    assert len(set(signs[::2])) == len(set(signs[1::2])) == 1
    assert signs[0] != signs[1]
    sides = np.sign(tastes(said, prior)[:, 0]) == signs[0]
    assert np.mean(sides[::2]) > 0.95
    assert np.mean(sides[1::2]) < 0.05


def test_who_was_asked_about_what_teaches_nothing_where_silence_says_nothing():
    said = world()
    rng = np.random.default_rng(1)
    kept = rng.random(said.told.nnz) < np.where(
        said.told.indices < 10, 0.2, 1.0
    )  # ten are seldom asked about
    told = csr_matrix((said.told.data * kept, said.told.indices, said.told.indptr), shape=said.told.shape)
    likes = (said.liked.data > 0)[kept]
    told.eliminate_zeros()
    seldom = learned_from(Observed.of(told, likes, np.zeros(USERS)), factors=1, shrinkage=5.0, seed=0)
    assert seldom.mean[:10].mean() == pytest.approx(seldom.mean[10:].mean(), abs=0.06)
    counted = learned_from(Observed.of(told, likes, np.ones(USERS)), factors=1, shrinkage=5.0, seed=0)
    assert counted.mean[:10].mean() < 0.5 * counted.mean[10:].mean()


def test_tastes_are_the_posteriors_of_each_user_alone():
    said = world(silence=0.1)
    prior = learned_from(said, factors=2, shrinkage=5.0, seed=0)
    found = tastes(said, prior)
    for user in (0, 7):
        at = slice(said.told.indptr[user], said.told.indptr[user + 1])
        alone = posterior(prior, said.told.indices[at], said.liked.data[at], absences=0.1)
        assert found[user] == pytest.approx(alone.mean, abs=1e-4)


def test_where_silence_is_dislike_one_precision_serves_all():
    likes = csr_matrix(world().liked)
    likes.eliminate_zeros()
    said = Observed.of(likes, likes.data > 0, np.ones(USERS))
    prior = learned(likes, factors=3)
    absent = posterior(prior, likes[3].indices, likes[3].data, absences=1.0)
    assert tastes(said, prior)[3] == pytest.approx(absent.mean, abs=1e-4)


def test_answers_are_weighed_and_silence_is_counted():
    told = csr_matrix(np.array([[1.0, 0.5], [0.0, 1.0]], dtype=np.float32))
    said = Observed.of(told, np.array([True, True, False]), np.array([0.2, 0.1]))
    likes, answers = answered(said)
    assert likes == pytest.approx([1.0, 0.5])
    assert answers == pytest.approx([1.1, 1.5])


def test_the_same_seed_learns_the_same():
    first, second = (learned_from(world(), factors=3, shrinkage=5.0, seed=4) for _ in range(2))
    assert (first.loadings == second.loadings).all()
