"""Rate limits: token buckets, so that one user or place cannot keep the machine to themselves."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass

_MOST_BUCKETS = 10_000


@dataclass
class _Bucket:
    """What is left of an allowance at a moment."""

    left: float
    at: float


class RateLimits:
    """Allowances by key; each fills up again within a minute."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` returns seconds."""
        self._clock = clock
        self._buckets: dict[Hashable, _Bucket] = {}

    def left(self, key: Hashable, per_minute: int) -> tuple[int, float]:
        """Return how many of `per_minute` are left, and the seconds until all are there again."""
        bucket = self._buckets.get(key)
        if bucket is None:
            return per_minute, 0.0
        left = min(per_minute, bucket.left + (self._clock() - bucket.at) * per_minute / 60)
        return int(left), (per_minute - left) * 60 / per_minute

    def take(self, key: Hashable, per_minute: int) -> float:
        """Take one of `per_minute`; return 0.0, or the seconds until there is one again."""
        now = self._clock()
        bucket = self._buckets.setdefault(key, _Bucket(per_minute, now))
        bucket.left = min(per_minute, bucket.left + (now - bucket.at) * per_minute / 60)
        bucket.at = now
        if bucket.left < 1:
            return (1 - bucket.left) * 60 / per_minute
        bucket.left -= 1
        if len(self._buckets) > _MOST_BUCKETS:
            self._buckets = {key: one for key, one in self._buckets.items() if now - one.at < 60}
        return 0.0
