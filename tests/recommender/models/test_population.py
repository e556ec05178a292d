"""Sums over blocks of users give what the whole matrix gives."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix, random_array

from recommender.linalg import binary, one_thread
from recommender.models.population import FACTORS, Here, Population, UserBlock
from recommender.models.rates import answering
from recommender.scorers import TrainingData, blend_training
from recommender.scorers.popularity import CommunityPopularity, Popularity
from recommender.snapshot.eligibility import Eligibility

USERS, ITEMS, PLACES = 600, 240, 5


@pytest.fixture(scope="module")
def listening():
    """Users of some tastes, a third of whom dislike often; the second half of the items is rarer."""
    rng = np.random.default_rng(7)
    tastes = rng.random((6, ITEMS)) ** 6 * np.where(np.arange(ITEMS) < ITEMS // 2, 1.0, 0.3)
    chances = rng.dirichlet(np.full(6, 0.3), USERS) @ tastes
    rows = np.where(rng.random((USERS, ITEMS)) < chances, rng.gamma(2.0, 2.0, (USERS, ITEMS)), 0)
    hates = (rng.random((USERS, ITEMS)) < 0.01) & (np.arange(USERS) % 3 == 0)[:, None]
    rows[hates] = -4.0
    return csr_matrix(rows.astype(np.float32))


@pytest.fixture(scope="module")
def places():
    return csr_matrix(
        random_array((PLACES, USERS), density=0.3, rng=np.random.default_rng(1)) > 0, dtype="f4"
    )


def blocks(listening, places, n):
    cut = np.array_split(np.arange(USERS), n)
    return Here([UserBlock(csr_matrix(listening[rows]), csr_matrix(places[:, rows])) for rows in cut])


def added(listening, places, n=7):
    with one_thread():
        return Population.added_up(
            blocks(listening, places, n), ITEMS, neighbours=30, damping=blend_training.DAMPING, seed=0
        )


@pytest.fixture(scope="module")
def population(listening, places):
    return added(listening, places)


def test_blocks_of_users_add_up_to_the_same_whatever_they_are(listening, places, population):
    one, other = added(listening, places, 1), population
    assert np.array_equal(one.counts.people, other.counts.people)
    assert np.abs(one.gram - other.gram).max() < 1e-8
    assert abs(one.together - other.together).max() < 1e-6
    assert np.abs(one.axes.squares / other.axes.squares - 1).max() < 1e-3


def test_counts_are_those_of_the_whole_matrix(listening, places, population):
    counts = population.counts
    likes = binary(listening)
    assert np.array_equal(counts.people, np.bincount(likes.indices, minlength=ITEMS))
    assert (counts.here != places @ likes).nnz == 0
    assert counts.answering == np.count_nonzero(answering(listening)) > 0


def data(listening, places, population=None):
    tags = csr_matrix(random_array((ITEMS, 40), density=0.1, rng=np.random.default_rng(2)), dtype="f4")
    return TrainingData(listening, tags, np.zeros((ITEMS, 0), np.float32), places, population=population)


def test_scorers_of_a_sample_and_the_sums_count_everybody(listening, places, population):
    some = np.arange(0, USERS, 6)
    sampled = data(csr_matrix(listening[some]), csr_matrix(places[:, some]), population)
    whole = data(listening, places)
    for kind in (Popularity, CommunityPopularity):
        mine, theirs = kind.fit(sampled, seed=0), kind.fit(whole, seed=0)
        assert abs(mine.people - theirs.people).max() == 0
    assert np.allclose(Popularity.fit(sampled, seed=0).wanted, Popularity.fit(whole, seed=0).wanted)
    listed = np.zeros(ITEMS, dtype=bool)
    by_sums, by_all = (Eligibility.of(each.counts, listed) for each in (sampled, whole))
    assert np.array_equal(by_sums.mask(2, np.zeros(0, int)), by_all.mask(2, np.zeros(0, int)))


def test_parts_of_the_blend_are_those_of_the_whole_matrix(listening, places, population, monkeypatch):
    monkeypatch.setattr(blend_training, "NEIGHBOURS", 30)
    whole = blend_training.trained(data(listening, places), seed=0)[0]
    monkeypatch.setattr(blend_training, "_DENSEST", 10)  # so that the linear part comes from the sums too
    summed = blend_training.trained(data(listening, places, population), seed=0)[0]
    linear, together = slice(0, ITEMS), slice(ITEMS, 2 * ITEMS)
    for part in (linear, together):
        mine, theirs = summed.neighbours[:, part], whole.neighbours[:, part]
        assert (mine != 0).multiply(theirs != 0).nnz > 0.99 * theirs.nnz
        assert abs((mine - theirs).multiply(theirs != 0)).max() < 2e-5
    assert np.array_equal(summed.known, whole.known)
    # Where squares are alike any turn of the axes is right: what they span has to agree.
    spans = [np.linalg.qr(each.axes * each.known_scale[:, None])[0] for each in (summed, whole)]
    assert np.linalg.svd(spans[0].T @ spans[1])[1][: FACTORS // 2].min() > 0.999


def test_nobody_at_all_adds_up_to_nothing(places):
    nothing = csr_matrix((USERS, ITEMS), dtype=np.float32)
    empty = added(nothing, places)
    assert empty.counts.n_users == 0
    assert empty.axes.vectors.shape == (0, 0)
    parts = blend_training.trained(data(nothing, places, empty), seed=0)[0]
    assert parts.neighbours.nnz == 0


def test_a_catalogue_without_songs_adds_up_to_nothing():
    block = UserBlock(csr_matrix((5, 0), dtype=np.float32), csr_matrix((0, 5), dtype=np.float32))
    empty = Population.added_up(Here([block]), 0, neighbours=3, damping=0.4, seed=0)
    assert empty.together.shape == (0, 0)
    assert not len(empty.head)
