"""Work on a store, which a thread of its own does."""

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from storage.store import Store

T = TypeVar("T")


class RunsWork(Protocol):
    """A function that has work done with an open store: reading on any thread, writing in a transaction."""

    def __call__(self, work: Callable[[Store], T], /) -> Awaitable[T]:
        """Return what `work` returns; it raises what `work` raises."""
        ...
