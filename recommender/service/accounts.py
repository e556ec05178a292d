"""Account linking: a one-time code links a user's accounts on two platforms; unlinking is exact."""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from recommender.errors import NothingToDo, NotKnown
from recommender.types import Listener
from storage.records import Account
from storage.store import Store
from storage.users.linking import Linking
from storage.work import RunsWork

T = TypeVar("T")

# Without letters and digits that look alike on a screen; 32 ** 8 is about a trillion codes.
_SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_LENGTH = 8
MOST_WRONG = 5
WRONG_SECONDS = 600
"""Window in seconds: after `MOST_WRONG` wrong codes within it a user has to wait."""

CODE = re.compile(rf"[{_SIGNS}]{{{_LENGTH}}}")


@dataclass(frozen=True, slots=True)
class Known:
    """An account as shown to its owner."""

    platform: str
    name: str


class Links:
    """Verbs on linked accounts: `music.links`."""

    def __init__(self, read: RunsWork, write: RunsWork, now: Callable[[], int]) -> None:
        """`read` and `write` run work on the threads of the service; `now` returns seconds since 1970."""
        self._read = read
        self._write = write
        self._now = now
        self._wrong: dict[int, list[int]] = {}  # user id -> times of wrong codes

    async def known(self, platform: str, external_id: str) -> Listener:
        """Return the user of an account, whatever its name is; a new account is named by its id."""
        user = await self._read(lambda store: store.people.find(platform, external_id))
        if user is None:

            def made(store: Store) -> int:
                store.people.talks_on(platform)
                return store.people.ensure(Account(platform, external_id, external_id), now=self._now())

            user = await self._write(made)
        return Listener(user, None, platform)

    async def offer(self, listener: Listener) -> str:
        """Return a new one-time code, valid for ten minutes; it replaces the user's older codes."""
        code = "".join(secrets.choice(_SIGNS) for _ in range(_LENGTH))
        await self._write(lambda store: Linking(store.db).offer(listener.user_id, code, now=self._now()))
        return code

    async def preview(self, listener: Listener, text: str) -> list[Known]:
        """Return the accounts a code would link, without linking them; raises the same errors as `join`."""
        now = self._now()

        def previewed(store: Store) -> list[Known]:
            return [Known(*row) for row in Linking(store.db).names(_host(store, listener, text, now))]

        return await self._tried(listener, self._read, previewed)

    async def join(self, listener: Listener, text: str) -> list[Known]:
        """Link the user's account to the code's owner; return all accounts of the resulting user.

        Raises `NotKnown` for a wrong, used or expired code, and `NothingToDo` for the user's own code
        or after `MOST_WRONG` wrong codes within `WRONG_SECONDS`.
        """

        def joined(store: Store) -> list[Known]:
            now = self._now()
            host = _host(store, listener, text, now)
            linking = Linking(store.db)
            linking.join(host, listener.user_id, tidy(text), now=now)
            return [Known(*row) for row in linking.names(host)]

        return await self._tried(listener, self._write, joined)

    async def _tried(
        self, listener: Listener, run: RunsWork, work: Callable[[Store], list[Known]]
    ) -> list[Known]:
        """Run `work` on a code and count it if it is wrong; refuse a user with too many wrong codes."""
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
        tries.append(now)  # counted before the look-up, so that parallel tries all count
        try:
            found = await run(work)
        except BaseException as error:
            if not isinstance(error, NotKnown):
                tries.remove(now)
            raise
        tries.remove(now)
        return found

    async def part(self, listener: Listener) -> list[Known]:
        """Undo the user's newest link; return the accounts it removed.

        Raises `NothingToDo` without a link.
        """

        def parted(store: Store) -> list[Known]:
            left = Linking(store.db).part(listener.user_id, now=self._now())
            if left is None:
                raise NothingToDo("This account is not linked to another. /link gives you a code for that.")
            return [Known(*row) for row in left]

        return await self._write(parted)


def tidy(text: str) -> str:
    """Return a typed code in its stored form.

    >>> tidy(" abcd-efgh ")
    'ABCDEFGH'
    """
    return re.sub(r"[^0-9A-Z]", "", text.upper())


def _host(store: Store, listener: Listener, text: str, now: int) -> int:
    """Return the user who made this code, if it is valid for this user."""
    code = Linking(store.db).find(tidy(text))
    if code is None:
        raise NotKnown("I do not know that code. Type /link where your other account is; bring me its code.")
    if code.is_expired(now):
        raise NotKnown("That code is older than ten minutes. /link gives a fresh one.")
    if code.user_id == listener.user_id:
        raise NothingToDo("That is your own code: give it to me from your other account.")
    return code.user_id
