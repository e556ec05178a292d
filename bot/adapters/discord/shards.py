"""Shards of one process, where several processes or machines share the servers of one bot."""

import re
from typing import NamedTuple, Self

from recommender.errors import MusicError

IDENTIFY_SECONDS = 5.0
"""Discord lets one shard of a bot identify in this time, whichever process it belongs to."""
_MARGIN_SECONDS = 1.0  # for clocks that differ
_TURN_SECONDS = IDENTIFY_SECONDS + _MARGIN_SECONDS


class Shards(NamedTuple):
    """The shards `first` to `last`, of so many in all."""

    first: int
    last: int
    of: int

    @classmethod
    def read(cls, text: str) -> Self:
        """Return the shards that a text such as 0-3/8 names; raises `MusicError` if it names none.

        >>> Shards.read("0-3/8")
        Shards(first=0, last=3, of=8)
        """
        found = re.fullmatch(r"(\d+)(?:-(\d+))?/(\d+)", text.strip())
        if found is not None:
            first, last, count = int(found[1]), int(found[2] or found[1]), int(found[3])
            if first <= last < count:
                return cls(first, last, count)
        raise MusicError(f"DISCORD_SHARDS cannot be {text!r}: the first four of eight shards are 0-3/8.")

    @property
    def ids(self) -> list[int]:
        """Return the numbers of the shards."""
        return list(range(self.first, self.last + 1))

    def has(self, server: str) -> bool:
        """Tell whether the server with this id belongs to one of these shards."""
        return self.first <= (int(server) >> 22) % self.of <= self.last

    def wait(self, shard: int, now: float) -> float:
        """Return the seconds until it is this shard's turn to identify; `now` in seconds since 1970.

        Turns go by the clock, in the order of shards, so that processes need not talk with each other.
        """
        since = (now - shard * _TURN_SECONDS) % (self.of * _TURN_SECONDS)
        return 0.0 if since < _MARGIN_SECONDS else self.of * _TURN_SECONDS - since
