"""A pool of reading threads, each with its own read-only connection."""

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, Self, TypeVar

from storage.catalogue.vocabulary import Vocabulary
from storage.errors import ClosedError
from storage.listening.profiles import ProfileCache
from storage.store import Store

T = TypeVar("T")
_Job = tuple["Future[Any]", Callable[[Store], Any]]


class Readers:
    """A small pool of threads with a read-only connection each."""

    def __init__(self, path: Path | str, threads: int = 2) -> None:
        """Open the database once per thread; raise StorageError as `Store.open` does."""
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._closed = False
        self._vocabulary, self._profiles = Vocabulary(), ProfileCache()
        self._lock = Lock()
        opened: list[Future[None]] = [Future() for _ in range(threads)]
        self._threads = [
            Thread(target=self._run, args=(Path(path), one), name=f"segue-reader-{number}", daemon=True)
            for number, one in enumerate(opened)
        ]
        for thread in self._threads:
            thread.start()
        try:
            for one in opened:
                one.result()
        except BaseException:
            self.close()
            raise

    def read(self, work: Callable[[Store], T]) -> "Future[T]":
        """Run `work` on one snapshot of the database; the future gets its result or its error.

        Consume streams inside `work`: its connection serves the next reader afterwards.
        """
        future: Future[T] = Future()
        with self._lock:
            if self._closed:
                raise ClosedError("The readers have been closed; nothing can be read any more.")
            self._jobs.put((future, work))
        return future

    def close(self) -> None:
        """Finish the waiting reads, then close the connections."""
        with self._lock:
            if not self._closed:
                self._closed = True
                for _ in self._threads:
                    self._jobs.put(None)
        for thread in self._threads:
            thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self, path: Path, opened: "Future[None]") -> None:
        try:
            store = Store.open(path, readonly=True, vocabulary=self._vocabulary, cache=self._profiles)
        except BaseException as error:  # noqa: BLE001 - the opener gets it
            opened.set_exception(error)
            return
        opened.set_result(None)
        with store:
            while (job := self._jobs.get()) is not None:
                _answer(store, *job)


def _answer(store: Store, future: "Future[Any]", work: Callable[[Store], Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        with store.db.atomic():  # one snapshot for all queries of the work
            result = work(store)
    except BaseException as error:  # noqa: BLE001 - the asker gets it
        future.set_exception(_heard(error))
    else:
        future.set_result(result)


def _heard(error: BaseException) -> BaseException:
    """Return the error; replace a StopIteration, which a waiting coroutine would never receive."""
    if not isinstance(error, StopIteration):
        return error
    heard = RuntimeError("Something that was read ended too early.")
    heard.__cause__ = error
    return heard
