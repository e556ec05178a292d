"""Signing in to the web companion: one-time links from the chat, signed-in browsers, and their end."""

import secrets
from collections.abc import Callable
from typing import TypeVar

from recommender.types import Listener
from storage.records import Account
from storage.store import Store
from storage.users.web_sessions import Browser, WebSession, WebSessions
from storage.work import RunsWork

T = TypeVar("T")

_KEY = "web_key"  # an app setting
_SEEN_EVERY = 3600  # seconds between two notes of a visit: a page need not write


class WebSignIns:
    """Verbs on sign-ins to the web companion: `music.web`."""

    def __init__(self, read: RunsWork, write: RunsWork, now: Callable[[], int]) -> None:
        """`read` and `write` run work on the threads of the service; `now` returns seconds since 1970."""
        self._read = read
        self._write = write
        self._now = now
        self._key = ""
        self.address = ""
        """Where people open the companion, without a slash at the end; "" if it is off."""
        self.owners: dict[str, frozenset[str]] = {}
        """Platform -> external ids of who runs Segue, as far as its adapter has learned them."""

    async def key(self) -> str:
        """Return the secret that signs cookies and forms: made once, the same after a restart."""

        def kept(store: Store) -> str:
            found = store.people.setting("app", 0, _KEY) or secrets.token_hex(32)
            store.people.set_setting("app", 0, _KEY, found)
            return found

        if not self._key:
            self._key = await self._write(kept)
        return self._key

    async def offer(self, account: Account, language: str) -> str:
        """Return the token of a new one-time link for an account; it replaces the account's older links."""
        token = secrets.token_urlsafe(24)
        await self._write(
            lambda store: WebSessions(store.db).offer(account, token, language, now=self._now())
        )
        return token

    async def is_open(self, link: str) -> bool:
        """Tell whether a link can be spent; looking at it does not spend it."""
        return await self._read(lambda store: WebSessions(store.db).is_open(link, now=self._now()))

    async def sign_in(self, link: str, browser: str) -> str | None:
        """Spend a link; return the token of the new session, None for a spent, old or unknown link."""
        token = secrets.token_urlsafe(32)
        done = await self._write(
            lambda store: WebSessions(store.db).spend(link, token, browser, now=self._now())
        )
        return token if done else None

    async def begin(self, account: Account, language: str, browser: str) -> str:
        """Return the token of a new session for an account whose platform has proved it; it has arrived."""
        token = secrets.token_urlsafe(32)
        await self._write(
            lambda store: WebSessions(store.db).begin(account, token, language, browser, now=self._now())
        )
        return token

    async def find(self, token: str) -> WebSession | None:
        """Return the session with this token, None without one; notes the visit."""
        now = self._now()
        found = await self._read(lambda store: WebSessions(store.db).find(token, now=now))
        if found is not None and now - found.seen_at > _SEEN_EVERY:
            await self._write(lambda store: WebSessions(store.db).see(found.id, now=now))
        return found

    async def browsers(self, listener: Listener) -> list[Browser]:
        """Return the user's signed-in browsers, the latest visit first."""
        return await self._read(lambda store: WebSessions(store.db).of(listener.user_id, now=self._now()))

    async def sign_out(self, listener: Listener, session_id: int | None = None) -> int:
        """Sign out one of the user's browsers, by default all; return how many were signed in."""
        return await self._write(lambda store: WebSessions(store.db).end(listener.user_id, session_id))
