"""The harness against figures that others got with the same protocol on the same data."""

import numpy as np
import pytest

from recommender.evaluation.accuracy import ranking_outcome
from recommender.evaluation.baselines import ImplicitALS, MostPopular
from recommender.evaluation.few_items import few, few_items_outcome
from recommender.evaluation.outcomes import run
from recommender.evaluation.splits import strong_generalisation
from recommender.models.neighbours import ItemKNN


@pytest.mark.slow
def test_lastfm_2k_ranks_as_published_elsewhere(lastfm_2k):
    """Reference (another program, other splits): popularity 0.155, item-kNN 0.381, ALS 0.275."""
    models = {
        "popularity": MostPopular,
        "item-knn": ItemKNN,
        "als-defaults": ImplicitALS(),
    }
    splits = ((seed, strong_generalisation(lastfm_2k, seed=seed)) for seed in range(1))
    found = run(models, splits, ranking_outcome, lambda _what: None)
    assert [len(o.people["ndcg@100"]) for o in found.outcomes["popularity"]] == [375]
    reached = {name: found.estimate(name, "ndcg@100") for name in models}
    assert reached["popularity"].mean == pytest.approx(0.16, abs=0.015)
    assert reached["item-knn"].mean == pytest.approx(0.381, abs=0.02)
    assert reached["als-defaults"].mean == pytest.approx(0.275, abs=0.02)
    assert reached["item-knn"].error == pytest.approx(0.010, abs=0.002)
    ahead = found.difference("item-knn", "als-defaults", "ndcg@100")
    assert ahead.error < 0.8 * reached["item-knn"].error


@pytest.mark.slow
def test_als_with_few_items_is_where_it_was_found_elsewhere(lastfm_2k):
    """Reference: ALS on log weights 0.183 at one known item and 0.380 at twenty."""
    split = strong_generalisation(lastfm_2k, seed=0)

    als = ImplicitALS({"weight": "log", "factors": 64, "regularization": 8.0})
    reached = few_items_outcome(als, split, 0).people
    assert np.nanmean(reached[few("ndcg@100", 1)]) == pytest.approx(0.183, abs=0.02)
    assert np.nanmean(reached[few("ndcg@100", 20)]) == pytest.approx(0.380, abs=0.02)
