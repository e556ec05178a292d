"""Newcomers who are shown only what they rated, and what simple orders of the same items reach."""

import numpy as np
import pytest
from click.testing import CliRunner

from bot.cli.evaluate.commands import evaluate
from recommender.bandit.policy import POLICIES
from recommender.errors import EvaluationError
from recommender.evaluation.interactions import InteractionsBuilder
from recommender.evaluation.listeners import Behaviour, meet
from recommender.evaluation.rated import baselines, split_rated
from recommender.evaluation.readers import read
from recommender.models.rates import shrunk_rates
from storage.imports import ImportFormatError

PEOPLE, ITEMS, RATED = 60, 50, 24


def ratings(seed=0):
    """Sixty people rate twenty-four of fifty items at random; a third of the items is good."""
    rng = np.random.default_rng(seed)
    for user in range(PEOPLE):
        for item in rng.choice(ITEMS, RATED, replace=False).tolist():
            yield f"u{user}", f"i{item}", 5.0 if rng.random() < (0.7 if item % 3 == 0 else 0.2) else 1.0


@pytest.fixture(scope="module")
def data():
    builder = InteractionsBuilder()
    for row in ratings():
        builder.add(*row)
    return builder.build()


def test_low_ratings_are_dislikes_and_candidates_are_what_was_rated(data):
    new = split_rated(data, like_from=4.0, seed=0)
    assert set(np.unique(new.known.data)) == {-1.0, 1.0}
    assert new.rated is not None
    assert not (new.truth & ~new.rated).any()
    assert (new.rated.sum(axis=1) >= 20).all()
    assert (split_rated(data, like_from=None, seed=0).known.data == 1).all()


def test_the_last_rating_of_an_item_counts():
    builder = InteractionsBuilder()
    for row in ratings():
        builder.add(*row[:2], 6.0 - row[2])
    for row in ratings():
        builder.add(*row)
    twice, once = InteractionsBuilder(), split_rated(builder.build(), like_from=4.0, seed=1)
    for row in ratings():
        twice.add(*row)
    assert (once.truth == split_rated(twice.build(), like_from=4.0, seed=1).truth).all()


def test_a_newcomer_meets_rated_items_alone_and_each_once(data):
    new = split_rated(data, like_from=4.0, seed=0, people=3)
    behaviour = Behaviour(rounds=RATED, community="none", candidates="rated")
    met = meet(new, POLICIES["uniform"], behaviour, seed=0, watch=lambda _: None)
    assert (met.liked.sum(axis=1) == new.truth.sum(axis=1)).all()  # all of them were found, and no more
    found = baselines([new], [met], RATED)
    assert found["best possible"]["rate"] == found["random"]["rate"] == found["most liked by rate"]["rate"]
    assert found["ahead"] == {"rate": 0.0, "se": 0.0}


def test_the_most_liked_come_first_of_what_each_rated(data):
    new = split_rated(data, like_from=4.0, seed=0)
    nothing = np.zeros((len(new.truth), 5), dtype=bool)
    found = baselines([new], [type("Met", (), {"liked": nothing})()], 5)
    assert found["random"]["rate"] < found["most liked by rate"]["rate"] < found["best possible"]["rate"]
    assert found["ahead"]["rate"] == -found["most liked by rate"]["rate"]


def test_rates_of_few_answers_lie_near_the_mean_where_items_are_alike():
    rng = np.random.default_rng(0)
    answers = np.append(rng.integers(20, 60, 300), 1)
    likes = np.append(rng.binomial(answers[:-1], 0.3), 1)
    alike = shrunk_rates(likes, answers)
    assert alike[-1] == pytest.approx(0.3, abs=0.03)
    apart = np.append(rng.binomial(answers[:-1], rng.beta(0.5, 1.2, 300)), 1)
    assert shrunk_rates(apart, answers)[-1] > 0.45
    assert shrunk_rates(answers * 0, answers * 0).tolist() == [0.0] * 301


def test_nobody_with_enough_ratings_is_said_in_a_sentence():
    builder = InteractionsBuilder()
    builder.add("a", "b")
    with pytest.raises(EvaluationError, match="Nobody new rated"):
        split_rated(builder.build(), like_from=4.0, seed=0)
    with pytest.raises(ImportFormatError, match="has no ratings"):
        read("plays", "nowhere", rated=True)


def test_the_command_reads_signed_weights_and_prints_the_other_orders(tmp_path):
    path = tmp_path / "signed.csv"
    lines = (f"{user},{item},{1 if stars > 3 else -1}" for user, item, stars in ratings())
    path.write_text("\n".join(["user,item,weight", *lines]))
    common = ["listeners", "interactions", str(path), "--rounds", "2", "--splits", "1"]
    told = CliRunner().invoke(evaluate, [*common, "--people", "2", "--candidates", "rated"])
    assert told.exit_code == 0, told.output
    for name in ("most liked by rate", "random", "best possible", "above the most liked"):
        assert name in told.output
    refused = CliRunner().invoke(evaluate, [*common, "--like-from", "1"])
    assert "--candidates rated" in str(refused.exception)
