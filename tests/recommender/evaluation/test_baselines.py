"""What anybody could take off the shelf, as the harness runs it."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from recommender.errors import EvaluationError
from recommender.evaluation.baselines import ImplicitALS, MostPopular
from recommender.evaluation.fitting import fitted, fitted_alone, named, tuned_values
from recommender.evaluation.models import COLD, DEFAULT, DEFAULT_COLD, MODELS
from recommender.evaluation.splits import strong_generalisation
from recommender.models import registry
from recommender.models.neighbours import ItemKNN

QUICK = {"item-knn": ItemKNN, "als": ImplicitALS({"weight": "log", "factors": 8})}


@pytest.mark.parametrize("model", QUICK.values(), ids=QUICK)
def test_whoever_is_of_a_camp_is_given_its_songs(camps, model):
    split = strong_generalisation(camps, seed=0)
    items, _ = fitted(model, split, seed=0).recommend(split.test.known, 2)
    for user, row in zip(split.test.users, items, strict=True):
        camp = int(camps.users[user].split()[1]) % 2
        assert [camps.items[split.items[item]].startswith(f"song {camp}/") for item in row] == [True, True]


def test_the_same_seed_gives_the_same_scores(camps):
    split = strong_generalisation(camps, seed=0)
    one, again = (fitted(QUICK["als"], split, seed=5).scores(split.test.known) for _ in range(2))
    assert (one == again).all()


def test_popularity_counts_people_not_plays():
    model = MostPopular.fit(csr_matrix([[9, 1, 0], [0, 1, 0]], dtype=np.float32), seed=0)
    assert model.scores(csr_matrix((2, 3), dtype=np.float32)).tolist() == [[1, 2, 0], [1, 2, 0]]
    assert model.recommend(csr_matrix([[0, 1, 0]], dtype=np.float32), 2)[0].tolist() == [[0, 2]]


def test_what_was_tuned_is_told(camps):
    split = strong_generalisation(camps, seed=0)
    model = fitted(ItemKNN, split, seed=0)
    assert tuned_values(model) == model.tuned
    assert {*ItemKNN.grid, *ItemKNN.weighing} <= set(tuned_values(model))
    assert tuned_values(fitted(ImplicitALS(), split, seed=0)) == {}


def test_a_model_tunes_itself_where_there_are_no_people_to_tune_it_on(camps):
    split = strong_generalisation(camps, seed=0)
    alone = fitted_alone(ItemKNN, split.train, split.item_tags, seed=0)
    assert tuned_values(alone) == tuned_values(fitted(ItemKNN, split, seed=0))


def test_every_model_by_its_name():
    assert DEFAULT in MODELS
    assert {*COLD, DEFAULT_COLD, *registry.MODELS} <= MODELS.keys()
    assert list(named(["ials", "popularity", "ials"])) == ["ials", "popularity"]
    with pytest.raises(EvaluationError, match=r"no model nix; choose from .*popularity"):
        named(["nix"])


def test_a_model_is_handed_what_its_signature_asks_for(camps):
    split = strong_generalisation(camps, seed=0)

    class Curious:
        def fit(self, user_items, item_tags=None, *, seed, friends, validation=None):
            self.told = (user_items, item_tags, seed, friends, validation)
            return self

    class Plain:
        def fit(self, user_items, item_tags=None, *, seed):
            self.told = (user_items, item_tags, seed)
            return self

    everything = (split.train, split.item_tags, 7, split.friends, split.validation)
    assert fitted(Curious(), split, seed=7).told == everything
    assert fitted(Plain(), split, seed=7).told == everything[:3]
    assert fitted(Plain(), split.without_tags(), seed=7).told == (split.train, None, 7)
