"""The contract of every policy: what it logs is what it does."""

from collections import Counter

import numpy as np
import pytest

from recommender.bandit.policy import POLICIES, Bandit

FEATURES = np.array([[0.9, 1.0], [0.5, 0.0], [0.7, 0.5], [0.1, 0.2]], dtype=np.float32)


@pytest.fixture(params=sorted(POLICIES))
def policy(request):
    return POLICIES[request.param]


def test_every_place_goes_to_another_candidate(policy):
    rows, propensities = policy.choose(FEATURES, 3, np.random.default_rng(0))
    assert len(set(rows.tolist())) == len(rows) == len(propensities) == 3


def test_asking_for_more_than_there_is_gives_all_there_is(policy):
    rows, _ = policy.choose(FEATURES, 99, np.random.default_rng(0))
    assert sorted(rows.tolist()) == [0, 1, 2, 3]


def test_no_candidates_make_an_empty_slate(policy):
    rows, propensities = policy.choose(FEATURES[:0], 5, np.random.default_rng(0))
    assert rows.tolist() == propensities.tolist() == []


def test_the_same_seed_chooses_the_same(policy):
    one, other = (policy.choose(FEATURES, 4, np.random.default_rng(7)) for _ in range(2))
    assert one[0].tolist() == other[0].tolist()


def test_of_several_reasons_for_one_song_only_one_is_chosen(policy):
    groups = np.array([0, 0, 1, 1])
    rows, _ = policy.choose(FEATURES, 4, np.random.default_rng(0), groups=groups)
    assert sorted(groups[rows].tolist()) == [0, 1]


@pytest.mark.parametrize("groups", [None, np.array([0, 1, 1, 2])], ids=["songs", "reasons"])
def test_logged_propensities_are_the_frequencies_counted_for_every_place(policy, groups):
    rng = np.random.default_rng(3)
    draws = 20_000
    counted: Counter[tuple[int, ...]] = Counter()
    logged: dict[tuple[int, ...], float] = {}
    for _ in range(draws):
        rows, propensities = policy.choose(FEATURES, 2, rng, groups=groups)
        for place in range(2):
            prefix = tuple(rows[: place + 1].tolist())
            counted[prefix] += 1
            logged[prefix] = propensities[place]
    for prefix, probability in logged.items():
        given = counted[prefix[:-1]] if len(prefix) > 1 else draws
        # Four standard errors of a counted frequency.
        standard_error = np.sqrt(probability * (1 - probability) / given)
        assert abs(counted[prefix] / given - probability) <= 4 * standard_error


def test_greedy_takes_the_best_first_and_breaks_ties_at_random():
    greedy = POLICIES["greedy"]
    assert greedy.choose(FEATURES, 3, np.random.default_rng(0))[0].tolist() == [0, 2, 1]
    ties = np.ones((5, 1), dtype=np.float32)
    assert len({greedy.choose(ties, 1, np.random.default_rng(k))[0][0] for k in range(50)}) == 5


def test_what_a_policy_would_have_done_is_what_it_logs_when_it_does(policy):
    groups = np.array([0, 1, 1, 2])
    rows, propensities = policy.choose(FEATURES, 3, np.random.default_rng(5), groups=groups)
    would = policy.would(FEATURES, FEATURES[:, 0], rows, groups=groups)
    np.testing.assert_allclose([each.odds for each in would], propensities)


def test_a_policy_is_compared_by_the_reward_it_would_have_earned():
    rows = np.array([2])
    (would,) = POLICIES["greedy"].would(FEATURES[:, [1]], FEATURES[:, 0], rows, groups=np.arange(4))
    assert would == (0.0, pytest.approx(0.9))  # it takes row 0, by the second column as well


def test_a_careful_first_place_is_no_experiment_and_says_so():
    bandit = Bandit(explore=0.9)
    for seed in range(50):
        rows, propensities = bandit.choose(FEATURES, 2, np.random.default_rng(seed), careful=True)
        assert (rows[0], propensities[0]) == (0, 1.0)
        assert propensities[1] < 1


def test_an_experiment_is_one_of_the_best_few():
    features = np.linspace(1, 0, 100, dtype=np.float32)[:, None]
    bandit = Bandit(explore=1.0, among=5)
    chosen = {int(bandit.choose(features, 1, np.random.default_rng(seed))[0][0]) for seed in range(200)}
    assert chosen == {0, 1, 2, 3, 4}
