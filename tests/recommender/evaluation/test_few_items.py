"""People of whom little is known."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from recommender.evaluation.baselines import MostPopular
from recommender.evaluation.few_items import (
    LENGTHS,
    METRICS,
    few,
    few_items_outcome,
    first_places,
    random_places,
)
from recommender.evaluation.splits import strong_generalisation
from recommender.metrics import hits, ndcg
from recommender.metrics.ranked_lists import ranked_lists


class Watcher:
    """A model that remembers what it was told of people."""

    def __init__(self):
        self.told: list[csr_matrix] = []

    def fit(self, user_items, item_tags=None, *, seed):
        self.listeners = MostPopular.fit(user_items, item_tags, seed=seed)
        return self

    def scores(self, known):
        self.told.append(known)
        return self.listeners.scores(known)

    def recommend(self, known, n=100):
        return self.listeners.recommend(known, n)


def test_each_few_is_part_of_the_next_and_as_large_as_it_says():
    known = csr_matrix(np.arange(1, 13, dtype=np.float32).reshape(2, 6))
    places = random_places(known, seed=0)
    before = np.zeros((2, 6), dtype=np.bool_)
    for length in range(8):
        shown = first_places(known, places, length).toarray()
        assert ((shown > 0).sum(axis=1) == min(length, 6)).all()
        assert (shown[before] > 0).all()
        assert (shown[shown > 0] == known.toarray()[shown > 0]).all()
        before = shown > 0


def test_which_items_are_shown_is_drawn_for_each_person():
    known = csr_matrix(np.ones((200, 6), dtype=np.float32))
    first = first_places(known, random_places(known, seed=0), 1).toarray().sum(axis=0)
    assert first.sum() == 200
    assert (first > 15).all()  # 33 expected of each, sd 5


def test_the_model_is_told_no_more_than_the_few(camps):
    split = strong_generalisation(camps, seed=0)
    watcher = Watcher()
    few_items_outcome(watcher, split, 0)
    most = [int(np.diff(told.indptr).max()) for told in watcher.told]
    fully = int(np.diff(split.test.known.indptr).max())
    assert most == [min(length, fully) for length in LENGTHS]


def test_popularity_is_the_same_at_every_length(camps):
    # What is shown or not is never listed, so a model that does not look at it cannot gain or lose by it.
    split = strong_generalisation(camps, seed=0)
    outcome = few_items_outcome(MostPopular, split, 0)
    model = MostPopular.fit(split.train, seed=0)
    fully = hits(ranked_lists(model, split.test.known, 100), split.test.held_out)
    for length in (0, 1, 5):
        assert outcome.people[few("ndcg@100", length)] == pytest.approx(ndcg(fully, split.test.held_out, 100))


def test_people_with_fewer_items_than_the_length_are_not_counted(camps):
    outcome = few_items_outcome(MostPopular, strong_generalisation(camps, seed=0), 0)
    assert not np.isnan(outcome.people[few("recall@20", 5)]).any()
    assert np.isnan(outcome.people[few("recall@20", 20)]).all()
    assert set(outcome.people) == {few(metric, length) for metric in METRICS for length in LENGTHS}
