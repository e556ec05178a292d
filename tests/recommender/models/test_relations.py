"""General knowledge as a prior: who is related is alike, and fame yields to what people here like."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from recommender.models.gaussian import posterior
from recommender.models.relations import related_prior, shares

ITEMS = 40  # two camps of twenty, of which each names the next three; the last two are related to nothing
NOBODY = np.zeros(ITEMS)


def camps() -> csr_matrix:
    related = np.zeros((ITEMS, ITEMS), dtype=np.float32)
    for item in range(ITEMS - 2):
        for k in range(1, 4):
            other = item // 19 * 19 + (item % 19 + k) % 19
            related[item, other] = 1 / k
    return csr_matrix(related)


def after(liked, disliked=(), factors=16):
    prior = related_prior(camps(), np.full(ITEMS, 5.0), NOBODY, 0, factors=factors, seed=0)
    items = np.array([*liked, *disliked], dtype=np.int32)
    values = np.array([1.0] * len(liked) + [0.0] * len(disliked))
    return prior, posterior(prior, items, values).means(prior)


def test_a_like_lifts_the_related_most_and_a_dislike_lowers_them():
    prior, liked = after([5])
    near, far = np.array([4, 6, 7]), np.array([14, 25, 30])
    assert (liked[near] > prior.mean[near] + 0.01).all()
    assert liked[near].min() > liked[far].max()
    _, disliked = after([], [5])
    assert (disliked[near] < prior.mean[near]).all()
    assert liked[-2:] == pytest.approx(prior.mean[-2:])  # nothing is known of these


def test_noise_is_what_the_directions_leave_of_a_reaction_s_variance():
    for factors in (2, 16, 64):
        prior, _ = after([], factors=factors)
        variances = prior.mean * (1 - prior.mean)
        assert ((prior.loadings**2).sum(axis=1) + prior.noise >= 0.999 * variances).all()
        assert (prior.noise >= 0.099 * variances).all()


def test_without_relations_there_are_no_directions():
    prior = related_prior(csr_matrix((3, 3)), np.ones(3), np.zeros(3), 0, factors=8, seed=0)
    assert prior.loadings.shape == (3, 0)


def test_fame_counts_for_as_much_as_it_foretells():
    rng = np.random.default_rng(0)
    fame = np.sort(rng.gamma(1, 3, ITEMS)) + 0.1
    as_said = rng.multinomial(300, fame / fame.sum()).astype(float)
    otherwise = as_said[::-1].copy()
    along = fame / fame.sum()
    assert np.abs(shares(fame, as_said) - along).sum() < 0.1
    assert (
        np.abs(shares(fame, otherwise) - otherwise / 300).sum() < 0.3 * np.abs(along - otherwise / 300).sum()
    )
    assert shares(fame, NOBODY) == pytest.approx(along)
    for likes in (as_said, otherwise):
        assert shares(fame, likes).sum() == pytest.approx(1)
