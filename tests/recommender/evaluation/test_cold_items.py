"""Items that nobody has yet."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from recommender.errors import EvaluationError, UnsuitedError
from recommender.evaluation.baselines import MostPopular
from recommender.evaluation.cold_items import cold_items_outcome, cold_split
from recommender.evaluation.interactions import InteractionsBuilder
from recommender.evaluation.models import SoundRegression
from recommender.evaluation.outcomes import run
from recommender.evaluation.tag_baselines import TagCosine, TagRidge
from recommender.evaluation.tag_network import TagNetwork
from recommender.models.tag_regression import TagRegression, ones


@pytest.mark.parametrize("others", [False, True])
def test_a_hidden_item_is_hidden_wholly(camps, others):
    cold = cold_split(camps, seed=0, others=others)
    assert len(cold.hidden) == 24 // 5
    assert not cold.train.toarray()[:, cold.hidden].any()
    assert not cold.test.known.toarray()[:, cold.hidden].any()
    assert cold.item_tags.toarray()[cold.hidden].any(axis=1).all()


def test_all_else_is_as_it_was(camps):
    cold = cold_split(camps, seed=0, others=False)
    weights = camps.user_items.toarray()[:, cold.items]
    weights[:, cold.hidden] = 0
    assert (cold.train.toarray() == weights).all()
    assert (cold.test.known.toarray() == weights[cold.test.users]).all()


def test_what_is_to_be_found_is_every_hidden_item_that_the_person_has(camps):
    cold = cold_split(camps, seed=0, others=False)
    wanted = camps.user_items.toarray()[cold.test.users][:, cold.items] > 0
    wanted[:, np.setdiff1d(np.arange(len(cold.items)), cold.hidden)] = False
    assert (cold.test.held_out.toarray() == wanted).all()
    assert wanted.any(axis=1).all()


def test_with_others_tags_the_tested_neither_train_nor_tag(camps):
    cold = cold_split(camps, seed=0, others=True)
    assert cold.train.shape[0] == 48
    tested = {camps.users[user] for user in cold.test.users}
    assert len(tested) <= 12
    for tag, times in zip(camps.tags, cold.item_tags.toarray().sum(axis=0), strict=True):
        if tag.removeprefix("tag of ") != tag and f"person {tag.removeprefix('tag of ')}" in tested:
            assert times == 0


def test_only_tagged_items_with_five_listeners_are_hidden():
    builder = InteractionsBuilder()
    for person in range(6):
        for item in range(10):
            builder.add(f"p{person}", f"known {item}")
            builder.add(f"p{person}", f"untagged {item}")
            if person < 4:
                builder.add(f"p{person}", f"rare {item}")
    for item in range(10):
        builder.add_tagging(None, f"known {item}", "tag")
        builder.add_tagging(None, f"rare {item}", "tag")
    data = builder.build()
    cold = cold_split(data, seed=0, others=False)
    names = [data.items[cold.items[item]] for item in cold.hidden]
    assert len(names) == 2
    assert all(name.startswith("known") for name in names)


def test_data_without_tags_are_refused():
    builder = InteractionsBuilder()
    for person in range(6):
        builder.add(f"p{person}", "item")
    with pytest.raises(EvaluationError, match="need tags"):
        cold_split(builder.build(), seed=0, others=False)


@pytest.mark.parametrize("others", [False, True])
def test_tags_place_what_listeners_cannot(camps, others):
    models = {
        "popularity": MostPopular,
        "cosine": TagCosine,
        "ridge": TagRidge,
        "network": TagNetwork,
        "regression": TagRegression,
    }
    splits = ((seed, cold_split(camps, seed=seed, others=others)) for seed in range(2))
    found = run(models, splits, cold_items_outcome, lambda _what: None)
    # Four or fewer are hidden, so a list of 20 has them all; the order tells.
    reached = {name: found.estimate(name, "ndcg@100").mean for name in models}
    assert reached["cosine"] > reached["popularity"] + 0.1
    assert reached["ridge"] > reached["popularity"] + 0.1
    assert reached["network"] > reached["popularity"]
    assert reached["regression"] > reached["popularity"] + 0.1


def test_the_regression_by_listeners_is_kernel_ridge(camps):
    cold = cold_split(camps, seed=0, others=False)
    model = TagRegression.fit(cold.train, cold.item_tags, seed=0)
    vectors, learnt = model.parts.vectors.toarray(), model.parts.learnt.toarray()
    known = ones(cold.test.known).toarray()
    known /= known.sum(axis=1, keepdims=True)
    # In the dual: a kernel between items, solved over those that have listeners.
    rows = np.flatnonzero(learnt.any(axis=1))
    kernel = learnt[rows] @ learnt[rows].T + model.weights.ridge * np.eye(len(rows))
    wanted = known[:, rows] @ np.linalg.solve(kernel, learnt[rows] @ vectors.T)
    by_listeners, _ = model.predicted(ones(cold.test.known))
    np.testing.assert_allclose(by_listeners, wanted, atol=1e-4)


def test_what_nobody_else_is_tagged_with_places_nothing(camps):
    cold = cold_split(camps, seed=0, others=False)
    tags = cold.item_tags.copy().tolil()
    tags[cold.hidden[0]] = 0
    scores = TagRegression.fit(cold.train, tags.tocsr(), seed=0).scores(cold.test.known)
    assert np.isnan(scores[:, cold.hidden[0]]).all()
    assert not np.isnan(scores[:, cold.hidden[1:]]).any()


@pytest.mark.parametrize("model", [TagRegression, TagNetwork])
def test_the_same_seed_gives_the_same_scores(camps, model):
    cold = cold_split(camps, seed=0, others=False)
    first, second = (model.fit(cold.train, cold.item_tags, seed=1).scores(cold.test.known) for _ in range(2))
    assert (first == second).all()


def test_tags_that_few_items_carry_are_no_ground_to_learn_on(camps):
    cold = cold_split(camps, seed=0, others=False)
    items = cold.item_tags.shape[0]
    own = csr_matrix((np.ones(items, dtype=np.float32), (range(items), range(items))))
    with pytest.raises(UnsuitedError, match="tags that 3 items carry"):
        TagRegression.fit(cold.train, own, seed=0)


def test_lists_hold_hidden_items_alone(camps):
    class Listening(MostPopular):
        def scores(self, known):
            return super().scores(known) + 1

    cold = cold_split(camps, seed=0, others=False)
    outcome = cold_items_outcome(Listening, cold, 0)
    # All hidden items are listed, so all that is wanted is found.
    assert (outcome.people["recall@20"] == 1).all()


def sounds_of(data, tells: float):
    """Heard vectors that tell the camp of each item; the first item of each camp was not heard."""
    camp = np.array([int(name.removeprefix("song ").split("/")[0]) for name in data.items])
    vectors = tells * np.eye(2)[camp] + np.random.default_rng(1).normal(0, 0.3, (len(camp), 2))
    vectors[[name.endswith("/0") for name in data.items]] = np.nan
    return (vectors - np.nanmean(vectors, axis=0)).astype(np.float32)


def test_sound_places_items_whose_tags_are_hidden_too(camps):
    heard = sounds_of(camps, 2.0)
    splits = ((seed, cold_split(camps, seed=seed, heard=heard, untagged=True)) for seed in range(3))
    models = {"tags": TagCosine, "sound": SoundRegression(beside_tags=False)}
    found = run(models, splits, cold_items_outcome, lambda _what: None)
    ahead = found.difference("sound", "tags", "ndcg@100")
    assert ahead.mean > 2 * ahead.error


@pytest.mark.parametrize("untagged", [False, True])
def test_only_heard_items_are_hidden_and_their_tags_as_asked(camps, untagged):
    heard = sounds_of(camps, 2.0)
    cold = cold_split(camps, seed=0, heard=heard, untagged=untagged)
    assert not any(camps.items[cold.items[item]].endswith("/0") for item in cold.hidden)
    assert np.array_equal(cold.heard, heard[cold.items], equal_nan=True)
    tagged = np.diff(cold.item_tags.indptr) > 0
    assert tagged[cold.hidden].any() != untagged
    assert np.delete(tagged, cold.hidden).all()


def test_models_of_sound_are_left_out_where_nothing_was_heard(camps):
    cold = cold_split(camps, seed=0, others=False)
    with pytest.raises(UnsuitedError, match="--audio"):
        cold_items_outcome(SoundRegression(beside_tags=True), cold, 0)
