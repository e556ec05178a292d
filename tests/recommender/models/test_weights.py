"""How much of a liking a play count is."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from recommender.models.weights import Weighting

PLAYS = csr_matrix([[np.e - 1, np.e**3 - 1, 0], [0, 0, 7]], dtype=np.float64)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("one", [1, 1, 1]), ("log", [1, 3, np.log(8)]), ("relative", [0.5, 1.5, 1])],
)
def test_each_kind_is_what_it_says(kind, expected):
    assert Weighting(kind).of(PLAYS).data == pytest.approx(expected)
    assert Weighting(kind, power=2.0).of(PLAYS).data == pytest.approx(np.square(expected))


def test_what_is_learned_has_a_mean_square_of_1_and_weighs_others_alike():
    weighting, weighted = Weighting.learned(PLAYS, "log", 1.0)
    assert np.mean(weighted.data**2) == pytest.approx(1)
    assert weighting.of(PLAYS).data == pytest.approx(weighted.data)
