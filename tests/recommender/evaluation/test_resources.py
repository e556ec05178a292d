"""What a computation costs."""

import sys
import time

import numpy as np
import pytest

from recommender.evaluation.resources import measured


def test_seconds_are_those_of_the_work():
    cost = measured(lambda: time.sleep(0.05))
    assert cost.result is None
    assert 0.04 < cost.seconds < 2


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
def test_the_peak_is_what_was_held_at_most_not_what_remains():
    first = measured(lambda: float(np.ones(8_000_000).sum()))  # 64 MB, given back
    assert 50 < first.peak_mb < 120
    second = measured(lambda: float(np.ones(1_000_000).sum()))  # 8 MB: an earlier peak is forgotten
    assert second.peak_mb < 40
