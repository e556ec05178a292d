"""Train on the past, test on the future."""

import numpy as np
import pytest

from recommender.errors import EvaluationError
from recommender.evaluation.interactions import Interactions, InteractionsBuilder
from recommender.evaluation.time_split import time_split


@pytest.fixture(scope="module")
def diary() -> Interactions:
    """Ten people, 100 days, an item a day: always a new one but on day 50, when it is the first again."""
    builder = InteractionsBuilder()
    for day in range(100):
        for person in range(10):
            item = 5 * person + (0 if day == 50 else day)
            builder.add(f"p{person}", f"i{item}", 1.0, at=day * 86_400)
    builder.add_tagging("p0", "i5", "early", 10 * 86_400)
    builder.add_tagging("p0", "i5", "late", 95 * 86_400)
    builder.add_tagging("p0", "i5", "undated")
    return builder.build()


def test_training_knows_nothing_after_the_cut(diary):
    split = time_split(diary, seed=0)
    assert split.train.sum() == 800  # ten people, the first 80 days
    person = split.users.tolist().index(diary.users.index("p0"))
    weights = {diary.items[i]: w for i, w in zip(split.items, split.train.toarray()[person], strict=True)}
    assert (weights["i0"], weights["i79"], weights["i80"]) == (2, 1, 0)


def test_only_what_is_new_to_the_person_is_to_be_found():
    builder = InteractionsBuilder()
    for day in range(80):
        builder.add("a" if day % 2 else "b", f"i{day % 7}", at=day)
    for day, item in ((85, "i1"), (86, "x"), (91, "new"), (92, "i3"), (93, "i9")):
        builder.add("b", item, at=day)
    for day in range(94, 100):
        builder.add("a", "i1", at=day)
    builder.add("c", "i9", at=1)
    builder.add("c", "i1", at=95)
    data = builder.build()
    split = time_split(data, seed=0)
    found = {
        data.users[user]: {data.items[split.items[i]] for i in row.indices}
        for user, row in zip(split.test.users, split.test.held_out, strict=True)
    }
    # b heard i3 before, "new" and "x" are unknown to the training; c has i1 to find.
    assert found == {"b": {"i9"}, "c": {"i1"}}


def test_the_tested_show_what_they_had_until_the_second_cut():
    builder = InteractionsBuilder()
    for day in range(96):
        builder.add(f"p{day % 3}", f"i{day % 41}", at=day)
    builder.add("p0", "i1", 5.0, at=85)
    builder.add("p0", "i1", 50.0, at=99)
    builder.add("late", "i1", at=98)
    builder.add("late", "i2", at=98)
    data = builder.build()
    split = time_split(data, seed=0)
    assert data.users.index("late") not in split.test.users
    known = split.test.known.toarray()
    second = sorted(data.log.times)[90]
    for row, user in enumerate(split.test.users):
        before = data.matrix((data.log.times < second) & (data.log.users == user)).toarray()[user]
        assert (known[row] == before[split.items]).all()


def test_tags_of_the_future_do_not_count(diary):
    split = time_split(diary, seed=0)
    given = dict(zip(diary.tags, split.item_tags.toarray().sum(axis=0), strict=True))
    assert given == {"early": 1, "late": 0, "undated": 0}


def test_data_without_times_are_refused():
    builder = InteractionsBuilder()
    builder.add("a", "b")
    with pytest.raises(EvaluationError, match="needs a time"):
        time_split(builder.build(), seed=0)


def test_people_who_never_come_back_cannot_be_tested():
    builder = InteractionsBuilder()
    for day in range(50):
        builder.add(f"p{day}", "i", at=day)
    with pytest.raises(EvaluationError, match="Nobody"):
        time_split(builder.build(), seed=0)


def test_the_seed_moves_the_items_and_nothing_else(diary):
    one, other = time_split(diary, seed=0), time_split(diary, seed=1)
    assert (one.users == other.users).all()
    assert not (one.items == other.items).all()
    both = [split.train.toarray()[:, np.argsort(split.items)] for split in (one, other)]
    assert (both[0] == both[1]).all()
