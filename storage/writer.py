"""The writer thread: waiting writes share one transaction, and each gets its result after the COMMIT."""

import logging
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import nullcontext
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any, NamedTuple, Self, TypeVar

from storage.disk import is_nearly_full
from storage.errors import BusyError, ClosedError, DiskFullError
from storage.store import Store

T = TypeVar("T")

# SQLite's own busy handler sleeps up to 100 ms at a time and would miss the pauses of a bulk import.
_RETRY_SECONDS = 0.002
_PATIENCE_SECONDS = 10.0
# A group ends when no write waits, or at this size, so that its last write does not delay its first.
_GROUP_JOBS = 500
_GROUP_SECONDS = 0.05
_NO_SPACE = 1 << 20  # bytes; with less space left SQLite may report an I/O error

log = logging.getLogger(__name__)


class _Fold(NamedTuple):
    """A request to fold the write-ahead log into the file."""

    future: "Future[bool]"


class _Job(NamedTuple):
    """A write that waits for its group."""

    future: "Future[Any]"
    work: Callable[[Store], Any]
    asked_at: float


class Writer:
    """The thread of this process that owns the writing connection.

    Waiting writes are committed together (one fsync per group) and get their results after the commit: a
    future that has a result is durable.
    """

    def __init__(self, path: Path | str) -> None:
        """Open the database; raise StorageError as `Store.open` does."""
        self._jobs: SimpleQueue[_Job | _Fold | None] = SimpleQueue()
        self._closed = False
        self._full = False  # whether the disk was full for the last group
        self._path = Path(path)
        self._lock = Lock()
        opened: Future[None] = Future()
        self._thread = Thread(target=self._run, args=(Path(path), opened), name="segue-writer", daemon=True)
        self._thread.start()
        opened.result()

    def write(self, work: Callable[[Store], T]) -> "Future[T]":
        """Run `work` in a transaction; the future gets its result once that is durable, or its error.

        If `work` raises, only its own changes are rolled back; the others of its group stay.
        """
        future: Future[T] = Future()
        with self._lock:
            if self._closed:
                raise ClosedError("The writer has been closed; nothing can be stored any more.")
            self._jobs.put(_Job(future, work, time.monotonic()))
        return future

    def fold(self) -> "Future[bool]":
        """Copy the write-ahead log into the file and empty it, so that no erased data stays in it.

        The future gets False if another connection is reading or writing: try again later.
        """
        future: Future[bool] = Future()
        with self._lock:
            if self._closed:
                raise ClosedError("The writer has been closed; nothing can be stored any more.")
            self._jobs.put(_Fold(future))
        return future

    @property
    def is_nearly_full(self) -> bool:
        """Tell whether the disk has so little left that only small writes should use it."""
        return is_nearly_full(self._path.absolute().parent)

    @property
    def waiting(self) -> int:
        """Return the number of writes whose group has not begun."""
        return self._jobs.qsize()

    def close(self) -> None:
        """Finish the waiting writes, then close the database."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._jobs.put(None)
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self, path: Path, opened: "Future[None]") -> None:
        try:
            store = Store.open(path)
        except BaseException as error:  # noqa: BLE001 - the opener gets it
            opened.set_exception(error)
            return
        store.db.execute("PRAGMA busy_timeout = 0")  # `_begin` waits instead
        opened.set_result(None)
        with store:
            while (job := self._jobs.get()) is not None:
                if isinstance(job, _Fold):
                    _fold(store, job)
                else:
                    self._write_group(store, job)

    def _write_group(self, store: Store, first: _Job) -> None:
        answered: list[tuple[_Job, Any]] = []
        joined = [first]
        try:
            _begin(store, first.asked_at + _PATIENCE_SECONDS)
            for job in self._group(first, joined):
                if job.future.set_running_or_notify_cancel():
                    _attempt(store, self._path, job, answered)
            store.db.conn.execute("COMMIT")
        except BaseException as error:  # noqa: BLE001 - every job of this group gets it
            store.db.rollback()
            told = self._noticed(error)
            for job in joined:
                if not job.future.done():
                    job.future.set_exception(told)
        else:
            self._has_space()
            for job, result in answered:
                job.future.set_result(result)

    def _noticed(self, error: BaseException) -> BaseException:
        """Return the error to answer with; log a full disk once until there is space again."""
        if not _is_full(error, self._path):
            return error
        if not self._full:
            self._full = True
            log.error("the disk of %s is full: nothing is stored until there is space", self._path)
        told = DiskFullError(
            "My disk is full, so I could not keep that. Please tell whoever runs me, and try again later."
        )
        told.__cause__ = error
        return told

    def _has_space(self) -> None:
        if self._full:
            self._full = False
            log.warning("there is space again on the disk of %s", self._path)

    def _group(self, first: _Job, joined: list[_Job]) -> Iterator[_Job]:
        yield first
        until = time.monotonic() + _GROUP_SECONDS
        while len(joined) < _GROUP_JOBS and time.monotonic() < until:
            try:
                job = self._jobs.get_nowait()
            except Empty:
                return
            if job is None or isinstance(job, _Fold):  # the last group before the fold
                self._jobs.put(job)
                return
            joined.append(job)
            yield job


def _fold(store: Store, job: _Fold) -> None:
    try:
        blocked, *_ = store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error as error:
        job.future.set_exception(error)
    else:
        job.future.set_result(not blocked)


def _begin(store: Store, deadline: float) -> None:
    while True:
        try:
            store.db.conn.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            if time.monotonic() > deadline:
                raise BusyError("Another program has been writing for too long; try again.") from error
            time.sleep(_RETRY_SECONDS)
        else:
            return


def _attempt(store: Store, path: Path, job: _Job, answered: list[tuple[_Job, Any]]) -> None:
    # Within a savepoint SQLite walks through all the pages it has kept for it after every statement, at twice
    # the cost for a bulk write. Where nothing else is in the transaction yet, it is its own savepoint.
    first = not answered
    try:
        with nullcontext() if first else store.db.atomic():
            result = job.work(store)
    except BaseException as error:
        # A full disk makes SQLite roll back the whole group, or, within a trigger, the statement alone.
        if not store.db.conn.in_transaction or _is_full(error, path):
            raise
        if first:
            store.db.rollback()
            _begin(store, time.monotonic() + _PATIENCE_SECONDS)
        job.future.set_exception(error)
    else:
        answered.append((job, result))


def _is_full(error: BaseException, path: Path) -> bool:
    """Tell whether the disk of the database at `path`, or its allowed size, is full."""
    code = error.sqlite_errorcode if isinstance(error, sqlite3.OperationalError) else sqlite3.SQLITE_OK
    if code & 0xFF == sqlite3.SQLITE_IOERR and code != sqlite3.SQLITE_IOERR_WRITE:
        return shutil.disk_usage(path.parent).free < _NO_SPACE
    return code & 0xFF == sqlite3.SQLITE_FULL or code == sqlite3.SQLITE_IOERR_WRITE
