"""Strong generalisation: what is tested was never trained on."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from recommender.errors import EvaluationError
from recommender.evaluation.interactions import InteractionsBuilder
from recommender.evaluation.splits import divided, strong_generalisation


def dense(matrix: csr_matrix) -> np.ndarray:
    return matrix.toarray()


@pytest.mark.parametrize("seed", range(5))
def test_nobody_is_in_two_parts(camps, seed):
    split = strong_generalisation(camps, seed=seed)
    parts = [set(part.tolist()) for part in (split.users, split.validation.users, split.test.users)]
    assert sum(map(len, parts)) == len(set.union(*parts)) == 60
    assert [len(part) for part in parts] == [42, 6, 12]


@pytest.mark.parametrize("seed", range(5))
def test_a_tested_person_shows_four_fifths_and_hides_one(camps, seed):
    fold = strong_generalisation(camps, seed=seed).test
    known, hidden = dense(fold.known) > 0, dense(fold.held_out) > 0
    assert not (known & hidden).any()
    n = (known | hidden).sum(axis=1)
    assert (hidden.sum(axis=1) == n // 5).all()
    assert (hidden.sum(axis=1) > 0).all()


def test_what_is_shown_weighs_what_it_weighs_in_the_data(camps):
    split = strong_generalisation(camps, seed=0)
    weights = dense(camps.user_items)
    for part, users in ((split.train, split.users), (split.test.known, split.test.users)):
        ours = dense(part)
        theirs = weights[users][:, split.items]
        assert (ours[ours > 0] == theirs[ours > 0]).all()
    assert (dense(split.train) == weights[split.users][:, split.items]).all()
    assert set(np.unique(split.test.held_out.data)) == {1}


def test_tags_and_friends_are_those_of_training_people_only(camps):
    split = strong_generalisation(camps, seed=1)
    training = {camps.users[user] for user in split.users}
    given = dense(split.item_tags).sum(axis=0)
    for tag, times in zip(camps.tags, given, strict=True):
        if tag.startswith("tag of "):
            assert times == (f"person {tag.removeprefix('tag of ')}" in training)
    assert split.friends.shape == (len(split.users), len(split.users))
    for row, column in zip(*split.friends.nonzero(), strict=True):
        number = int(camps.users[split.users[row]].split()[1])
        assert camps.users[split.users[column]] == f"person {(number + 2) % 60}"


def test_items_that_nobody_trains_on_are_dropped():
    builder = InteractionsBuilder()
    for person in range(20):
        for item in range(6):
            builder.add(str(person), str(item))
        builder.add(str(person), f"only {person}")
    data = builder.build()
    split = strong_generalisation(data, seed=0)
    names = {data.items[item] for item in split.items}
    assert names == {*map(str, range(6)), *(f"only {data.users[user]}" for user in split.users)}
    assert (np.diff(split.test.known.indptr) + np.diff(split.test.held_out.indptr) == 6).all()


def test_people_with_fewer_than_five_items_are_left_out():
    builder = InteractionsBuilder()
    for person in range(12):
        for item in range(5 if person < 10 else 4):
            builder.add(str(person), str(item))
    split = strong_generalisation(builder.build(), seed=0)
    everybody = np.concatenate([split.users, split.validation.users, split.test.users])
    assert sorted(everybody.tolist()) == list(range(10))


def test_the_same_seed_gives_the_same_split_and_another_one_another(camps):
    one, again, other = (strong_generalisation(camps, seed=seed) for seed in (3, 3, 4))
    assert (one.items == again.items).all()
    assert (one.test.users == again.test.users).all()
    assert (one.test.held_out != again.test.held_out).nnz == 0
    assert not np.array_equal(one.test.users, other.test.users)


def test_the_order_of_the_items_is_not_that_of_the_file(camps):
    assert not np.array_equal(strong_generalisation(camps, seed=0).items, np.arange(len(camps.items)))


def test_too_few_people_are_refused_in_a_sentence():
    builder = InteractionsBuilder()
    for person in range(9):
        for item in range(5):
            builder.add(str(person), str(item))
    with pytest.raises(EvaluationError, match="Only 9 users"):
        strong_generalisation(builder.build(), seed=0)


def test_without_tags_forgets_the_tags_alone(camps):
    split = strong_generalisation(camps, seed=0)
    bare = split.without_tags()
    assert bare.item_tags.shape == (len(split.items), 0)
    assert bare.train is split.train


def test_people_with_nothing_held_out_are_no_part_of_a_fold():
    matrix = csr_matrix(np.array([[2, 3], [4, 0]], dtype=np.float32))
    fold = divided(np.array([7, 8], dtype=np.int32), matrix, np.array([False, True, False]))
    assert fold.users.tolist() == [7]
    assert dense(fold.known).tolist() == [[2, 0]]
    assert dense(fold.held_out).tolist() == [[0, 1]]
