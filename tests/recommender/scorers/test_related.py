"""What the general knowledge of related artists says, on relations small enough to follow by hand."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from recommender.scorers import Profile, TrainingData
from recommender.scorers.related import AS_GOOD_AS, Related

A, B, C, D, E = range(5)


def fitted(relations, fame=None) -> Related:
    related = np.zeros((5, 5), dtype=np.float32)
    for one, other, weight in relations:
        related[one, other] = weight
    nobody, nothing = csr_matrix((0, 5), dtype=np.float32), np.zeros((5, 0), dtype=np.float32)
    data = TrainingData(
        nobody,
        csr_matrix(nothing),
        nothing,
        csr_matrix((0, 0)),
        item_related=csr_matrix(related),
        item_fame=None if fame is None else np.array(fame, dtype=np.float32),
    )
    return Related.fit(data, seed=0)


def liking(*items, disliking=()) -> Profile:
    columns = np.array(sorted([*items, *disliking]), dtype=np.int32)
    return Profile(columns, np.where(np.isin(columns, items), 4, -4).astype(np.float32))


def test_whoever_is_named_first_comes_first_and_the_names_of_names_after():
    scores = fitted([(A, B, 1.0), (A, C, 0.5), (B, D, 1.0)]).score(liking(A))
    assert scores[B] > scores[C] > scores[D] > 0
    assert np.isnan(scores[[A, E]]).all()


def test_a_name_counts_backwards_and_less():
    scores = fitted([(A, B, 1.0), (C, A, 1.0)]).score(liking(A))
    assert scores[B] > scores[C] > 0


def test_of_two_who_are_equally_near_the_famous_one_comes_first():
    relations = [(A, B, 1.0), (A, C, 1.0)]
    assert np.diff(fitted(relations).score(liking(A))[[B, C]]) == 0
    scores = fitted(relations, fame=[1, 1, 4, 1, 1]).score(liking(A))
    assert scores[C] == pytest.approx(2 * scores[B])


def test_what_is_related_to_a_dislike_falls():
    related = fitted([(A, B, 1.0), (A, C, 1.0), (D, C, 1.0)])
    fall = related.score(liking(A)) - related.score(liking(A, disliking=[D]))
    assert fall[C] > fall[B] > 0  # D leads to C, and by C and A to B


def test_its_votes_halve_where_users_teach_as_much():
    related = fitted([(A, B, 1.0)])
    assert [related.trust(0), related.trust(AS_GOOD_AS)] == [1.0, 0.5]
    assert related.trust(100 * AS_GOOD_AS) < 0.01


def test_relations_hold_both_ways_and_not_over_two_steps():
    related = fitted([(A, B, 1.0), (B, C, 1.0)])
    assert related.relates(A, B)
    assert related.relates(B, A)
    assert not related.relates(A, C)
    assert not fitted([]).relates(A, B)
