"""Means, standard errors and differences."""

import numpy as np
import pytest

from recommender.errors import UnsuitedError
from recommender.evaluation.outcomes import EvaluationRun, Outcome, estimate, run


def two_models() -> EvaluationRun:
    hard, easy = np.array([0.1, 0.2, 0.3]), np.array([0.7, 0.8, 0.9])
    people = np.concatenate([hard, easy])
    gain = np.array([0.01, 0.02, 0.01, 0.02, 0.01, 0.02])
    return EvaluationRun((0,), {"plain": [Outcome({"m": people})], "better": [Outcome({"m": people + gain})]})


def test_the_error_of_a_mean_by_hand():
    found = estimate([np.array([1.0, 2.0, 3.0])])
    assert found == pytest.approx((2, 1 / np.sqrt(3)))  # sd 1


def test_seeds_weigh_the_same_and_their_errors_add_up():
    found = estimate([np.array([1.0, 3.0]), np.array([4.0, 4.0, 4.0, 4.0])])
    assert found == pytest.approx((3, np.sqrt(1**2 + 0**2) / 2))


def test_people_without_a_value_are_not_counted():
    assert estimate([np.array([1.0, np.nan, 3.0]), np.array([np.nan])]) == pytest.approx((2, 1))


def test_a_mean_of_nothing_is_no_number():
    assert np.isnan(estimate([np.array([np.nan])])).all()
    assert np.isnan(estimate([])).all()


def test_one_person_has_a_mean_and_no_error():
    found = estimate([np.array([0.5])])
    assert found.mean == 0.5
    assert np.isnan(found.error)


def test_a_paired_difference_is_sharper_than_its_means():
    found = two_models()
    difference = found.difference("better", "plain", "m")
    assert difference.mean == pytest.approx(0.015)
    assert difference.error == pytest.approx(np.std([0.01, 0.02] * 3, ddof=1) / np.sqrt(6))
    assert difference.error < found.estimate("plain", "m").error / 10
    assert found.difference("plain", "better", "m").mean == pytest.approx(-0.015)


def test_every_model_meets_every_split_and_is_announced():
    met, announced = [], []

    def test(model, split, seed):
        met.append((model, split, seed))
        return Outcome({"m": np.array([1.0])})

    found = run({"a": "A", "b": "B"}, [(0, "s0"), (1, "s1")], test, announced.append)
    assert met == [("A", "s0", 0), ("B", "s0", 0), ("A", "s1", 1), ("B", "s1", 1)]
    assert announced == ["a, seed 0", "b, seed 0", "a, seed 1", "b, seed 1"]
    assert found.seeds == (0, 1)
    assert {name: len(outcomes) for name, outcomes in found.outcomes.items()} == {"a": 2, "b": 2}


def test_a_model_that_is_not_suited_is_left_out_with_its_reason():
    def test(model, split, seed):
        del split, seed
        if model == "B":
            raise UnsuitedError("Too many items.")
        return Outcome({"m": np.array([1.0])})

    found = run({"a": "A", "b": "B"}, [(0, None)], test, lambda _what: None)
    assert list(found.outcomes) == ["a"]
    assert found.left_out == {"b": "Too many items."}


def test_a_cost_that_one_split_does_not_know_is_not_known():
    outcomes = [
        Outcome({}, costs={"fit_s": 1.0, "peak_mb": None}),
        Outcome({}, costs={"fit_s": 3.0, "peak_mb": 5}),
    ]
    found = EvaluationRun((0, 1), {"a": outcomes})
    assert found.cost("a", "fit_s") == 2
    assert found.cost("a", "peak_mb") is None
