"""API access: tokens that let programs act for a user, and answers kept for those that ask twice."""

import hashlib
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, TypeVar, get_args

from recommender.errors import NothingToDo, NotKnown
from recommender.types import Listener
from storage.records import Account
from storage.store import Store
from storage.users.api_tokens import ApiToken, ApiTokens, StoredAnswer
from storage.work import RunsWork

T = TypeVar("T")

Scope = Literal["read", "react", "listen", "import", "export", "forget"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
USUAL: frozenset[Scope] = frozenset(("read", "react", "listen"))
"""The scopes of a token that was asked for without any."""
MOST_TOKENS = 20
_PREFIX = "segue_"  # so that a scanner of leaked secrets knows one, and so does its owner
_BYTES = 32
_SECRET = re.compile(rf"{_PREFIX}[A-Za-z0-9_-]{{43}}")
_USED_SECONDS = 60  # the time of use is stored once a minute, not with every request


@dataclass(frozen=True, slots=True)
class Holder:
    """The holder of a token: for whom it acts, and what it may do."""

    token_id: int
    listener: Listener
    account: Account
    scopes: frozenset[str]


class ApiAccess:
    """Verbs on API tokens: `music.access`."""

    def __init__(self, read: RunsWork, write: RunsWork, now: Callable[[], int]) -> None:
        """`read` and `write` run work on the threads of the service; `now` returns seconds since 1970."""
        self._read = read
        self._write = write
        self._now = now

    async def make(self, listener: Listener, account: Account, name: str, scopes: Iterable[str]) -> str:
        """Return the secret of a new token for the user's account; it is stored nowhere, only its hash.

        Raises `NothingToDo` for a name that one of the user's tokens has, and beyond `MOST_TOKENS`.
        """
        secret = _PREFIX + secrets.token_urlsafe(_BYTES)
        wanted = frozenset(scopes)

        def made(store: Store) -> None:
            tokens = ApiTokens(store.db)
            mine = tokens.of_user(listener.user_id)
            if len(mine) >= MOST_TOKENS:
                raise NothingToDo("You have {} tokens. /web revoke one that you no longer use.", len(mine))
            if any(one.name.casefold() == name.casefold() for one in mine):
                raise NothingToDo("You have a token called {}. Choose another name, or /web revoke it.", name)
            tokens.add(account, name, _digest(secret), wanted, now=self._now())

        await self._write(made)
        return secret

    async def tokens(self, listener: Listener) -> list[ApiToken]:
        """Return the user's tokens, oldest first, without their secrets."""
        return await self._read(lambda store: ApiTokens(store.db).of_user(listener.user_id))

    async def revoke(self, listener: Listener, name: str) -> ApiToken:
        """End a token of the user by its name; raise `NotKnown` if there is none."""

        def revoked(store: Store) -> ApiToken:
            tokens = ApiTokens(store.db)
            for one in tokens.of_user(listener.user_id):
                if one.name.casefold() == name.casefold():
                    tokens.remove(one.id)
                    return one
            raise NotKnown("You have no token called {}. /web tokens lists yours.", name)

        return await self._write(revoked)

    async def holder(self, secret: str) -> Holder | None:
        """Return whose token this is, None if it is nobody's (any more)."""
        if _SECRET.fullmatch(secret) is None:
            return None
        found = await self._read(lambda store: ApiTokens(store.db).find(_digest(secret)))
        if found is None:
            return None
        now = self._now()
        if found.used_at is None or now - found.used_at >= _USED_SECONDS:
            await self._write(lambda store: ApiTokens(store.db).used(found.id, now=now))
        return Holder(
            found.id, Listener(found.user_id, None, found.account.platform), found.account, found.scopes
        )

    async def begin(self, holder: Holder, key: str, request: bytes) -> tuple[StoredAnswer, bool]:
        """Reserve an idempotency key of a token for 24 hours.

        Returns what is stored under it, and whether it is the caller's to answer.
        """
        digest, token_id, now = hashlib.sha256(request).digest(), holder.token_id, self._now()
        return await self._write(lambda store: ApiTokens(store.db).begin(token_id, key, digest, now=now))

    async def finish(self, holder: Holder, key: str, answer: StoredAnswer | None) -> None:
        """Store the answer under its key before it is sent; None frees the key for another try."""
        await self._write(lambda store: ApiTokens(store.db).finish(holder.token_id, key, answer))


def is_same(answer: StoredAnswer, request: bytes) -> bool:
    """Tell whether an answer was to this request."""
    return answer.request == hashlib.sha256(request).digest()


def _digest(secret: str) -> bytes:
    # 256 random bits need no slow hash: nobody can try them all.
    return hashlib.sha256(secret.encode()).digest()
