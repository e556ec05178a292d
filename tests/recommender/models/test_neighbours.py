"""Neighbourhood models against their formulas."""

import numpy as np
import pytest

from recommender.models.neighbours import ItemKNN, RP3Beta
from recommender.models.user_knn import UserKNN


def without_diagonal(square):
    return square - np.diag(np.diag(square))


def test_half_a_share_and_no_shrinkage_is_the_cosine(some_people):
    model = ItemKNN.train(some_people, kind="log", share=0.5, shrink=0.0)
    weights = np.log1p(some_people.toarray())
    lengths = np.linalg.norm(weights, axis=0)
    cosines = weights.T @ weights / np.outer(lengths, lengths)
    assert model.similarity.toarray() == pytest.approx(without_diagonal(cosines), abs=1e-5)


def test_share_and_shrinkage_are_those_of_the_formula(some_people):
    model = ItemKNN.train(some_people, kind="one", share=0.8, shrink=2.0)
    has = (some_people.toarray() > 0).astype(np.float64)
    size = has.sum(axis=0) + 2.0
    expected = has.T @ has / np.outer(size**0.2, size**0.8)
    assert model.similarity.toarray() == pytest.approx(without_diagonal(expected), abs=1e-5)


def test_only_the_nearest_items_are_kept(some_people):
    whole, few = (ItemKNN.train(some_people, share=0.5, shrink=0.0, k=k) for k in (9, 2))
    dense = whole.similarity.toarray()
    for item in range(9):
        kept = np.sort(np.argsort(-dense[item])[:2])
        assert few.similarity[item].indices.tolist() == kept.tolist()


def test_bm25_holds_back_what_everybody_has(some_people):
    plain, weighed = (ItemKNN.train(some_people, weights=weights) for weights in ("plain", "bm25"))
    assert (plain.similarity != weighed.similarity).nnz


def test_rp3beta_walks_to_a_listener_and_on(some_people):
    model = RP3Beta.train(some_people, kind="log", alpha=1.3, beta=0.4, k=9)
    weights = np.log1p(some_people.toarray())
    to_item = (weights / weights.sum(axis=1, keepdims=True)) ** 1.3
    to_person = (weights / weights.sum(axis=0)).T ** 1.3
    popularity = (weights > 0).sum(axis=0)
    expected = without_diagonal(to_person @ to_item / popularity**0.4)
    # The weights are divided by a common scale, which powers keep as a factor.
    found = model.similarity.toarray()
    factor = found.sum() / expected.sum()
    assert found == pytest.approx(factor * expected, rel=1e-3, abs=1e-6)


def test_the_nearest_people_say_what_they_have(some_people):
    model = UserKNN.train(some_people, kind="one", damping=0.0, k=3)
    has = (some_people.toarray() > 0).astype(np.float64)
    unit = has / np.linalg.norm(has, axis=1, keepdims=True)
    cosines = unit @ unit.T
    least = np.sort(cosines, axis=1)[:, -3, None]
    expected = np.where(cosines >= least - 1e-7, cosines, 0) @ has
    assert model.scores(some_people) == pytest.approx(expected, abs=1e-4)
