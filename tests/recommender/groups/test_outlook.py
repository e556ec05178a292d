"""Probabilities by place: higher for what stands higher, and for those of whom more is known."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recommender.groups.outlook import chance


@given(known=st.integers(0, 10_000))
def test_a_later_place_is_never_likelier_to_be_enjoyed(known):
    chances = chance(np.arange(500), known)
    assert (np.diff(chances) <= 0).all()
    assert 0 < chances[-1] < chances[0] < 1


def test_the_first_place_is_worth_more_the_more_is_known_until_enough_is():
    first = [float(chance(0, known)) for known in (0, 1, 3, 10, 500)]
    assert first == sorted(first)
    assert first[0] == 0.339
    assert first[3] == first[4] == 0.656
