"""Probabilities by place: higher for what stands higher, and for those of whom more is known."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from recommender.groups.expectations import chance
from recommender.models.ease import Ease

EDGES = np.array([0, 1, 2, 4, 8, 15, 25, 40, 70, 120, 200, 400])


@given(known=st.integers(0, 10_000))
def test_a_later_place_is_never_likelier_to_be_enjoyed(known):
    chances = chance(np.arange(500), known)
    assert (np.diff(chances) <= 0).all()
    assert 0 < chances[-1] < chances[0] < 1


def test_the_first_place_is_worth_more_the_more_is_known_until_enough_is():
    first = [float(chance(0, known)) for known in (0, 1, 3, 10, 500)]
    assert first == sorted(first)
    assert first[0] == 0.339
    assert first[3] == first[4] == 0.656


def rates_by_place(has, known, *, seed):
    """Return the share of true artists by place, of people not trained on who show `known` of theirs."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(has.shape[0])
    cut = has.shape[0] // 5
    model = Ease.train(csr_matrix(has[order[cut:]]), seed=seed)
    asked = [has[person].indices for person in order[:cut] if has[person].nnz >= 20]
    shown = np.concatenate([rng.choice(items, known, replace=False) for items in asked])
    starts = np.arange(len(asked) + 1) * known
    row = csr_matrix((np.ones(len(shown)), shown, starts), shape=(len(asked), has.shape[1]))
    lists, _ = model.recommend(row, EDGES[-1])
    hits = np.array([np.isin(places, items) for places, items in zip(lists, asked, strict=True)])
    return np.array([hits[:, a:b].mean() for a, b in pairwise(EDGES)])


@pytest.mark.slow
@pytest.mark.parametrize("known", [0, 1, 3, 10])
def test_the_rates_are_those_of_listeners_whom_nobody_has_trained_on(lastfm_2k, known):
    has = csr_matrix(lastfm_2k.user_items)
    found = np.mean([rates_by_place(has, known, seed=seed) for seed in range(2)], axis=0)
    said = np.array([chance(np.arange(a, b), known).mean() for a, b in pairwise(EDGES)])
    assert np.abs(found / said - 1).max() < 0.2
    assert np.abs(found / said - 1).mean() < 0.1
