"""Newcomers who meet the product: who is new, what they are asked, and how their reactions arrive."""

import numpy as np
import pytest

from recommender.bandit.policy import POLICIES
from recommender.errors import EvaluationError
from recommender.evaluation.interactions import InteractionsBuilder
from recommender.evaluation.listeners import Behaviour, meet, report, split


@pytest.fixture(scope="module")
def data():
    """Two camps of thirty; everybody has most of the camp's twenty items, and five friends in it."""
    builder, rng = InteractionsBuilder(), np.random.default_rng(0)
    for user in range(60):
        camp = user % 2
        for item in range(20):
            if rng.random() < 0.75:
                builder.add(f"u{user}", f"i{camp}-{item}")
        for friend in rng.choice(30, 5, replace=False).tolist():
            builder.add_friend(f"u{user}", f"u{2 * friend + camp}")
    return builder.build()


def rates(data, policy="bandit", **behaviour):
    wanted = Behaviour(**{"rounds": 8, "people": 6, **behaviour})
    met = meet(split(data, seed=0, people=6), POLICIES[policy], wanted, seed=0, watch=lambda _: None)
    return report([met], policy, wanted), met


def test_the_new_are_a_fifth_and_not_among_the_known(data):
    newcomers = split(data, seed=1)
    assert newcomers.known.shape[0] == 48
    assert len(newcomers.truth) <= 12
    assert newcomers.friends.shape == (len(newcomers.truth), 48)
    assert (np.bincount(newcomers.known.indices) >= 5).all()


def test_nobody_with_enough_items_is_said_in_a_sentence():
    builder = InteractionsBuilder()
    builder.add("a", "b")
    with pytest.raises(EvaluationError, match="Nobody new"):
        split(builder.build(), seed=0)


def test_whoever_answers_is_shown_what_the_own_camp_likes(data):
    told, met = rates(data)
    silent, _ = rates(data, answered=0.0, community="none")
    assert told["rate@5"] > silent["rate@5"] - 0.05
    assert told["rate@5"] > 0.5
    assert told["first_like"] >= 1
    assert met.liked.shape == (6, 8)


def test_regret_is_what_was_missed_and_never_falls(data):
    told, met = rates(data, policy="uniform")
    assert told["regret"][-1] == pytest.approx(8 - met.liked.sum(axis=1).mean(), abs=1e-3)
    assert (np.diff(told["regret"]) >= -1e-6).all()


def test_the_same_seed_meets_the_same(data):
    assert rates(data, wrong=0.3)[0] == rates(data, wrong=0.3)[0]


@pytest.mark.parametrize("backwards", [False, True])
def test_late_reactions_arrive_all_the_same(data, backwards):
    told, _ = rates(data, late=3, backwards=backwards, seeds=3, change=True)
    assert told["behaviour"]["late"] == 3
    assert len(told["after_change"]) == 3
