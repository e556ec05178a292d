"""Results of streamed requests: kept with the offsets of their requests until they are sent."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TypeVar

from storage.sharing.offsets import Offsets, Position
from storage.sharing.results import Outgoing, Results
from storage.store import Store
from storage.work import RunsWork

T = TypeVar("T")
Epochs = Mapping[int, int]
"""The partitions of a worker, each with the epoch in which it took it."""


class Streamed:
    """Verbs on results of streamed requests: `music.streamed`."""

    def __init__(self, read: RunsWork, write: RunsWork, now: Callable[[], int]) -> None:
        """`read` and `write` run work on the threads of the service; `now` returns seconds since 1970."""
        self._read = read
        self._write = write
        self._now = now

    async def answered(self, requests: Collection[str]) -> frozenset[str]:
        """Return which of these requests have a result."""
        return await self._read(lambda store: Results(store.db).has(json.dumps(list(requests))))

    async def keep(
        self,
        results: Sequence[Outgoing],
        positions: Collection[Position],
        owned: Epochs,
        sent: Collection[int],
    ) -> frozenset[int]:
        """Store results with the offsets after their requests, and which older ones were `sent`, at once.

        Of a partition that another worker has taken meanwhile nothing is stored; such ones are returned.
        """

        def kept(store: Store) -> frozenset[int]:
            offsets = Offsets(store.db)
            lost = {one.part for one in positions if offsets.epoch(one.topic, one.part) != owned[one.part]}
            Results(store.db).sent(json.dumps(list(sent)))
            Results(store.db).add([one for one in results if one.part not in lost], now=self._now())
            for position in positions:
                if position.part not in lost:
                    offsets.advance(position, now=self._now())
            return frozenset(lost)

        return await self._write(kept)

    async def waiting(self, topic: str, owned: Epochs, after: int, n: int) -> list[Outgoing]:
        """Return at most `n` results that are not sent, in order, of partitions that are still `owned`."""

        def found(store: Store) -> list[Outgoing]:
            parts = [part for part, epoch in owned.items() if Offsets(store.db).epoch(topic, part) == epoch]
            return Results(store.db).waiting(json.dumps(parts), after, n)

        return await self._read(found)

    async def begin(self, topic: str, part: int, answered: int) -> int:
        """Take up a partition whose results are in their topic up to the request at `answered`.

        Returns its epoch.
        """

        def begun(store: Store) -> int:
            Results(store.db).sent_until(part, answered)
            Results(store.db).prune(now=self._now())
            return Offsets(store.db).take(topic, part, now=self._now())

        return await self._write(begun)
