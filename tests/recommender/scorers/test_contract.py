"""What every scorer promises.  A model that is added to the registry is tested here as it is."""

from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from types import NoneType
from typing import get_type_hints

import numpy as np
import pytest
from scipy.sparse import csr_matrix, random_array
from threadpoolctl import threadpool_limits

from recommender.evaluation.baseline_scorers import BASELINE_SCORERS
from recommender.linalg.ann import Index
from recommender.scorers import Profile, Scorer, TrainingData, most_missed
from recommender.scorers.heard_start import HeardStart
from recommender.scorers.heard_trial import heard_items
from recommender.scorers.registry import SERVED


class Speaking(HeardStart):
    """It speaks without a trial: what it promises is asked of what it says."""

    @classmethod
    def fit(cls, data, *, seed):
        few = np.count_nonzero(heard_items(data)) < 20
        return super().fit(data, seed=seed) if few else cls.learned(data, seed=seed)


SCORERS = (*(Speaking if s is HeardStart else s for s in SERVED), *BASELINE_SCORERS)
USERS, ITEMS = 80, 60
UNPLAYED, UNKNOWN, ONLY_DISLIKED = 7, 8, 9  # 7 has tags, 8 has nothing at all


@pytest.fixture(params=SCORERS, ids=lambda s: s.name)
def scorer(request) -> type[Scorer]:
    return request.param


@pytest.fixture(params=[s for s in SCORERS if s.personal], ids=lambda s: s.name)
def personal(request) -> type[Scorer]:
    return request.param


@cache
def listening() -> TrainingData:
    """Random likes and dislikes, with users and items of whom nothing is known."""
    rng = np.random.default_rng(20)
    heard = rng.random((USERS, ITEMS)) < 0.2
    weights = heard * rng.gamma(2, 2, size=heard.shape) * rng.choice([1, 1, 1, 1, -1], size=heard.shape)
    weights[:, [UNPLAYED, UNKNOWN]] = 0
    weights[:, ONLY_DISLIKED] = -np.abs(weights[:, ONLY_DISLIKED])
    weights[5] = 0
    tags = rng.poisson(0.4, size=(ITEMS, 12)) * rng.integers(1, 5, size=(ITEMS, 12))
    features = rng.normal(100, 20, size=(ITEMS, 4))
    features[rng.random(features.shape) < 0.3] = np.nan
    features[:, 3] = np.nan  # never known
    tags[UNKNOWN], features[UNKNOWN] = 0, np.nan
    tags[UNPLAYED, 0] = 1
    members = rng.random((3, USERS)) < 0.5
    members[2] = False
    related = np.triu(rng.random((ITEMS, ITEMS)) < 0.1, 1) * rng.random((ITEMS, ITEMS))
    related[UNKNOWN], related[:, UNKNOWN] = 0, 0
    heard = np.hstack([np.nan_to_num(features) - 100, tags]).astype(np.float32)
    heard[UNKNOWN] = np.nan
    return data(weights, tags, features, members, related, heard)


def data(weights, tags, features, members, related=None, heard=None) -> TrainingData:
    """Read-only, so that whoever writes to what it was given fails."""
    weights = np.asarray(weights)
    related = np.zeros((weights.shape[1],) * 2) if related is None else related
    sparse = [csr_matrix(np.asarray(part, dtype=np.float32)) for part in (weights, tags, members, related)]
    features = np.asarray(features, dtype=np.float32)
    for array in [features, *(getattr(m, part) for m in sparse for part in ("data", "indices", "indptr"))]:
        array.flags.writeable = False
    heard = sparse[1].toarray() if heard is None else heard
    return TrainingData(sparse[0], sparse[1], features, sparse[2], item_related=sparse[3], item_heard=heard)


@cache
def trained(kind: type[Scorer]) -> Scorer:
    return kind.fit(listening(), seed=1)


def profile(items, weights, community=None) -> Profile:
    items, weights = np.asarray(items, dtype=np.int32), np.asarray(weights, dtype=np.float32)
    items.flags.writeable = weights.flags.writeable = False
    return Profile(items, weights, community)


NOTHING = profile([], [], community=0)


def profiles(n: int = 12) -> list[Profile]:
    """Listeners with 1 to 30 known items, some disliked, some that nobody played."""
    rng = np.random.default_rng(3)
    made = []
    for size in rng.integers(1, 30, size=n):
        items = np.sort(rng.choice(ITEMS, size=size, replace=False))
        weights = rng.gamma(2, 2, size=size) * rng.choice([1, 1, 1, -1], size=size)
        weights[rng.integers(size)] = 4
        made.append(profile(items, weights, community=int(rng.integers(3))))
    return made


def arrays(scorer: Scorer) -> dict[str, np.ndarray]:
    found = {}
    for field in fields(scorer):
        value = getattr(scorer, field.name)
        if isinstance(value, csr_matrix):
            found |= {f"{field.name}.{part}": getattr(value, part) for part in ("data", "indices", "indptr")}
        elif isinstance(value, np.ndarray):
            found[field.name] = value
    return found


def test_a_score_is_one_float32_per_item_and_never_infinite(scorer):
    for listener in [*profiles(), NOTHING]:
        scores = trained(scorer).score(listener)
        assert scores.shape == (ITEMS,)
        assert scores.dtype == np.float32
        assert not np.isinf(scores).any()


def test_somebody_with_a_history_is_given_opinions(scorer):
    for listener in profiles():
        if listener.community != 2:  # nobody is there
            assert np.isfinite(trained(scorer).score(listener)).any()


def test_nothing_is_said_of_items_that_nothing_is_known_of(scorer):
    for listener in profiles():
        scores = trained(scorer).score(listener)
        if scorer.name != "popularity":  # for which nobody is a number as well
            assert np.isnan(scores[UNKNOWN])
        told = np.isfinite(scores[[UNPLAYED, ONLY_DISLIKED]])
        if scorer.scores_unplayed is not None:
            assert told.all() if scorer.scores_unplayed else not told.any()


def test_a_reason_for_an_item_without_opinion_is_none(scorer):
    for listener in profiles():
        scores = trained(scorer).score(listener)
        for item in np.flatnonzero(np.isnan(scores)).tolist():
            assert trained(scorer).because(listener, item) == (None, 0.0)


def test_who_likes_nothing_gets_no_personal_opinion(personal):
    for listener in (NOTHING, profile([3, 4], [-4, -1]), profile([UNKNOWN], [4])):
        assert np.isnan(trained(personal).score(listener)).all()
        assert trained(personal).because(listener, 0) == (None, 0.0)


def test_what_everybody_likes_is_said_to_strangers_too(scorer):
    if not scorer.personal:
        assert np.nanmax(trained(scorer).score(NOTHING)) > 0
        assert trained(scorer).because(NOTHING, 0) == (None, 0.0)


@pytest.mark.parametrize("threads", [1, 2])
def test_the_same_seed_gives_the_same_numbers_on_any_number_of_threads(scorer, threads):
    with threadpool_limits(limits=threads):
        again = scorer.fit(listening(), seed=1)
        for name, array in arrays(trained(scorer)).items():
            np.testing.assert_array_equal(array, arrays(again)[name], err_msg=name)
        for listener in profiles():
            np.testing.assert_array_equal(trained(scorer).score(listener), again.score(listener))


def test_fields_are_arrays_sparse_matrices_and_plain_values_alone(scorer):
    for field in fields(scorer):
        value = getattr(trained(scorer), field.name)
        assert type(value) in (np.ndarray, csr_matrix, Index, str, int, float, bool, NoneType), field.name
    assert "name" in get_type_hints(scorer)
    assert "name" not in {field.name for field in fields(scorer)}


def test_a_served_scorer_has_a_name_of_its_own_and_a_say():
    assert len({scorer.name for scorer in SCORERS}) == len(SCORERS)
    for scorer in SERVED:
        assert any(weight > 0 for weight in scorer.votes), f"{scorer.__name__}.votes gives it no weight"
        assert set(scorer.replaces) <= {other.name for other in SERVED}
        assert set(scorer.axes) <= {"artists", "tracks"}


def test_many_reasons_at_once_are_those_of_each_item(scorer):
    for listener in profiles(4):
        items = np.array([2, 12, 30, UNKNOWN], dtype=np.int32)
        each = [trained(scorer).because(listener, item) for item in items.tolist()]
        for found, expected in zip(trained(scorer).reasons(listener, items), each, strict=True):
            assert found.item == expected.item
            assert found.drop == pytest.approx(expected.drop, rel=1e-6, abs=1e-9)


def test_a_scorer_works_from_read_only_memory_maps(scorer, tmp_path: Path):
    def mapped(name: str, array: np.ndarray) -> np.ndarray:
        np.save(tmp_path / f"{name}.npy", array)
        return np.asarray(np.load(tmp_path / f"{name}.npy", mmap_mode="r"))

    values = {field.name: getattr(trained(scorer), field.name) for field in fields(scorer)}
    for name, value in values.items():
        if isinstance(value, csr_matrix):
            parts = tuple(mapped(f"{name}.{p}", getattr(value, p)) for p in ("data", "indices", "indptr"))
            values[name] = csr_matrix(parts, shape=value.shape, copy=False)
        elif isinstance(value, np.ndarray):
            values[name] = mapped(name, value)
    loaded = scorer(**values)
    for listener in profiles(4):
        np.testing.assert_array_equal(loaded.score(listener), trained(scorer).score(listener))
        assert loaded.because(listener, 12) == trained(scorer).because(listener, 12)


def test_an_answer_belongs_to_who_asked(scorer):
    listener = profiles()[0]
    before = trained(scorer).score(listener)
    trained(scorer).score(listener)[:] = 0
    np.testing.assert_array_equal(trained(scorer).score(listener), before)


@pytest.mark.parametrize("scorer", [s for s in SCORERS if s.name != "popularity"], ids=lambda s: s.name)
def test_the_withheld_square_of_a_checkerboard_comes_first(scorer):
    """Even listeners like even items, odd ones odd items, and each lacks the one of her own number.

    As in the tests that all models of the library implicit have to pass.  Every square is equally popular, so
    popularity alone has no say.
    """
    n = 50
    parity = np.arange(n) % 2
    squares = (parity[:, None] == parity) - np.eye(n)
    sides = np.stack([parity == 0, parity == 1])
    related = np.triu(parity[:, None] == parity, 1)
    fitted = scorer.fit(data(squares, sides.T, np.zeros((n, 0)), sides, related), seed=1)
    for user in range(n):
        known = np.flatnonzero(squares[user])
        scores = np.nan_to_num(fitted.score(profile(known, np.ones(len(known)), user % 2)), nan=-np.inf)
        scores[known] = -np.inf
        assert np.argmax(scores) == user


def test_a_dislike_never_raises_a_score(personal):
    for listener in profiles():
        with_dislikes = trained(personal).score(listener)
        without = trained(personal).score(listener.liked)
        both = np.isfinite(with_dislikes) & np.isfinite(without)
        assert (with_dislikes[both] <= without[both] + 1e-6 * np.abs(without[both])).all()
        # What only the disliked items speak about, they speak against.
        alone = np.isfinite(with_dislikes) & ~np.isfinite(without)
        assert (with_dislikes[alone] <= 0).all()


def test_a_reason_is_the_liked_item_that_is_missed_most(scorer):
    """Each scorer's own short way gives what taking the items away one by one gives."""
    reasons = 0
    for listener in profiles(6):
        scores = trained(scorer).score(listener)
        scores[listener.items] = np.nan  # what is known is not recommended
        for item in np.flatnonzero(np.isfinite(scores)).tolist():
            rounding = 2e-6 * abs(float(scores[item]))
            reason = trained(scorer).because(listener, item)
            expected = most_missed(trained(scorer), listener, item, listener.liked.items)
            assert reason.drop == pytest.approx(expected.drop, rel=1e-4, abs=rounding)
            if expected.drop > rounding:
                reasons += 1
                assert reason.item == expected.item
    assert (reasons > 100) == scorer.personal


def test_an_item_never_seen_in_training_may_be_known_to_a_listener(personal):
    listener = profiles()[0]
    more = np.union1d(listener.items, [UNPLAYED, UNKNOWN])
    weights = np.full(len(more), 4.0)
    weights[np.isin(more, listener.items)] = listener.weights
    scores = trained(personal).score(profile(more, weights))
    assert np.isfinite(scores).any()
    assert trained(personal).because(profile(more, weights), int(np.nanargmax(scores))).item != UNKNOWN


@pytest.mark.parametrize(("users", "items", "tags"), [(0, 0, 0), (0, 5, 0), (3, 0, 2), (3, 5, 2), (1, 1, 0)])
def test_a_database_without_listening_is_fine(scorer, users, items, tags):
    blank = data(
        np.zeros((users, items)), np.zeros((items, tags)), np.zeros((items, 2)) * np.nan, np.ones((1, users))
    )
    fitted = scorer.fit(blank, seed=1)
    known = profile(np.arange(items), np.ones(items), community=0)
    assert fitted.score(known).shape == (items,)
    assert np.isnan(fitted.score(known)).all() or scorer.name == "popularity"


@pytest.mark.parametrize(("users", "items"), [(1, 3), (2, 2), (3, 1), (4, 200), (200, 4), (100, 100)])
def test_few_likes_are_fine(scorer, users, items):
    """From the first like of the first listener on, nothing divides by zero or fails to converge."""
    rng = np.random.default_rng(users)
    likes = np.zeros((users, items))
    likes[rng.integers(users, size=5), rng.integers(items, size=5)] = 4
    fitted = scorer.fit(data(likes, np.zeros((items, 0)), np.zeros((items, 0)), np.zeros((0, users))), seed=1)
    known = np.flatnonzero(likes.any(axis=0))[:2]
    scores = fitted.score(profile(known, np.full(len(known), 4.0)))
    assert scores.shape == (items,)
    assert not np.isinf(scores).any()


def test_the_way_a_matrix_is_stored_changes_nothing(scorer):
    """Stored zeros and unsorted columns say the same as tidy ones."""
    tidy = listening().user_items
    blank = random_array(tidy.shape, density=0.2, rng=np.random.default_rng(0), format="coo")
    blank.data[:] = 0
    coo = tidy.tocoo()
    order = np.random.default_rng(1).permutation(tidy.nnz + blank.nnz)
    rows = np.concatenate([coo.row, blank.coords[0]])[order]
    columns = np.concatenate([coo.col, blank.coords[1]])[order]
    by_row = np.argsort(rows, kind="stable")
    untidy = csr_matrix(
        (
            np.concatenate([coo.data, blank.data])[order][by_row].astype(np.float32),
            columns[by_row].astype(np.int32),
            np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=USERS))]).astype(np.int32),
        ),
        shape=tidy.shape,
    )
    given = listening()
    fitted = scorer.fit(replace(given, user_items=untidy), seed=1)
    for listener in profiles(4):
        np.testing.assert_array_equal(fitted.score(listener), trained(scorer).score(listener))
