"""How late the event loop is: what keeps a chat waiting, measured all the time."""

import asyncio
from collections import deque

_EVERY = 0.05  # seconds between looks
_KEPT = 6000  # five minutes of looks


class Lag:
    """Sleeps a moment again and again, and notes how much longer it took; seconds."""

    def __init__(self) -> None:
        self._late: deque[float] = deque(maxlen=_KEPT)

    async def watch(self) -> None:
        """Measure until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + _EVERY
            await asyncio.sleep(_EVERY)
            self._late.append(max(0.0, loop.time() - due))

    @property
    def worst(self) -> float:
        """The longest of the last five minutes."""
        return max(self._late, default=0.0)

    @property
    def usual(self) -> float:
        """The 99th percentile of the last five minutes."""
        late = sorted(self._late)
        return late[int(0.99 * (len(late) - 1))] if late else 0.0
