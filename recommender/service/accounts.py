"""One person on several platforms: a one-time code joins two accounts, and parting them is exact."""

import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from recommender.errors import NothingToDo, NotKnown
from recommender.types import Listener
from storage.linking import Linking
from storage.store import Store

T = TypeVar("T")

# No letter or digit that is taken for another when it is read off a screen: 32 ** 8 is a trillion codes.
_SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_LENGTH = 8
CODE = re.compile(rf"[{_SIGNS}]{{{_LENGTH}}}")


class _Run(Protocol):
    def __call__(self, work: Callable[[Store], T], /) -> Awaitable[T]: ...


@dataclass(frozen=True, slots=True)
class Known:
    """An account as it is told to its owner."""

    platform: str
    name: str


class Links:
    """The verbs of the service on links: `music.links`."""

    def __init__(self, read: _Run, write: _Run, now: Callable[[], int]) -> None:
        """`read` and `write` run work on the threads of the service; `now` returns seconds since 1970."""
        self._read = read
        self._write = write
        self._now = now

    async def offer(self, listener: Listener) -> str:
        """Return a fresh code, valid once and for ten minutes; the listener's older codes are void."""
        code = "".join(secrets.choice(_SIGNS) for _ in range(_LENGTH))
        await self._write(lambda store: Linking(store.db).offer(listener.user_id, code, now=self._now()))
        return code

    async def preview(self, listener: Listener, text: str) -> list[Known]:
        """Return whose accounts a code would join; raises as `join` does, and changes nothing."""
        return await self._read(
            lambda store: [
                Known(*row) for row in Linking(store.db).names(_host(store, listener, text, self._now()))
            ]
        )

    async def join(self, listener: Listener, text: str) -> list[Known]:
        """Join the listener to whoever made the code; return the accounts of the one person they are now.

        Raises `NotKnown` for a code that is wrong, used or expired, `NothingToDo` for one's own.
        """

        def joined(store: Store) -> list[Known]:
            now = self._now()
            host = _host(store, listener, text, now)
            linking = Linking(store.db)
            linking.join(host, listener.user_id, tidy(text), now=now)
            return [Known(*row) for row in linking.names(host)]

        return await self._write(joined)

    async def part(self, listener: Listener) -> list[Known]:
        """Undo the listener's newest link; return the accounts that left.  `NothingToDo` if there is none."""

        def parted(store: Store) -> list[Known]:
            left = Linking(store.db).part(listener.user_id, now=self._now())
            if left is None:
                raise NothingToDo("This account is not linked to another. /link gives you a code for that.")
            return [Known(*row) for row in left]

        return await self._write(parted)


def tidy(text: str) -> str:
    """Return a code as it is kept, however it was typed.

    >>> tidy(" abcd-efgh ")
    'ABCDEFGH'
    """
    return re.sub(r"[^0-9A-Z]", "", text.upper())


def _host(store: Store, listener: Listener, text: str, now: int) -> int:
    """Return the user whose code this is, if it still counts for this listener."""
    code = Linking(store.db).find(tidy(text))
    if code is None:
        raise NotKnown("I do not know that code. Type /link where your other account is; bring me its code.")
    if code.is_used:
        raise NotKnown("That code has been used. Codes count once; /link gives a fresh one.")
    if code.is_expired(now):
        raise NotKnown("That code is older than ten minutes. /link gives a fresh one.")
    if code.user_id == listener.user_id:
        raise NothingToDo("That is your own code: give it to me from your other account.")
    return code.user_id
