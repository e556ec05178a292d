"""Listening circles: the users of a community who listen together, until they leave or the evening ends."""

from collections.abc import Callable
from typing import TypeVar

from recommender.errors import NothingToDo
from recommender.types import Listener
from storage.store import Store
from storage.users.communities import Communities as Places
from storage.work import RunsWork

T = TypeVar("T")

EVENING = 12 * 3600
"""Seconds after which a member of a circle no longer counts as present."""


class Circles:
    """Verbs on listening circles: `music.circles`."""

    def __init__(self, read: RunsWork, write: RunsWork, now: Callable[[], int]) -> None:
        """`read` and `write` run work on the threads of the service; `now` returns seconds since 1970."""
        self._read = read
        self._write = write
        self._now = now

    async def join(self, listener: Listener) -> list[int]:
        """Add the user to this community's circle; return its members."""
        name, now = _name(listener), self._now()

        def joined(store: Store) -> list[int]:
            store.people.set_setting("user", listener.user_id, name, str(now))
            return _present(store, name, now)

        return await self._write(joined)

    async def leave(self, listener: Listener) -> list[int]:
        """Remove the user from the circle; return its remaining members."""
        name, now = _name(listener), self._now()

        def left(store: Store) -> list[int]:
            Places(store.db).unset("user", listener.user_id, name)
            return _present(store, name, now)

        return await self._write(left)

    async def present(self, listener: Listener) -> list[int]:
        """Return the users in this community's circle; empty without a circle."""
        if listener.community_id is None:
            return []
        name, now = _name(listener), self._now()
        return await self._read(lambda store: _present(store, name, now))


def _name(listener: Listener) -> str:
    if listener.community_id is None:
        raise NothingToDo("People listen together in a group: open a circle there.")
    return f"circle:{listener.community_id}"


def _present(store: Store, name: str, now: int) -> list[int]:
    return [user for user, at in Places(store.db).with_setting("user", name) if now - int(at) < EVENING]
