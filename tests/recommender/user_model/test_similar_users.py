"""Known listeners as hypotheses of whom somebody new is like."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from recommender.models.three_states import Observed
from recommender.user_model.similar_users import SimilarUsers, normalised, popular

LIKES = np.array([[1, 1, 0, 0, 0], [1, 0, 1, 0, 0], [0, 0, 0, 1, 0], [0, 0, 0, 1, 0]], dtype=np.float32)
EVERYONE = np.arange(4, dtype=np.int32)


def similar(listeners=EVERYONE, trusted=1.0, most=4) -> SimilarUsers:
    likes, members = csr_matrix(LIKES), csr_matrix(np.array([[0, 0, 1, 1]], dtype=np.float32))
    items = popular(likes, most)
    expected = 0.5 * LIKES[listeners][:, items] + 0.1
    said = Observed.of(likes, likes.data > 0, np.ones(4))
    return SimilarUsers.of(said, expected.astype(np.float32), items, members, np.array([trusted]), listeners)


def after(known, liked=(), disliked=(), community=None, own=None):
    items = np.array([*liked, *disliked], dtype=np.int32)
    pleased = np.arange(len(items)) < len(liked)
    told = known.evidence(items, pleased, np.ones(len(items), dtype=np.float32))
    return normalised(known.before(community, own) + told.sum(axis=0))


def test_reactions_are_weighed_as_bayes_says():
    known = similar()
    chances = known.chances[known.columns[[0, 1]]]
    likely = chances[0] * (1 - chances[1])
    np.testing.assert_allclose(after(known, liked=[0], disliked=[1]), likely / likely.sum(), rtol=1e-5)


def test_who_shares_a_like_and_a_dislike_is_whom_one_is_like():
    assert int(after(similar(), liked=[0], disliked=[1]).argmax()) == 1


def test_before_any_reaction_a_trusted_place_speaks_and_another_does_not():
    np.testing.assert_allclose(after(similar(), community=0), [0.0625, 0.0625, 0.4375, 0.4375], rtol=1e-5)
    np.testing.assert_allclose(after(similar(trusted=0.0), community=0), [0.25] * 4, rtol=1e-5)
    np.testing.assert_allclose(after(similar(), community=7), [0.25] * 4, rtol=1e-5)


def test_nobody_is_explained_by_herself():
    drawn = similar(np.array([1, 2], dtype=np.int32))
    assert after(drawn, liked=[0], own=1).tolist() == [0.0, 1.0]
    assert after(drawn, liked=[0], own=0).argmax() == 0  # whoever was not drawn stands for nobody


def test_of_an_item_outside_the_popular_nothing_is_said_or_concluded():
    known = similar(most=2)
    outside = np.flatnonzero(known.columns < 0).astype(np.int32)
    assert outside.tolist() == [1, 2, 4]
    np.testing.assert_allclose(after(known, liked=outside), [0.25] * 4, rtol=1e-5)
    otherwise = np.linspace(0, 1, 5, dtype=np.float32)
    found = known.means(after(known), None, otherwise)
    assert found[outside] == pytest.approx(otherwise[outside])
    assert found[0] == pytest.approx(known.chances[known.columns[0]].mean())


def test_silence_lowers_a_chance_as_far_as_it_counts_and_a_dislike_wholly():
    told = csr_matrix(np.array([[1, 1, 0]], dtype=np.float32))
    nowhere, items = csr_matrix((0, 1)), np.arange(3, dtype=np.int32)
    expected = np.full((1, 3), 0.5, dtype=np.float32)
    chances = {
        silence: SimilarUsers.of(
            Observed.of(told, np.array([True, False]), np.array([silence])),
            expected,
            items,
            nowhere,
            np.zeros(0),
            np.zeros(1, dtype=np.int32),
        ).chances[:, 0]
        for silence in (0.0, 0.5, 1.0)
    }
    for found in chances.values():
        assert found[:2] == pytest.approx([0.55, 0.45])
    assert [found[2] for found in chances.values()] == pytest.approx([0.5, 0.475, 0.45])
