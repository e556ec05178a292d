"""Places where everybody is new: who is together, and that people arrive one after another."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from recommender.bandit.policy import POLICIES
from recommender.errors import EvaluationError
from recommender.evaluation.cold_places import backwards, by_arrival, grouped, split_cold
from recommender.evaluation.interactions import InteractionsBuilder
from recommender.evaluation.listeners import Behaviour, Met, Newcomers, meet


@pytest.fixture(scope="module")
def data():
    """Two camps of thirty in which all are friends of all."""
    builder, rng = InteractionsBuilder(), np.random.default_rng(0)
    for user in range(60):
        for item in range(20):
            if rng.random() < 0.75:
                builder.add(f"u{user}", f"i{user % 2}-{item}")
        for friend in range(user % 2, 60, 2):
            if friend != user:
                builder.add_friend(f"u{user}", f"u{friend}")
    return builder.build()


def test_places_are_disjoint_and_of_friends_alone():
    rng = np.random.default_rng(1)
    one_way = np.triu(rng.random((80, 80)) < 0.08, 1)
    friends = csr_matrix((one_way | one_way.T).astype(np.float32))
    places = grouped(friends, seed=0)
    everybody = [row for place in places for row in place]
    assert len(everybody) == len(set(everybody))
    assert all(4 <= len(place) <= 10 for place in places)
    for place in places:  # somebody knows all others
        assert any(friends[host].toarray()[0][[row for row in place if row != host]].all() for host in place)


def test_each_arrives_after_the_one_before_has_heard_everything(data):
    new = split_cold(data, seed=0, people=6)
    assert new.places is not None
    assert sum(map(len, new.places)) == len(new.truth)
    assert not new.friends.nnz
    steps: list[str] = []
    met = meet(new, POLICIES["bandit"], Behaviour(rounds=2, cold_place=True), seed=0, watch=steps.append)
    assert met.liked.shape == (len(new.truth), 2)
    assert steps.count("round 1") == max(map(len, new.places))


def test_quarters_of_arrival_are_told_apart_and_the_same_people_compared():
    nothing = csr_matrix((0, 1))
    new = Newcomers(nothing, np.ones((8, 1), dtype=bool), nothing, places=[[3, 2, 1, 0], [4, 5, 6, 7]])
    assert backwards(new).places == [[0, 1, 2, 3], [7, 6, 5, 4]]
    forth, back = np.zeros((2, 8, 4), dtype=bool)
    forth[[0, 7]] = True  # the last of each place
    forth[[1, 6], 0] = True
    back[[0, 3], :2] = True
    found = by_arrival([new], [(Met(forth, forth.sum(axis=1)), Met(back, back.sum(axis=1)))])
    assert found["rate"] == [0.125, 0.0, 0.125, 0.625]
    assert (
        found["gain"][0] == 0.5
    )  # 0: from half to all, 3: from nothing to half, 4: 0, 7: from nothing to all


def test_too_few_friends_are_said_in_a_sentence(data):
    with pytest.raises(EvaluationError, match="are friends of one another"):
        split_cold(data, seed=0, people=3)
