"""Settings of the user model: what held-out reactions choose, and what stays where they say nothing."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from recommender.user_model.held_out import NewUsers, tuned
from recommender.user_model.learning import LearnerSettings, Statements, both, states

USERS, ITEMS = 240, 60


def asked(users=USERS, seed=0) -> csr_matrix:
    """Users of two camps who were asked about a third of the items, some items far more often than others."""
    rng = np.random.default_rng(seed)
    often = rng.random(ITEMS) < 0.5
    told = rng.random((users, ITEMS)) < np.where(often, 0.5, 0.2)
    camp = np.arange(users)[:, None] % 2 == np.arange(ITEMS) % 2
    likes = rng.random((users, ITEMS)) < np.where(camp, 0.8, 0.15)
    return csr_matrix(np.where(told, np.where(likes, 4.0, -4.0), 0).astype(np.float32))


@pytest.fixture(scope="module")
def chosen() -> LearnerSettings:
    return tuned(Statements.of(asked()), seed=0)


def test_answers_are_learned_from_where_they_foresee_more(chosen):
    assert chosen.silence is not None
    assert chosen.held_out >= 20
    test = NewUsers.of(Statements.of(asked()), seed=0)
    assert test is not None
    assert test.answered
    assert chosen.foreseen > test.judged(LearnerSettings(), seed=0).mean() + 0.01


def test_likes_alone_leave_silence_as_dislike():
    likes = asked()
    likes.data = np.maximum(likes.data, 0)
    likes.eliminate_zeros()
    assert tuned(Statements.of(likes), seed=0).silence is None


def test_few_users_keep_the_defaults():
    assert tuned(Statements.of(asked(users=20)), seed=0) == LearnerSettings()
    assert tuned(Statements.of(csr_matrix((0, 5), dtype=np.float32)), seed=0) == LearnerSettings()


def test_the_held_out_are_not_learned_from():
    weights = asked()
    test = NewUsers.of(Statements.of(weights), seed=0)
    assert test is not None
    assert test.train.weights.shape[0] + len(test.people) <= USERS
    for who in test.people:
        assert 0 < np.count_nonzero(who.shown) <= len(who.items) / 2


def test_the_same_seed_chooses_the_same(chosen):
    assert tuned(Statements.of(asked()), seed=0) == chosen


def test_three_states_are_told_apart():
    rows = [[4, -4, -0.5, 0]] * 10 + [[1, 0, 0, 0], [0, 0, 0, 0]]
    weights = csr_matrix(np.array(rows, dtype=np.float32))
    said = states(Statements.of(weights), LearnerSettings(silence=0.4, history=0.7))
    assert said.told.toarray()[0] == pytest.approx([1, 1, 0.25, 0])
    assert said.liked.toarray()[0] == pytest.approx([1, 0, 0, 0])
    assert said.silence == pytest.approx([0.4 * 2.25] * 10 + [0.7 * 0.5 / 3, 0])
    few = states(Statements.of(weights[9:]), LearnerSettings(silence=0.4)).silence  # one answer is chance
    assert few == pytest.approx([2.75 / 4, 2.75 / 4, 0])
    whole = states(Statements.of(weights), LearnerSettings())
    assert whole.told.toarray()[0] == pytest.approx([1, 0, 0, 0])
    assert whole.silence == pytest.approx(1)


def test_similar_users_alone_are_learned_from_answers_where_both_stand_apart():
    linear, similar = both(Statements.of(asked()), LearnerSettings(silence=0.0, apart=True), seed=0)
    assert (linear.said.silence == 1).all()
    assert (similar.said.silence == 0).all()
    linear, similar = both(Statements.of(asked()), LearnerSettings(silence=0.0, apart=False), seed=0)
    assert linear is similar
