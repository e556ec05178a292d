"""Every strategy keeps the same promises, and agrees with an implementation that is not ours."""

import grouprec.aggregators as oracle
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from recommender.groups import nothing_yet, queue
from recommender.groups.fairness import GFAR, SDAA, EPFuzzDA, Nash, Rotation, credited
from recommender.groups.strategies import STRATEGIES, STYLES
from recommender.groups.voting import Approval, Average, AverageWithoutMisery, Borda, Copeland

ALL = pytest.mark.parametrize("strategy", STRATEGIES.values(), ids=STRATEGIES)
# Whoever is whose turn, or first of equals, depends on the order of people.
WITHOUT_ORDER = [s for s in STRATEGIES.values() if not isinstance(s, Rotation | SDAA)]

probabilities = st.floats(0, 1, allow_nan=False, width=32)
tables = st.tuples(st.integers(1, 6), st.integers(1, 12)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=probabilities)
)


def some(people=4, candidates=60, seed=0):
    return np.random.default_rng(seed).random((people, candidates))


# --- what all promise


@ALL
@given(expected=tables)
@settings(max_examples=15)
def test_a_queue_has_no_repeats_and_is_as_long_as_it_can_be(strategy, expected):
    chosen = queue(strategy, expected, nothing_yet(len(expected)), 5)
    assert len(chosen) == len(set(chosen)) == min(5, expected.shape[1])


@ALL
@given(expected=tables, heard=st.integers(0, 4), seed=st.integers(0, 99))
@settings(max_examples=15)
def test_a_value_is_a_number_whoever_was_missing(strategy, expected, heard, seed):
    rng = np.random.default_rng(seed)
    enjoyed = rng.random((len(expected), heard))
    enjoyed[rng.random(enjoyed.shape) < 0.5] = np.nan
    values = strategy.values(expected, enjoyed)
    assert values.shape == (expected.shape[1],)
    assert np.isfinite(values).all()


@ALL
def test_what_everybody_loves_and_everybody_else_is_indifferent_to_comes_first(strategy):
    expected = np.full((4, 30), 0.1)
    expected[:, 17] = 0.9
    assert queue(strategy, expected, nothing_yet(4), 1) == [17]


@ALL
def test_one_person_alone_gets_their_own_order(strategy):
    expected = some(1)
    best = int(np.argmax(expected))
    assert queue(strategy, expected, nothing_yet(1), 1) == [best]


@pytest.mark.parametrize("strategy", WITHOUT_ORDER, ids=lambda s: s.name)
@given(expected=tables, seed=st.integers(0, 99))
@settings(max_examples=15)
def test_nobody_counts_more_for_where_they_stand(strategy, expected, seed):
    rng = np.random.default_rng(seed)
    enjoyed = rng.random((len(expected), 3))
    order = rng.permutation(len(expected))
    swapped = strategy.values(expected[order], enjoyed[order])
    np.testing.assert_allclose(swapped, strategy.values(expected, enjoyed), atol=1e-9)


@ALL
def test_what_is_not_allowed_is_never_chosen(strategy):
    allowed = np.zeros(60, dtype=bool)
    allowed[[3, 5]] = True
    assert set(queue(strategy, some(), nothing_yet(4), 9, allowed)) == {3, 5}


def test_the_styles_are_those_a_session_offers():
    assert list(STYLES) == ["fair", "crowd-pleaser", "discover", "no-misery"]


# --- what others compute


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("average", oracle.AverageAggregator()),
        ("least misery", oracle.LeastMiseryAggregator()),
        ("most pleasure", oracle.MostPleasureAggregator()),
        ("Borda", oracle.BordaCountAggregator()),
    ],
)
def test_the_values_of_a_vote_are_those_of_the_oracle(name, theirs, seed):
    expected = some(5, 40, seed)
    ours = np.argsort(-STRATEGIES[name].values(expected, nothing_yet(5)), kind="stable")
    assert ours.tolist() == theirs.aggregate(expected, 40).tolist()


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("rotation", oracle.FAIAggregator()),
        ("GFAR", oracle.GFARAggregator()),
        ("EP-FuzzDA", oracle.EPFuzzDAAggregator()),
    ],
)
def test_a_queue_is_that_of_the_oracle(name, theirs, seed):
    expected = some(5, 80, seed)
    ours = queue(STRATEGIES[name], expected, nothing_yet(5), 12)
    assert ours == theirs.aggregate(expected, 12).tolist()


@pytest.mark.parametrize("seed", range(5))
def test_without_misery_the_order_is_that_of_the_oracle(seed):
    expected = some(4, 60, seed)
    expected /= expected.mean(axis=1, keepdims=True)  # theirs has one line for all, ours one for each
    theirs = oracle.AVGNoMiseryAggregator(0.5).aggregate(expected, 60).tolist()
    ours = np.argsort(-AverageWithoutMisery().values(expected, nothing_yet(4)), kind="stable")
    assert 0 < len(theirs) < 60
    assert ours.tolist()[: len(theirs)] == theirs


@pytest.mark.parametrize("seed", range(5))
def test_the_second_round_of_sdaa_is_that_of_the_oracle(seed):
    expected = some(4, 60, seed)
    theirs = oracle.SDAAAggregator(avoid_repeats=True)
    first = theirs.aggregate(expected, 8)
    second = theirs.aggregate(expected, 8)
    left = np.setdiff1d(np.arange(60), first)
    values = SDAA().values(expected[:, left], expected[:, first])
    assert left[np.argsort(-values, kind="stable")[:8]].tolist() == second.tolist()


# --- what each is for


def test_approval_counts_heads():
    expected = np.array([[0.9, 0.8, 0.1, 0.1], [0.1, 0.8, 0.9, 0.1], [0.1, 0.8, 0.1, 0.9]])
    assert queue(Approval(share=0.5), expected, nothing_yet(3), 1) == [1]


def test_copeland_prefers_who_wins_every_duel():
    expected = np.array([[0.6, 0.9, 0.1], [0.6, 0.1, 0.9], [0.6, 0.5, 0.4]])
    assert queue(Copeland(), expected, nothing_yet(3), 1) == [0]


def test_nash_turns_to_whoever_has_had_nothing():
    expected = np.array([[0.9, 0.0], [0.9, 0.0], [0.0, 0.5]])
    had = np.array([[1.0, 1.0], [1.0, 1.0], [0.0, 0.0]])
    assert queue(Average(), expected, had, 1) == [0]
    assert queue(Nash(), expected, had, 1) == [1]


def test_a_real_thumb_down_makes_the_next_song_theirs():
    expected = np.array([[0.6, 0.1], [0.1, 0.6]])
    alike, disliked = np.array([[0.5], [0.5]]), np.array([[1.0], [0.0]])
    assert queue(Nash(), expected, alike, 1) == [0]
    assert queue(Nash(), expected, disliked, 1) == [1]


def test_who_comes_late_starts_near_the_group_and_does_not_own_the_queue():
    enjoyed = np.column_stack([np.full((2, 10), 0.4).T, np.full(10, np.nan)]).T
    had = credited(enjoyed, 0.8)
    np.testing.assert_allclose(had, [4.0, 4.0, 3.2])


def test_gfar_serves_somebody_else_once_one_is_served():
    expected = np.array([[0.9, 0.8, 0.1], [0.1, 0.2, 0.9]])
    assert queue(GFAR(top=2), expected, nothing_yet(2), 2)[:2] in ([0, 2], [2, 0])


def test_rotation_takes_turns():
    expected = np.array([[0.9, 0.8, 0.2, 0.1], [0.1, 0.2, 0.8, 0.9]])
    assert queue(Rotation(), expected, nothing_yet(2), 4) == [0, 3, 1, 2]


def test_ep_fuzzda_gives_a_minority_its_share():
    expected = np.array([[0.9, 0.8, 0.7, 0.0], [0.9, 0.8, 0.7, 0.0], [0.0, 0.0, 0.0, 0.6]])
    assert 3 in queue(EPFuzzDA(), expected, nothing_yet(3), 3)
    assert 3 not in queue(Average(), expected, nothing_yet(3), 3)
    assert Borda().values(expected, nothing_yet(3)).shape == (4,)
