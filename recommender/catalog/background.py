"""Background polling: a task that asks a service again and again, and pauses after failures."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from recommender.errors import Unavailable

log = logging.getLogger(__name__)

_LONGEST_PAUSE = 6 * 3600.0


async def keep_asking(name: str, once: Callable[[], Awaitable[bool]], *, rest: float) -> None:
    """Call `once` until cancelled; sleep for `rest` seconds when it returns False (nothing to ask).

    The pause doubles each time the service does not answer; other errors are also logged.
    """
    failures = 0
    while True:
        pause = 0.0
        try:
            if not await once():
                pause = rest
            failures = 0
        except Unavailable as error:
            failures += 1
            pause = max(error.retry_after, min(_LONGEST_PAUSE, 2.0**failures))
        except Exception:
            failures += 1
            log.exception("%s could not be asked", name)
            pause = min(_LONGEST_PAUSE, 60.0 * 2.0**failures)
        await asyncio.sleep(pause)
