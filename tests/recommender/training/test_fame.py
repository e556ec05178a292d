import numpy as np
import pytest

from recommender.feedback.matrix import IdIndex
from recommender.training.fame import expected_likes, related_matrix

ARTISTS = IdIndex(np.array([10, 20, 30, 40], dtype=np.int64))


def test_a_relation_weighs_less_the_later_it_is_named():
    matrix = related_matrix([(10, 20, 0), (10, 40, 2), (30, 20, 1)], ARTISTS).toarray()
    assert matrix[0] == pytest.approx([0, 1, 0, 0.5])
    assert matrix[2] == pytest.approx([0, 1 / np.log2(3), 0, 0])


def test_a_class_of_fame_is_three_times_the_one_below_and_relations_order_it():
    related = related_matrix([(10, 20, 0), (30, 20, 0), (20, 40, 0)], ARTISTS)
    likes = expected_likes([(10, 3), (20, 5), (40, 5)], related, ARTISTS)
    assert likes[1] > likes[3] > 5  # of 100 people
    assert likes[0] == pytest.approx(10 / 9)
    assert likes[2] == 0  # nothing is said of it
    assert np.sqrt(likes[1] * likes[3]) == pytest.approx(10, rel=1e-5)


def test_where_nothing_is_known_nothing_is_said():
    related = related_matrix([], ARTISTS)
    assert related.nnz == 0
    assert expected_likes([], related, ARTISTS).tolist() == [0, 0, 0, 0]
