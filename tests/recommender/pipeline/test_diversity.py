import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from recommender.linalg import entries
from recommender.pipeline.diversity import popularity_damped, tag_vectors, varied

SCORES = np.linspace(1.0, 0.5, 40)
CAMPS = csr_matrix(np.repeat(np.eye(4, dtype=np.float32), 10, axis=0))


def test_at_nought_the_order_stays():
    assert varied(SCORES, CAMPS, 10, 0).tolist() == list(range(40))
    assert popularity_damped(SCORES, np.arange(40.0), 0).tolist() == SCORES.tolist()


def test_the_further_the_dial_the_more_kinds_are_on_a_list():
    kinds = [len({row // 10 for row in varied(SCORES, CAMPS, 8, dial).tolist()[:8]}) for dial in (0, 5, 10)]
    assert kinds[0] == 1
    assert kinds == sorted(kinds)
    assert kinds[2] == 4


@given(st.integers(0, 10), st.integers(1, 60), st.integers(0, 2**32 - 1))
def test_nothing_is_lost_and_the_best_stays_first(dial, n, seed):
    rng = np.random.default_rng(seed)
    scores = np.sort(rng.random(50))[::-1] + 0.01
    vectors = tag_vectors(entries(CAMPS, rng.integers(0, 40, 50).astype(np.int32)), np.ones(4), 50)
    order = varied(scores, vectors, n, dial).tolist()
    assert sorted(order) == list(range(50))
    assert order[0] == 0


def test_of_two_that_fit_alike_the_less_known_comes_first():
    held_back = popularity_damped(np.array([1.0, 1.0]), np.array([1000.0, 10.0]), 3)
    assert held_back[1] > held_back[0]
