"""Requests to Telegram: keeps rate limits, waits out network failures, hides the token in logs."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any

import httpx
from telegram.error import BadRequest, NetworkError, RetryAfter, TimedOut
from telegram.ext import AIORateLimiter

log = logging.getLogger(__name__)

_PATIENCE_SECONDS = 120.0
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 15.0
_RETRIES = 5  # after "too many requests"
_MORE_SECONDS = 0.1  # on top of the pause that Telegram asks for
# The request never reached Telegram: safe to repeat, whatever it was.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
# Every other request may be repeated; these would make a new message.
_ONCE_ONLY = ("send", "copy", "forward")


_never_twice: ContextVar[bool] = ContextVar("never twice", default=False)


@contextmanager
def never_twice() -> Iterator[None]:
    """Within the block, repeat no message that may have arrived: nobody waits for it."""
    before = _never_twice.set(True)
    try:
        yield
    finally:
        _never_twice.reset(before)


def was_not_sent(error: NetworkError) -> bool:
    """Return whether a request surely did not reach Telegram."""
    return isinstance(error.__cause__, _NOT_SENT)


class Patient(AIORateLimiter):
    """Keeps Telegram's limits per chat and repeats failed requests.

    A message whose connection broke may have arrived.  It is sent once more and no oftener: a duplicate
    answer is better than none.
    """

    def __init__(self, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep) -> None:
        """`sleep` waits for the given seconds."""
        super().__init__(max_retries=0)  # the library would make every chat wait for one: see `_in_turn`
        self._sleep = sleep
        self._held: dict[object, float] = {}  # end of Telegram's pause, per chat

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,  # noqa: ANN401 - as in the class above
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: int | None,
    ) -> Any:  # noqa: ANN401
        """Send one request; without a network, retry for two minutes with doubling pauses."""
        pause, waited, is_repeated = _FIRST_PAUSE, 0.0, False
        in_turn = partial(self._in_turn, callback, data.get("chat_id"))
        while True:
            try:
                return await super().process_request(in_turn, args, kwargs, endpoint, data, rate_limit_args)
            except NetworkError as error:
                # getUpdates has a retry loop of its own, and a wrong request stays wrong.
                if endpoint == "getUpdates" or isinstance(error, BadRequest) or waited >= _PATIENCE_SECONDS:
                    raise
                if endpoint.startswith(_ONCE_ONLY) and _may_have_arrived(error):
                    if is_repeated or _never_twice.get():
                        raise
                    is_repeated = True
                log.info("%s waits for the network: %s", endpoint, type(error.__cause__).__name__)
            await self._sleep(pause)
            waited += pause
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _in_turn(
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        chat: object,
        *args: Any,  # noqa: ANN401
        **kwargs: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        """Send one request once its chat accepts it; other chats do not wait for this one."""
        clock = asyncio.get_running_loop().time
        for tries in range(_RETRIES + 1):
            while chat is not None and (left := self._held.get(chat, 0.0) - clock()) > 0:
                await self._sleep(left)
            self._held.pop(chat, None)
            try:
                return await callback(*args, **kwargs)
            except RetryAfter as error:
                if tries == _RETRIES:
                    raise
                # The public attribute warns that its type will change.
                pause = error._retry_after.total_seconds() + _MORE_SECONDS  # noqa: SLF001
                if chat is None:
                    await self._sleep(pause)
                else:
                    self._held[chat] = clock() + pause
        raise AssertionError("the last try returns or raises")


def _may_have_arrived(error: NetworkError) -> bool:
    """Return whether Telegram may have received the request; an HTTP error answer has no cause."""
    if isinstance(error.__cause__, _NOT_SENT):
        return False
    return error.__cause__ is not None or isinstance(error, TimedOut)


class Hidden(logging.Filter):
    """Removes a secret from all log records."""

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
    """Hide `secret` in every log; httpx would print it with each address."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
    for handler in logging.getLogger().handlers:
        handler.addFilter(Hidden(secret))
