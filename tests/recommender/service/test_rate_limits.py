"""Rate limits: an allowance that fills up again, for each key on its own."""

from recommender.service import rate_limits
from recommender.service.rate_limits import RateLimits


def test_an_allowance_is_used_up_and_comes_back_with_time():
    now = [0.0]
    limits = RateLimits(lambda: now[0])
    assert [limits.take("ann", 3) for _ in range(4)] == [0.0, 0.0, 0.0, 20.0]
    assert limits.take("bob", 3) == 0.0
    now[0] = 15.0
    assert limits.take("ann", 3) == 5.0
    now[0] = 20.0
    assert limits.take("ann", 3) == 0.0
    now[0] = 600.0
    assert [limits.take("ann", 3) for _ in range(4)] == [0.0, 0.0, 0.0, 20.0]


def test_buckets_that_are_full_again_are_dropped(monkeypatch):
    monkeypatch.setattr(rate_limits, "_MOST_BUCKETS", 10)
    now = [0.0]
    limits = RateLimits(lambda: now[0])
    for user in range(1000):
        now[0] += 30.0
        assert limits.take(user, 1) == 0.0
    assert len(limits._buckets) <= 11
