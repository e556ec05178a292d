"""Queue of imports: two people at a time, one file of each, and whoever waited longest first."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

AT_ONCE = 2
"""Imports that run at the same time: with two, a long one does not make everybody wait."""


@dataclass(eq=False)
class _Waiting:
    """A file whose turn has not come."""

    user_id: int
    turn: "asyncio.Future[None]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class ImportQueue:
    """Turns, in rounds over the people: a second file of one person waits for the first of another."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._at_once = at_once
        self._running: set[int] = set()
        self._waiting: list[_Waiting] = []
        self._served: dict[int, int] = {}  # of people in the queue: when their last turn was
        self._turns = 0

    @property
    def running(self) -> int:
        """The number of imports that run."""
        return len(self._running)

    @property
    def waiting(self) -> int:
        """The number of files that wait for their turn."""
        return len(self._waiting)

    @asynccontextmanager
    async def turn(self, user_id: int) -> AsyncIterator[None]:
        """Wait for a turn of this user, and keep it for the block."""
        mine = _Waiting(user_id)
        self._waiting.append(mine)
        self._call()
        try:
            await mine.turn
            yield
        finally:
            if mine in self._waiting:
                self._waiting.remove(mine)
            else:
                self._running.discard(user_id)
            self._call()

    def place(self, user_id: int) -> int | None:
        """Return the place of this user's next file, from 1; None if one runs or none waits."""
        if user_id in self._running:
            return None
        order = sorted(self._waiting, key=self._rank)
        return next((n for n, one in enumerate(order, 1) if one.user_id == user_id), None)

    def _call(self) -> None:
        """Give free turns to those who are next."""
        while len(self._running) < self._at_once:
            free = [one for one in self._waiting if one.user_id not in self._running and not one.turn.done()]
            if not free:
                break
            chosen = min(free, key=self._rank)
            self._waiting.remove(chosen)
            self._running.add(chosen.user_id)
            self._turns += 1
            self._served[chosen.user_id] = self._turns
            chosen.turn.set_result(None)
        here = self._running | {one.user_id for one in self._waiting}
        self._served = {user: turn for user, turn in self._served.items() if user in here}

    def _rank(self, one: _Waiting) -> tuple[int, int]:
        return self._served.get(one.user_id, 0), self._waiting.index(one)
