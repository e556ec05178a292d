"""The forms of EASE against the formulas of the papers, written out with dense matrices."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from recommender.models import ease
from recommender.models.ease import Ease, SparseEase, TaggedEase
from recommender.models.ease_forms import Dual, Nearest, Primal

ITEMS = 14


@pytest.fixture
def people() -> csr_matrix:
    rng = np.random.default_rng(0)
    has = rng.random((40, ITEMS)) < 0.3
    has[np.arange(40), np.arange(40) % ITEMS] = True  # nobody has nothing
    return csr_matrix(has * rng.integers(1, 9, has.shape), dtype=np.float32)


def in_full(rows, strength, denoising):
    """B of Steck 2019, equation 8, with the diagonal of Steck 2020 added to the regularisation."""
    square = rows.T @ rows
    inverse = np.linalg.inv(square + np.diag(strength + denoising * np.diag(square)))
    weights = np.eye(len(inverse)) - inverse / np.diag(inverse)
    return weights - np.diag(np.diag(weights))


@pytest.mark.parametrize("form", [Primal, Dual, Nearest])
@pytest.mark.parametrize("denoising", [0.0, 0.7])
def test_scores_are_known_weights_times_the_closed_form(people, form, denoising):
    model = Ease.train(people, kind="log", strength=2.0, denoising=denoising, form=form)
    weights = np.log1p(people.toarray()) / model.weighting.scale
    expected = weights @ in_full(weights, 2.0, denoising)
    assert model.scores(people) == pytest.approx(expected, abs=1e-4)


def test_lift_multiplies_by_popularity_to_a_power(people):
    plain, lifted = Ease.train(people), Ease.train(people, lift=-0.5)
    popularity = np.diff(people.tocsc().indptr)
    assert lifted.scores(people) == pytest.approx(plain.scores(people) / np.sqrt(popularity), abs=1e-6)


def test_tags_are_further_rows_that_weigh_their_share(people):
    tags = csr_matrix((np.arange(ITEMS)[:, None] % 2 == [0, 1]) * 3.0)
    model = TaggedEase.train(people, tags, kind="one", strength=2.0, denoising=0.0, tag_share=0.5)
    rows = people.toarray() > 0
    energy = rows.sum()
    below = tags.toarray().T * np.sqrt(0.5 * energy / (tags.data**2).sum())
    assert model.scores(people) == pytest.approx(rows @ in_full(np.vstack([rows, below]), 2.0, 0.0), abs=1e-4)


def test_an_item_that_nobody_has_is_placed_by_its_tags(people):
    new = people.copy()
    new.data[new.indices == 5] = 0
    tags = csr_matrix((np.arange(ITEMS)[:, None] % 2 == [0, 1]) * 3.0)
    known = csr_matrix(([5.0], ([0], [7])), shape=(1, ITEMS))
    assert np.isnan(Ease.train(new, tags).scores(known)[0, 5])
    scores = TaggedEase.train(new, tags, tag_share=1.0).scores(known)[0]
    assert scores[5] > 0


def test_only_the_strongest_weights_from_each_item_are_kept(people):
    whole = Ease.train(people, strength=2.0)
    few = Nearest.out_of(whole.form, ITEMS, k=3)
    dense = np.asarray(whole.form.weights)
    for item in range(ITEMS):
        kept = np.argsort(-np.abs(dense[item]))[:3]
        assert few.weights[item].indices.tolist() == sorted(kept)
        assert few.weights[item, kept].toarray()[0] == pytest.approx(dense[item, kept])


def test_the_sparse_form_is_chosen_as_the_whole_and_sparse_in_the_end(people):
    whole, few = Ease.fit(people, seed=0), SparseEase.fit(people, seed=0)
    assert few.tuned == whole.tuned
    assert isinstance(few.form, Nearest)
    assert few.scores(people) == pytest.approx(whole.scores(people), abs=1e-5)


def test_what_does_not_fit_is_left_to_others(people, monkeypatch):
    monkeypatch.setattr(ease, "MOST", 10)
    scores = Ease.train(people).scores(people)
    popularity = np.diff(people.tocsc().indptr)
    unsaid = np.isnan(scores).all(axis=0)
    assert unsaid.sum() == ITEMS - 10
    assert popularity[unsaid].max() <= popularity[~unsaid].min()
