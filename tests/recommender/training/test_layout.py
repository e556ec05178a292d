"""The map of music: similar artists are near each other, and stay where they were."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from recommender.feedback.matrix import IdIndex
from recommender.training.layout import layout

CAMPS, EACH = 4, 20
N = CAMPS * EACH


@pytest.fixture
def tags():
    """Four camps of artists with five tags each, of which every artist has most."""
    rng = np.random.default_rng(0)
    table = np.zeros((N, 5 * CAMPS), dtype=np.float32)
    for artist in range(N):
        camp = artist // EACH
        table[artist, 5 * camp : 5 * camp + 5] = rng.random(5) > 0.3
        table[artist, 5 * camp] = 1
    return csr_matrix(table)


def placed(tags, *, before=None, ids=None, n=N, seed=0):
    items = IdIndex(np.arange(n) if ids is None else ids)
    nobody = csr_matrix((n, 1), dtype=np.float32)
    return layout(tags, nobody, np.arange(n)[::-1], items, seed=seed, before=before)


def test_artists_are_nearer_to_their_own_than_to_others(tags):
    places = placed(tags)
    assert places.shape == (N, 2)
    assert places.min() >= 0
    assert places.max() <= 1
    apart = np.linalg.norm(places[:, None] - places[None], axis=2)
    own = np.arange(N)[:, None] // EACH == np.arange(N)[None] // EACH
    assert apart[own].mean() < 0.5 * apart[~own].mean()


def test_the_same_facts_give_the_same_map(tags):
    assert np.array_equal(placed(tags), placed(tags))


def test_a_new_map_is_turned_onto_the_old_one(tags):
    first = placed(tags)
    turned = np.column_stack([1 - first[:, 1], first[:, 0]])  # a quarter turn
    again = placed(tags, before=(IdIndex(np.arange(N)), turned.astype(np.float32)))
    assert np.median(np.linalg.norm(again - turned, axis=1)) < 0.1
    assert np.median(np.linalg.norm(again - first, axis=1)) > 0.3


def test_a_new_artist_finds_its_own_and_leaves_the_others(tags):
    first = placed(tags[1:], ids=np.arange(1, N), n=N - 1)
    again = placed(tags, before=(IdIndex(np.arange(1, N)), first))
    assert np.median(np.linalg.norm(again[1:] - first, axis=1)) < 0.1
    assert np.linalg.norm(again[0] - first[: EACH - 1].mean(axis=0)) < 0.25


def test_who_nothing_is_known_of_has_no_place(tags):
    more = csr_matrix(np.vstack([tags.toarray(), np.zeros((2, tags.shape[1]))]), dtype=np.float32)
    places = placed(more, n=N + 2)
    assert np.isnan(places[-2:]).all()
    assert not np.isnan(places[:-2]).any()


def test_too_few_artists_have_no_map():
    assert np.isnan(placed(csr_matrix(np.eye(5, dtype=np.float32)), n=5)).all()
    assert placed(csr_matrix((0, 3), dtype=np.float32), n=0).shape == (0, 2)
