"""Results of streamed requests: kept with the offsets of their requests until they are sent."""

import json
from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

from storage.sharing.offsets import Offsets, Position
from storage.sharing.results import Outgoing, Results
from storage.store import Store
from storage.work import RunsWork

T = TypeVar("T")


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
        self, results: Sequence[Outgoing], positions: Collection[Position], sent: Collection[int]
    ) -> None:
        """Store results with the offsets after their requests, and which older ones were `sent`, at once."""

        def kept(store: Store) -> None:
            Results(store.db).add(results, now=self._now())
            Results(store.db).sent(json.dumps(list(sent)))
            for position in positions:
                Offsets(store.db).advance(position, now=self._now())

        await self._write(kept)

    async def waiting(self, parts: Collection[int], after: int, n: int) -> list[Outgoing]:
        """Return at most `n` results of these partitions that are not sent, in order."""
        return await self._read(lambda store: Results(store.db).waiting(json.dumps(list(parts)), after, n))

    async def begin(self, part: int, answered: int) -> None:
        """Take up a partition whose results are in their topic up to the request at `answered`."""

        def begun(store: Store) -> None:
            Results(store.db).sent_until(part, answered)
            Results(store.db).prune(now=self._now())

        await self._write(begun)
