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
MOST_WRONG = 5
WRONG_SECONDS = 600
"""So many wrong codes within so many seconds, and a user has to wait."""

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
        self._wrong: dict[int, list[int]] = {}  # by user: when they tried a code that is none

    async def offer(self, listener: Listener) -> str:
        """Return a fresh code, valid once and for ten minutes; the listener's older codes are void."""
        code = "".join(secrets.choice(_SIGNS) for _ in range(_LENGTH))
        await self._write(lambda store: Linking(store.db).offer(listener.user_id, code, now=self._now()))
        return code

    async def preview(self, listener: Listener, text: str) -> list[Known]:
        """Return whose accounts a code would join; raises as `join` does, and joins nothing."""
        now = self._now()

        def previewed(store: Store) -> list[Known]:
            return [Known(*row) for row in Linking(store.db).names(_host(store, listener, text, now))]

        return await self._tried(listener, self._read, previewed)

    async def join(self, listener: Listener, text: str) -> list[Known]:
        """Join the listener to whoever made the code; return the accounts of the one person they are now.

        Raises `NotKnown` for a code that is wrong, used or expired, `NothingToDo` for one's own, and for
        everything once `MOST_WRONG` codes were wrong within `WRONG_SECONDS`.
        """

        def joined(store: Store) -> list[Known]:
            now = self._now()
            host = _host(store, listener, text, now)
            linking = Linking(store.db)
            linking.join(host, listener.user_id, tidy(text), now=now)
            return [Known(*row) for row in linking.names(host)]

        return await self._tried(listener, self._write, joined)

    async def _tried(
        self, listener: Listener, run: _Run, work: Callable[[Store], list[Known]]
    ) -> list[Known]:
        """Run `work` on a code unless the listener has tried too many wrong ones; count another wrong one."""
        now = self._now()
        self._wrong = {
            user: recent
            for user, tries in self._wrong.items()
            if (recent := [at for at in tries if now - at < WRONG_SECONDS])
        }
        tries = self._wrong.setdefault(listener.user_id, [])
        if len(tries) >= MOST_WRONG:
            minutes = -(-(tries[0] + WRONG_SECONDS - now) // 60)
            raise NothingToDo("Too many wrong codes. Try again in {} min.", minutes)
        tries.append(now)  # before it is looked up: many tries at once are many tries
        try:
            found = await run(work)
        except BaseException as error:
            if not isinstance(error, NotKnown):
                tries.remove(now)
            raise
        tries.remove(now)
        return found

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
    if code.is_expired(now):
        raise NotKnown("That code is older than ten minutes. /link gives a fresh one.")
    if code.user_id == listener.user_id:
        raise NothingToDo("That is your own code: give it to me from your other account.")
    return code.user_id
