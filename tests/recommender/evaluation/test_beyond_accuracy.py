"""What lists are like, against figures worked out by hand."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from recommender.evaluation.beyond_accuracy import (
    coverage,
    distinct,
    intra_list_diversity,
    novelty,
    popularity_lift,
    tag_vectors,
)


def ranked(*rows: list[int]) -> np.ndarray:
    return np.array(rows, dtype=np.int32)


def test_coverage_counts_every_item_once_and_no_empty_place():
    lists = ranked([0, 1, 2], [2, 3, -1])
    assert distinct(lists) == 4
    assert coverage(lists, 8) == 0.5


def test_novelty_is_the_mean_information_in_bits():
    listeners = np.array([8.0, 4.0, 1.0, 0.0])
    # Shares 1, 1/2, 1/8; an item without listeners counts as if it had one.
    assert novelty(ranked([0, 1], [2, 3], [1, -1]), listeners, 8) == pytest.approx([0.5, 3, 1])


def test_a_list_of_nothing_has_no_novelty():
    assert np.isnan(novelty(ranked([-1, -1]), np.array([1.0]), 1)).all()


def test_popularity_lift_compares_with_the_persons_own_taste():
    listeners = np.array([10.0, 2.0, 4.0])
    known = csr_matrix(np.array([[0, 1, 1], [0, 0, 0]], dtype=np.float32))
    lift = popularity_lift(ranked([0, 0], [0, 1]), known, listeners)
    assert lift[0] == pytest.approx(10 / 3 - 1)
    assert np.isnan(lift[1])


def test_diversity_is_the_mean_distance_of_all_pairs():
    vectors = csr_matrix(np.array([[1, 0], [0, 1], [0.6, 0.8], [0, 0]], dtype=np.float32))
    lists = ranked([0, 1, 2], [0, 0, -1], [0, 3, 1], [0, 3, -1])
    found = intra_list_diversity(lists, vectors)
    assert found[:3] == pytest.approx([1 - (0 + 0.6 + 0.8) / 3, 0, 1], abs=1e-6)
    assert np.isnan(found[3])  # one described item makes no pair


def test_tags_that_everything_carries_say_nothing():
    tags = csr_matrix(np.array([[1, 3, 0], [1, 0, 2], [1, 0, 0]], dtype=np.float32))
    vectors = tag_vectors(tags).toarray()
    assert vectors[0] == pytest.approx([0, 1, 0])
    assert vectors[1] == pytest.approx([0, 0, 1])
    assert not vectors[2].any()


def test_tag_vectors_by_hand():
    tags = csr_matrix(np.array([[1, 3], [1, 0], [0, 0], [0, 0]], dtype=np.float32))
    first = np.array([np.log(2) * np.log(2), np.log(4) * np.log(4)])
    assert tag_vectors(tags).toarray()[0] == pytest.approx(first / np.linalg.norm(first))
