"""Facts between machines: what was said here goes out, what was said elsewhere comes in."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from storage.replica.foreign_facts import ForeignFacts
from storage.sharing.fact_messages import Applied, Message
from storage.sharing.offsets import Offsets, Position
from storage.sharing.outbox import Outbox, OutgoingFact
from storage.sharing.user_names import UserName, UserNames
from storage.work import RunsWork

T = TypeVar("T")


class Replication:
    """Verbs on facts between machines: `music.replication`."""

    def __init__(
        self, read: RunsWork, write: RunsWork, now: Callable[[], int], erased: Callable[[], Awaitable[None]]
    ) -> None:
        """`erased` removes what was learned from users whom the facts of others erased."""
        self._read = read
        self._write = write
        self._now = now
        self._erased = erased

    async def open(self) -> str:
        """Publish facts from now on; return the name of this machine in the log."""
        return await self._write(lambda store: Outbox(store.db).open())

    async def origin(self) -> str | None:
        """Return the name of this machine in the log, None if it publishes nothing."""
        return await self._read(lambda store: Outbox(store.db).origin())

    async def waiting(self) -> int:
        """Return how many facts are not in the log yet."""
        return await self._read(lambda store: Outbox(store.db).waiting())

    async def facts(self, after: int, n: int) -> list[OutgoingFact]:
        """Return at most `n` facts of this machine after the number `after`, in order."""
        return await self._read(lambda store: Outbox(store.db).after(after, n))

    async def again(self) -> None:
        """Publish every fact once more, as for a log that was lost."""
        await self._write(lambda store: Outbox(store.db).again())

    async def position(self, topic: str, part: int) -> int | None:
        """Return the offset of the next message to apply, None before the first."""
        return await self._read(lambda store: Offsets(store.db).next(topic, part))

    async def last_applied(self, topic: str) -> int | None:
        """Return when a message of a topic was last applied, in seconds since 1970."""
        return await self._read(lambda store: Offsets(store.db).at(topic))

    async def rewind(self, topic: str) -> None:
        """Apply a topic from its beginning again, which changes nothing that is as it says."""
        await self._write(lambda store: Offsets(store.db).forget(topic))

    async def apply(self, messages: Sequence[Message], position: Position) -> Applied:
        """Apply messages of the log and store `position`, in one transaction.

        Users whom they forget are erased here too, and everything learned from them.  Raises
        NewerFactError for facts of a newer Segue.
        """
        now = self._now()
        applied = await self._write(lambda store: ForeignFacts(store, now=now).apply(messages, position))
        if applied.forgotten:
            await self._erased()
        return applied

    async def name(self, user_id: int) -> UserName | None:
        """Return the name of a user that means the same on every machine."""
        return await self._read(lambda store: UserNames(store.db).name(user_id))
