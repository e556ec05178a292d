"""The ensemble: what anybody who calls it may rely on, and that it is worth its parts."""

from functools import cache

import numpy as np
import pytest
from scipy.sparse import csr_array, csr_matrix

from recommender import Ensemble, metrics
from recommender.evaluation import readers, splits
from recommender.metrics.ranked_lists import ranked_lists
from recommender.models.tuning import SetAside

PEOPLE, ITEMS, CAMPS = 160, 60, 4
NOBODY_HAS = 7


@cache
def listening(people: int = PEOPLE) -> csr_matrix:
    """People of some camps who play what is of theirs, the first items of each camp most of all."""
    rng = np.random.default_rng(4)
    theirs = rng.integers(CAMPS, size=people)[:, None] == np.arange(ITEMS)[None, :] % CAMPS
    liked = np.where(theirs, 0.7, 0.08) * np.linspace(1, 0.4, ITEMS)
    plays = (rng.random((people, ITEMS)) < liked) * (rng.lognormal(3, 1.5, (people, ITEMS)).round() + 1)
    plays[:, NOBODY_HAS] = 0
    return csr_matrix(plays.astype(np.float32))


@cache
def tags() -> csr_matrix:
    return csr_matrix((np.arange(ITEMS)[:, None] % CAMPS == np.arange(CAMPS)).astype(np.float32) * 3)


@cache
def fitted(*, seed: int = 0, threads: int = 2, tagged: bool = True) -> Ensemble:
    return Ensemble.fit(listening(), tags() if tagged else None, seed=seed, threads=threads)


def person(*items: int) -> csr_matrix:
    row = np.zeros((1, ITEMS), dtype=np.float32)
    row[0, list(items)] = 5
    return csr_matrix(row)


def test_somebody_never_seen_gets_what_is_of_their_camp():
    items, scores = fitted().recommend(person(0, 4, 12), n=5)
    assert (items[0] % CAMPS == 0).sum() >= 4
    assert (np.diff(scores[0]) <= 0).all()


def test_a_list_leaves_out_what_is_known_and_what_nobody_has_met():
    items, _ = fitted(tagged=False).recommend(person(0, 4, 8), n=ITEMS)
    listed = items[items >= 0]
    assert len(set(listed)) == len(listed) == ITEMS - 4
    assert not set(listed) & {0, 4, 8, NOBODY_HAS}


def test_the_list_is_that_of_the_scores():
    known = listening()[:20]
    items, scores = fitted().recommend(known, n=10)
    assert np.array_equal(items, ranked_lists(fitted(), known, 10))
    assert np.array_equal(scores, np.take_along_axis(fitted().scores(known), items, axis=1))


def test_somebody_of_whom_nothing_is_known_gets_the_popular():
    items, _ = fitted().recommend(person(), n=10)
    assert np.array_equal(items[0], np.argsort(-fitted().log_popularity, kind="stable")[:10])


@pytest.mark.parametrize("tagged", [False, True])
def test_the_same_seed_gives_the_same_numbers_on_one_thread_and_on_two(tagged):
    one, two = (fitted(threads=n, tagged=tagged).scores(listening()[:30]) for n in (1, 2))
    assert np.array_equal(one, two, equal_nan=True)


def test_an_array_is_as_good_as_a_matrix():
    known = listening()[:5]
    assert np.array_equal(fitted().recommend(csr_array(known))[0], fitted().recommend(known)[0])


def test_rows_of_another_width_are_refused():
    with pytest.raises(ValueError, match="3 columns"):
        fitted().recommend(csr_matrix((1, 3), dtype=np.float32))


@pytest.mark.parametrize(
    "data", [csr_matrix((0, 5)), csr_matrix((3, 5)), csr_matrix([[1.0, 2, 0, 0, 0]]), csr_matrix([[3.0]])]
)
def test_hardly_any_data_makes_an_ensemble_that_lists_what_there_is(data):
    model = Ensemble.fit(csr_matrix(data, dtype=np.float32), seed=0)
    items, _ = model.recommend(csr_matrix((1, data.shape[1]), dtype=np.float32), n=5)
    assert set(items[items >= 0]) == set(np.unique(csr_matrix(data).indices))


def test_what_a_person_dislikes_is_no_listening():
    data = listening().copy()
    data.data[::7] = -1
    positive = csr_matrix((np.maximum(data.data, 0), data.indices, data.indptr), data.shape)
    kept = Ensemble.fit(data, seed=0).scores(person(0, 4))
    assert np.array_equal(kept, Ensemble.fit(positive, seed=0).scores(person(0, 4)), equal_nan=True)


@pytest.mark.slow
def test_it_is_at_least_as_good_as_its_best_part_for_one_five_and_many_known_items(shared_data):
    data = readers.read("lastfm-matrix", shared_data / "lastfm-germany" / "lastfm-matrix-germany.csv.gz")
    split = splits.strong_generalisation(data, seed=0)
    model = Ensemble.fit(split.train, seed=0)
    people = SetAside.of(split.test.known, seed=0)
    for shown in (1, 5, ITEMS):
        known = first(people.known, shown)
        reached = [ndcg(each, known, people) for each in (model, *model.models)]
        # Differences between means over these 240 people have a standard error of about half of this.
        assert reached[0] > max(reached[1:]) - 0.012, (shown, reached)


def first(known: csr_matrix, n: int) -> csr_matrix:
    part = known.copy()
    place = np.arange(part.nnz) - np.repeat(part.indptr[:-1], np.diff(part.indptr))
    part.data[place >= n] = 0
    part.eliminate_zeros()
    return part


def ndcg(model, known: csr_matrix, people: SetAside) -> float:
    ranked = ranked_lists(model, known, 100, excluded=people.known)
    return float(np.nanmean(metrics.ndcg(metrics.hits(ranked, people.wanted), people.wanted, 100)))
