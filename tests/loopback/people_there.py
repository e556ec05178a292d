"""Who talks to the services, and when."""

import asyncio

from storage.records import Account

NOW = 1_700_000_000
ANN = Account("terminal", "ann", "Ann")


async def until(condition):
    """Wait until what other threads do has made it true."""
    while not condition():  # noqa: ASYNC110 - threads set no event
        await asyncio.sleep(0.01)
