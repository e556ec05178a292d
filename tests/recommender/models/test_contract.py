"""What every model promises.  One that is added to the registry is tested here as it is."""

from functools import cache

import numpy as np
import pytest
from scipy.sparse import csr_array, csr_matrix
from threadpoolctl import threadpool_limits

from recommender.models.base import Model
from recommender.models.registry import MODELS

PEOPLE, ITEMS, CAMPS = 120, 48, 3
NOBODY_HAS = 7  # an item, without tags


@pytest.fixture(params=MODELS.values(), ids=MODELS)
def kind(request) -> type[Model]:
    return request.param


@cache
def listening() -> csr_matrix:
    """People of three camps who play what is of theirs, and now and then something else."""
    rng = np.random.default_rng(4)
    theirs = rng.integers(CAMPS, size=PEOPLE)[:, None] == np.arange(ITEMS)[None, :] % CAMPS
    plays = np.where(rng.random((PEOPLE, ITEMS)) < np.where(theirs, 0.4, 0.03), 1.0, 0.0)
    plays *= rng.lognormal(3, 1.5, size=plays.shape).round() + 1
    plays[:, NOBODY_HAS] = 0
    return read_only(plays)


@cache
def tags() -> csr_matrix:
    camp = np.arange(ITEMS)[:, None] % CAMPS == np.arange(CAMPS)
    given = np.hstack([camp * 3, np.zeros((ITEMS, 1))])
    given[NOBODY_HAS] = 0
    return read_only(given)


def read_only(values) -> csr_matrix:
    """So that whoever writes to what it was given fails."""
    matrix = csr_matrix(np.asarray(values, dtype=np.float32))
    for part in (matrix.data, matrix.indices, matrix.indptr):
        part.flags.writeable = False
    return matrix


@cache
def trained(kind: type[Model]) -> Model:
    return kind.train(listening(), tags(), seed=1, **kind.start)


@cache
def fitted(kind: type[Model]) -> Model:
    with threadpool_limits(limits=1):
        return kind.fit(listening(), tags(), seed=3)


def person(*items: int, n_items: int = ITEMS) -> csr_matrix:
    row = np.zeros((1, n_items))
    row[0, list(items)] = 5
    return read_only(row)


def same(one, other) -> bool:
    return np.array_equal(one, other, equal_nan=True)


def test_scores_are_float32_with_nan_only_where_nobody_has_the_item(kind):
    scores = trained(kind).scores(listening())
    assert scores.dtype == np.float32
    assert scores.shape == (PEOPLE, ITEMS)
    assert np.isnan(scores[:, NOBODY_HAS]).all()
    assert np.isfinite(np.delete(scores, NOBODY_HAS, axis=1)).all()


def test_a_list_is_the_best_scores_in_order_without_what_is_known(kind):
    known = listening()[:30]
    scores = trained(kind).scores(known)
    items, listed = trained(kind).recommend(known, 10)
    assert (items.dtype, listed.dtype, items.shape) == (np.int32, np.float32, (30, 10))
    for row in range(30):
        open_to = np.setdiff1d(np.arange(ITEMS), [*known[row].indices, NOBODY_HAS])
        best = open_to[np.lexsort((open_to, -scores[row, open_to]))][:10]
        assert items[row].tolist() == best.tolist()
        assert listed[row].tolist() == scores[row, best].tolist()


def test_somebody_new_of_a_camp_is_given_what_the_camp_plays(kind):
    for camp in range(CAMPS):
        known = person(camp, camp + 9, camp + 15)
        items, _ = fitted(kind).recommend(known, 5)
        assert (items % CAMPS == camp).sum() >= 4


@pytest.mark.parametrize("known", [person(), person(NOBODY_HAS)], ids=["nothing", "what-nobody-has"])
def test_who_has_nothing_that_is_known_is_given_what_most_have(kind, known):
    model = trained(kind)
    popularity = np.diff(listening().tocsc().indptr)
    items, _ = model.recommend(known, ITEMS)
    order = np.lexsort((np.arange(ITEMS), -popularity))[: ITEMS - 1]
    assert items[0].tolist() == [*order.tolist(), -1]


def test_who_has_everything_is_given_nothing(kind):
    items, scores = trained(kind).recommend(read_only(np.ones((1, ITEMS))), 3)
    assert items.tolist() == [[-1, -1, -1]]
    assert np.isnan(scores).all()


def test_a_list_longer_than_the_catalogue_ends_with_minus_one(kind):
    items, _ = trained(kind).recommend(person(0, 3), ITEMS + 5)
    left = np.setdiff1d(np.arange(ITEMS), [0, 3, NOBODY_HAS])
    assert sorted(items[0, : len(left)].tolist()) == left.tolist()
    assert (items[0, len(left) :] == -1).all()


@pytest.mark.parametrize("width", [0, ITEMS - 1, ITEMS + 1])
def test_rows_of_the_wrong_width_are_refused(kind, width):
    with pytest.raises(ValueError, match=f"{width} columns, the model has {ITEMS} items"):
        trained(kind).scores(csr_matrix((2, width), dtype=np.float32))
    with pytest.raises(ValueError, match="columns"):
        trained(kind).recommend(csr_matrix((2, width), dtype=np.float32))


def test_tags_of_other_items_are_refused(kind):
    with pytest.raises(ValueError, match=f"{ITEMS + 1} rows, the people's data {ITEMS} items"):
        kind.fit(listening(), csr_matrix((ITEMS + 1, 3), dtype=np.float32), seed=0)


def test_each_person_is_scored_as_if_alone(kind):
    together = trained(kind).scores(listening()[:8])
    for row in range(8):
        alone = trained(kind).scores(listening()[row])
        np.testing.assert_allclose(alone[0], together[row], rtol=1e-4, atol=1e-5)


def test_zeros_and_negative_numbers_are_as_good_as_absent(kind):
    rng = np.random.default_rng(0)
    noisy = listening().toarray()
    noisy[(noisy == 0) & (rng.random(noisy.shape) < 0.1)] = -3
    stored = csr_matrix(noisy)
    stored.data[stored.data == 1] = 0
    clean = stored.copy()
    clean.data[clean.data < 0] = 0
    clean.eliminate_zeros()
    of_noisy = kind.train(stored, tags(), seed=1, **kind.start)
    of_clean = kind.train(clean, tags(), seed=1, **kind.start)
    assert same(of_noisy.scores(stored), of_clean.scores(clean))


def test_arrays_and_other_types_are_taken_like_matrices(kind):
    expected = trained(kind).scores(listening())
    for made in (csr_array(listening()), listening().astype(np.float64), listening().tocsc()):
        model = kind.train(made, csr_array(tags()), seed=1, **kind.start)
        assert same(model.scores(made), expected)


def test_the_same_seed_gives_the_same_model_on_one_thread_and_on_two(kind):
    with threadpool_limits(limits=2):
        model = kind.fit(listening(), tags(), seed=3)
        assert model.tuned == fitted(kind).tuned
        assert same(model.scores(listening()), fitted(kind).scores(listening()))


def test_what_was_chosen_is_told_and_gives_the_same_model_again(kind):
    model = fitted(kind)
    assert model.tuned.keys() == {*kind.start, *kind.grid, *kind.weighing, "kind", "power"}
    again = kind.train(listening(), tags(), seed=3, **model.tuned)
    assert same(model.scores(listening()), again.scores(listening()))


@pytest.mark.parametrize("shape", [(0, 4), (1, 4), (1, 1), (9, 1), (2, 4), (0, 0), (3, 0)], ids=str)
@pytest.mark.parametrize("full", [True, False], ids=["full", "empty"])
def test_the_smallest_data_make_a_model_that_answers(kind, shape, full):
    user_items = csr_matrix(np.full(shape, 2.0 if full else 0.0, dtype=np.float32))
    model = kind.fit(user_items, seed=0)
    n_items = shape[1]
    known = csr_matrix(np.eye(2, n_items, dtype=np.float32))
    scores = model.scores(known)
    assert scores.shape == (2, n_items)
    assert np.isnan(scores).all() != (full and min(shape) > 0)
    items, _ = model.recommend(known, 2)
    assert items.shape == (2, 2)
    assert not np.isinf(scores).any()


def test_people_alike_in_all_make_a_model(kind):
    model = kind.fit(read_only(np.ones((30, 6))), read_only(np.ones((6, 2))), seed=0)
    assert np.isfinite(model.scores(person(0, n_items=6))).all()
    assert sorted(model.recommend(person(0, n_items=6), 5)[0][0].tolist()) == [1, 2, 3, 4, 5]


def test_play_counts_of_any_size_are_counted(kind):
    plays = listening().astype(np.float64)
    plays.data *= 1e12
    assert np.isfinite(kind.train(plays, seed=0, **kind.start).scores(plays)[:, :NOBODY_HAS]).all()
