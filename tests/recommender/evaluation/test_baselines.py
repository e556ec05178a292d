"""What anybody could take off the shelf, as the harness runs it."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from recommender.evaluation.baselines import ImplicitALS, ImplicitItemKNN, Neighbours, Popularity
from recommender.evaluation.errors import EvaluationError
from recommender.evaluation.fitting import fitted, fitted_alone, named, tuned_values
from recommender.evaluation.models import COLD, DEFAULT, DEFAULT_COLD, MODELS
from recommender.evaluation.splits import strong_generalisation
from recommender.evaluation.tuning import best_of, mean_ndcg, set_aside

QUICK = [ImplicitItemKNN(neighbours=(20, 5)), ImplicitALS({"weight": "log", "factors": 8})]


@pytest.mark.parametrize("model", QUICK, ids=["item-knn", "als"])
def test_whoever_is_of_a_camp_is_given_its_songs(camps, model):
    split = strong_generalisation(camps, seed=0)
    items, _ = fitted(model, split, seed=0).recommend(split.test.known, 2)
    for user, row in zip(split.test.users, items, strict=True):
        camp = int(camps.users[user].split()[1]) % 2
        assert [camps.items[split.items[item]].startswith(f"song {camp}/") for item in row] == [True, True]


@pytest.mark.parametrize("model", QUICK, ids=["item-knn", "als"])
def test_the_same_seed_gives_the_same_scores(camps, model):
    split = strong_generalisation(camps, seed=0)
    one, again = (fitted(model, split, seed=5).scores(split.test.known) for _ in range(2))
    assert (one == again).all()


def test_popularity_counts_people_not_plays():
    model = Popularity.fit(csr_matrix([[9, 1, 0], [0, 1, 0]], dtype=np.float32), seed=0)
    assert model.scores(csr_matrix((2, 3), dtype=np.float32)).tolist() == [[1, 2, 0], [1, 2, 0]]
    assert model.recommend(csr_matrix([[0, 1, 0]], dtype=np.float32), 2)[0].tolist() == [[0, 2]]


def test_neighbours_score_by_weight_times_similarity():
    similarity = csr_matrix([[1, 0.5, 0], [0.5, 1, 0.25], [0, 0.25, 1]], dtype=np.float32)
    known = csr_matrix([[np.e - 1, 0, np.e**2 - 1]], dtype=np.float32)
    assert Neighbours(similarity, "log").scores(known)[0] == pytest.approx([1, 0.5 + 0.5, 2])
    assert Neighbours(similarity, "one").scores(known)[0] == pytest.approx([1, 0.75, 1])


def test_cosine_neighbours_are_cosines():
    user_items = csr_matrix([[1, 1, 0], [1, 0, 1], [1, 1, 1]], dtype=np.float32)
    model = ImplicitItemKNN(("cosine",), ("one",), (3,)).fit(user_items, seed=0)
    similar = model.similarity.toarray()
    assert similar[0, 1] == pytest.approx(2 / np.sqrt(3 * 2))
    assert similar[1, 2] == pytest.approx(1 / 2)


def test_what_was_tuned_is_told_and_chosen_on_validation_people(camps):
    split = strong_generalisation(camps, seed=0)
    tuned = tuned_values(fitted(ImplicitItemKNN(neighbours=(20, 1)), split, seed=0))
    assert set(tuned) == {"kind", "weight", "k"}
    assert tuned["k"] == 20  # one neighbour, the item itself, leads nowhere


def test_als_tunes_its_weights_and_sizes(camps):
    split = strong_generalisation(camps, seed=0)
    tuned = tuned_values(fitted(ImplicitALS(), split, seed=0))
    assert set(tuned) == {"weight", "regularization", "factors"}
    assert tuned_values(fitted(ImplicitALS({}), split, seed=0)) == {}


def test_without_validation_people_a_share_of_the_training_is_set_aside(camps):
    split = strong_generalisation(camps, seed=0)
    model = fitted_alone(ImplicitItemKNN(neighbours=(20, 1)), split.train, split.item_tags, seed=0)
    assert tuned_values(model)["k"] == 20
    # Trained on everybody in the end: even a song that one person alone has is somebody's neighbour.
    rows, fold = set_aside(split.train, seed=0)
    assert (rows.shape[0], len(fold.users)) == (38, 4)
    assert (np.diff(fold.known.indptr) + np.diff(fold.held_out.indptr) == 8).all()


def test_the_best_of_several_is_the_one_that_ranks_best(camps):
    split = strong_generalisation(camps, seed=0)
    good = fitted(ImplicitItemKNN(neighbours=(20,)), split, seed=0)
    poor = Popularity(np.zeros(len(split.items), dtype=np.float32))
    settings, best = best_of(iter([({"a": 1}, poor), ({"a": 2}, good), ({"a": 3}, good)]), split.validation)
    assert settings == {"a": 2}
    assert mean_ndcg(best, split.validation) > mean_ndcg(poor, split.validation)
    with pytest.raises(ValueError, match="nothing to choose"):
        best_of([], split.validation)


def test_every_model_by_its_name():
    assert DEFAULT in MODELS
    assert {*COLD, DEFAULT_COLD} <= MODELS.keys()
    assert list(named(["als", "popularity", "als"])) == ["als", "popularity"]
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
