"""Messages that show slates: reactions arrive with a message id only."""

import base64
import hmac
import secrets
from collections import Counter
from collections.abc import Callable
from typing import TypeVar

from recommender.types import Listener
from storage.chats.cards import Cards as Kept
from storage.records import Kind
from storage.store import Store
from storage.work import RunsWork

T = TypeVar("T")


_KEY = "share_key"
_WORD = 10  # letters: 50 bits, so that slate links cannot be guessed


class Cards:
    """Verbs on messages: `music.cards`."""

    def __init__(self, read: RunsWork, write: RunsWork, now: Callable[[], int]) -> None:
        """`read` and `write` run work on the threads of the service; `now` returns seconds since 1970."""
        self._read = read
        self._write = write
        self._now = now
        self._share_key = ""  # read once, never changes

    async def keep(self, platform: str, place: str, message: str, slate_id: int) -> None:
        """Store which slate a message shows."""
        await self._write(lambda store: Kept(store.db).keep(platform, place, message, slate_id))

    async def find(self, platform: str, place: str, message: str) -> int | None:
        """Return the slate a message shows, None if it shows none."""
        return await self._read(lambda store: Kept(store.db).find(platform, place, message))

    async def judge(self, listener: Listener, slate_id: int, kind: Kind | None) -> None:
        """Store the user's verdict on a whole slate; None takes it back."""
        now = self._now()
        await self._write(lambda store: Kept(store.db).judge(slate_id, listener.user_id, kind, now=now))

    async def verdicts(self, slate_id: int) -> Counter[Kind]:
        """Count the verdicts on a whole slate."""
        return await self._read(lambda store: Kept(store.db).verdicts(slate_id))

    async def move(self, platform: str, old: str, new: str) -> None:
        """Move a community, with all its data, to another external id."""
        await self._write(lambda store: Kept(store.db).move(platform, old, new))

    async def share(self, slate_id: int) -> str:
        """Return the secret word of this slate's share link."""
        if not self._share_key:
            self._share_key = await self._write(_share_key)
        return _word(self._share_key, slate_id)

    async def is_shared(self, slate_id: int, word: str) -> bool:
        """Tell whether `word` is the one `share` returned for this slate."""
        return hmac.compare_digest(await self.share(slate_id), word)


def _share_key(store: Store) -> str:
    known = store.people.setting("app", 0, _KEY)
    if known is None:
        known = secrets.token_hex(32)
        store.people.set_setting("app", 0, _KEY, known)
    return known


def _word(secret: str, slate_id: int) -> str:
    digest = hmac.digest(secret.encode(), str(slate_id).encode(), "sha256")
    return base64.b32encode(digest).decode().lower()[:_WORD]
