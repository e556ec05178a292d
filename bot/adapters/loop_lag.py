"""Event loop lag, measured all the time: the delay that every chat feels."""

import asyncio
from collections import deque

_EVERY = 0.05  # seconds between measurements
_KEPT = 6000  # measurements kept: five minutes


class Lag:
    """Sleeps for a moment again and again and records the delay beyond it, in seconds."""

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
        """Return the longest delay of the last five minutes, in seconds."""
        return max(self._late, default=0.0)

    @property
    def usual(self) -> float:
        """Return the 99th percentile of the last five minutes, in seconds."""
        late = sorted(self._late)
        return late[int(0.99 * (len(late) - 1))] if late else 0.0
