"""The way to Telegram: rate limits kept, a network that is gone for a while waited for, no token in a log."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import httpx
from telegram.error import BadRequest, NetworkError
from telegram.ext import AIORateLimiter

log = logging.getLogger(__name__)

_PATIENCE_SECONDS = 120.0
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 15.0
_RETRIES = 5  # after "too many requests"
# Nothing has reached Telegram: it is safe to try again whatever it was.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
# Twice is the same as once, unless a new message would come of it.
_ONCE_ONLY = ("send", "copy", "forward")


class Patient(AIORateLimiter):
    """Keeps Telegram's limits, and tries again where that cannot send anything twice."""

    def __init__(self, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep) -> None:
        """`sleep` waits for so many seconds."""
        super().__init__(max_retries=_RETRIES)
        self._sleep = sleep

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,  # noqa: ANN401 - as in the class above
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: int | None,
    ) -> Any:  # noqa: ANN401
        """Send one request, with pauses that double while there is no network, for two minutes."""
        pause, waited = _FIRST_PAUSE, 0.0
        while True:
            try:
                return await super().process_request(callback, args, kwargs, endpoint, data, rate_limit_args)
            except NetworkError as error:
                # getUpdates has a loop of its own around it, and a wrong request stays wrong.
                if endpoint == "getUpdates" or isinstance(error, BadRequest) or waited >= _PATIENCE_SECONDS:
                    raise
                if endpoint.startswith(_ONCE_ONLY) and not isinstance(error.__cause__, _NOT_SENT):
                    raise
                log.info("%s waits for the network: %s", endpoint, type(error.__cause__).__name__)
            await self._sleep(pause)
            waited += pause
            pause = min(2 * pause, _LONGEST_PAUSE)


class Hidden(logging.Filter):
    """Keeps a secret out of what is logged, wherever it comes from."""

    def __init__(self, secret: str) -> None:
        """`secret` is replaced by stars in messages, arguments and tracebacks."""
        super().__init__()
        self._secret = secret
        self._formatter = logging.Formatter()

    def filter(self, record: logging.LogRecord) -> bool:
        """Let the record pass, without the secret."""
        text = record.getMessage()
        if self._secret in text:
            record.msg, record.args = text.replace(self._secret, "***"), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = self._formatter.formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = record.exc_text.replace(self._secret, "***")
        return True


def hide(secret: str) -> None:
    """Keep `secret` out of every log that is being written; httpx would print it with each address."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
    for handler in logging.getLogger().handlers:
        handler.addFilter(Hidden(secret))
