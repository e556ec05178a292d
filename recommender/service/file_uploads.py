"""File uploads: a listening history arrives at once or in pieces, and is imported when it is whole.

A piece is on disk before it is acknowledged, in a file that only Segue can read; the file is deleted once it
is read, and with its user.
"""

import asyncio
import os
import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from recommender.errors import MusicError, NothingToDo, NotKnown
from recommender.service.imports import Bringing
from recommender.types import Listener
from storage.disk import opened, private_folder
from storage.errors import StorageError, ToldError
from storage.imports.report import ImportReport, Tally
from storage.ingest.uploads import Upload, Uploads
from storage.records import Account
from storage.store import Store
from storage.work import RunsWork

T = TypeVar("T")

MOST_BYTES = 512 << 20
"""The largest file, in bytes."""
MOST_OPEN = 4
"""Uploads that one user may have begun and not finished."""
_PIECE = 8 << 20  # bytes of a whole file written at a time
KEPT_SECONDS = 7 * 86_400
"""After this time an upload is forgotten, whole or not; what was imported stays."""


@dataclass(frozen=True, slots=True)
class UploadStatus:
    """An upload as its owner sees it."""

    upload: Upload
    received: int  # bytes on disk, all of them once it is being imported
    share: float  # of the file that is imported, 0 to 1
    age: int  # seconds since it was announced
    place: int | None = None  # in the queue of imports, None if it has left it


class FileUploads:
    """Verbs on files in pieces: `music.uploads`."""

    def __init__(
        self, folder: Path, bringing: Bringing, read: RunsWork, write: RunsWork, now: Callable[[], int]
    ) -> None:
        """`folder` holds the files; `read` and `write` run work on the threads of the service."""
        self._folder = folder
        self._bringing = bringing
        self._read = read
        self._write = write
        self._now = now
        self._is_closing = False
        self._shares: dict[str, float] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def resume(self) -> None:
        """Go on with imports that the end of a process has interrupted, and tidy up."""
        await self._sweep()
        for upload in await self._read(lambda store: Uploads(store.db).importing()):
            if upload.id not in self._running:
                self._start(Listener(upload.user_id, None, upload.account.platform), upload)

    async def begin(self, listener: Listener, account: Account, name: str, size: int) -> UploadStatus:
        """Announce a file of `size` bytes; raise `NothingToDo` beyond `MOST_OPEN` unfinished ones."""
        await self._sweep()
        if size > MOST_BYTES:
            raise NothingToDo("A file may have {} MB. Send it in parts.", MOST_BYTES >> 20)
        upload_id = secrets.token_hex(16)

        def begun(store: Store) -> None:
            uploads = Uploads(store.db)
            unfinished = [one for one in uploads.of_user(listener.user_id) if one.state == "receiving"]
            if len(unfinished) >= MOST_OPEN:
                raise NothingToDo("You have {} unfinished uploads. Finish or delete one.", len(unfinished))
            uploads.add(account, upload_id, name, size, now=self._now())

        private_folder(self._folder)
        await self._write(begun)
        return await self.status(listener, upload_id)

    async def take(self, listener: Listener, account: Account, name: str, content: BinaryIO) -> UploadStatus:
        """Take a whole file and start its import; raises as `begin` does."""
        size = await asyncio.to_thread(content.seek, 0, os.SEEK_END)
        status = await self.begin(listener, account, name, size)
        await asyncio.to_thread(content.seek, 0)
        while status.upload.state == "receiving":
            piece = await asyncio.to_thread(content.read, _PIECE)
            status = await self.append(listener, status.upload.id, status.received, piece)
        return status

    async def append(self, listener: Listener, upload_id: str, offset: int, piece: bytes) -> UploadStatus:
        """Add a piece that begins at `offset`; the last one starts the import.

        Raises `WrongOffset` if the file does not end there, so that the sender can go on from where it ends.
        """
        await self._mine(listener, upload_id)  # no lock for an id that is nobody's
        async with self._locks.setdefault(upload_id, asyncio.Lock()):
            upload = await self._mine(listener, upload_id)
            received = self._received(upload)
            if upload.state != "receiving" or offset != received or offset + len(piece) > upload.size:
                raise WrongOffset("The next piece begins at byte {}.", received, offset=received)
            await asyncio.to_thread(_append, self._path(upload_id), piece)
            if received + len(piece) == upload.size:
                await self._write(lambda store: Uploads(store.db).enter(upload_id, "importing"))
                self._start(listener, upload)
        return await self.status(listener, upload_id)

    async def status(self, listener: Listener, upload_id: str) -> UploadStatus:
        """Return how far an upload is; raise `NotKnown` if the user has none with that id."""
        return self._status(await self._mine(listener, upload_id))

    def _status(self, upload: Upload) -> UploadStatus:
        share = 1.0 if upload.state == "done" else self._shares.get(upload.id, 0.0)
        place = self._bringing.queue.place(upload.user_id) if upload.state == "importing" else None
        return UploadStatus(upload, self._received(upload), share, self._now() - upload.made_at, place)

    async def all(self, listener: Listener) -> list[UploadStatus]:
        """Return the user's uploads, oldest first."""
        mine = await self._read(lambda store: Uploads(store.db).of_user(listener.user_id))
        return [self._status(one) for one in mine]

    async def cancel(self, listener: Listener, upload_id: str) -> None:
        """Forget an upload and its file; raise `NothingToDo` while it is being imported."""
        upload = await self._mine(listener, upload_id)
        if upload.state == "importing":
            raise NothingToDo("That file is being imported. What is in stays in.")
        await self._write(lambda store: Uploads(store.db).remove(upload_id))
        self._locks.pop(upload_id, None)
        self._path(upload_id).unlink(missing_ok=True)

    async def release(self, listener: Listener) -> None:
        """Delete the files of a user who is about to be erased; a running import ends by itself."""
        for upload in await self._read(lambda store: Uploads(store.db).of_user(listener.user_id)):
            self._path(upload.id).unlink(missing_ok=True)

    async def close(self) -> None:
        """Stop each import after its current rows; `resume` goes on with it, and nothing counts twice."""
        self._is_closing = True
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def _mine(self, listener: Listener, upload_id: str) -> Upload:
        found = await self._read(lambda store: Uploads(store.db).find(listener.user_id, upload_id))
        if found is None:
            raise NotKnown("You have no upload with that id.")
        return found

    def _start(self, listener: Listener, upload: Upload) -> None:
        task = asyncio.create_task(self._import(listener, upload), name=f"upload {upload.id}")
        self._running[upload.id] = task
        task.add_done_callback(lambda _: self._ended(upload.id))

    def _ended(self, upload_id: str) -> None:
        self._running.pop(upload_id, None)
        self._shares.pop(upload_id, None)
        self._locks.pop(upload_id, None)

    async def _import(self, listener: Listener, upload: Upload) -> None:
        path = self._path(upload.id)

        def progressed(share: float) -> None:
            if self._is_closing:
                raise _Stopped
            self._shares[upload.id] = share

        try:
            report = await self._bringing.history(listener, upload.account, path, progressed)
        except (MusicError, StorageError) as error:
            await self._failed(upload, _as_named(error, path, upload.name))
        except _Stopped:
            return
        else:
            await self._write(lambda store: Uploads(store.db).enter(upload.id, "done", told_of(report)))
        path.unlink(missing_ok=True)

    async def _failed(self, upload: Upload, error: MusicError) -> None:
        told = {"failure": str(error), "error": error.to_json()}
        await self._write(lambda store: Uploads(store.db).enter(upload.id, "failed", told))

    async def _sweep(self) -> None:
        """Forget old uploads, and delete files that no upload knows."""
        await self._write(lambda store: Uploads(store.db).remove_older(self._now() - KEPT_SECONDS))
        # The files first: an upload is in the database before it has a file.
        files = list(self._folder.iterdir()) if self._folder.is_dir() else []
        known = await self._read(lambda store: Uploads(store.db).ids())
        for path in files:
            if path.name not in known:
                path.unlink(missing_ok=True)

    def _path(self, upload_id: str) -> Path:
        return self._folder / upload_id

    def _received(self, upload: Upload) -> int:
        if upload.state != "receiving":
            return upload.size
        path = self._path(upload.id)
        return path.stat().st_size if path.exists() else 0


class _Stopped(Exception):
    """The service is closing."""


class WrongOffset(NothingToDo):
    """A piece does not begin where the file ends, which is at `offset`."""

    def __init__(self, sentence: str, *values: object, offset: int = 0) -> None:
        super().__init__(sentence, *values)
        self.offset = offset


def told_of(report: ImportReport) -> dict[str, Any]:
    """Return the counts of a report, ready for JSON."""
    return {
        "read": report.read,
        "kept": report.kept,
        "merged": report.merged,
        "new": dict(report.new),
        "skipped": {reason: tally.count for reason, tally in report.skipped.items()},
        "seconds": report.seconds,
    }


def report_of(told: dict[str, Any]) -> ImportReport:
    """Return the report that `told_of` has told; it no longer knows the lines."""
    skipped = {reason: Tally(count) for reason, count in told["skipped"].items()}
    counts = {name: told[name] for name in ("read", "kept", "merged")}
    return ImportReport(
        "upload", **counts, skipped=skipped, new=Counter(told["new"]), seconds=told.get("seconds", 0.0)
    )


def _as_named(error: ToldError, path: Path, name: str) -> MusicError:
    """Return the error with the name that its owner gave the file."""

    def named(value: object) -> object:
        if isinstance(value, ToldError):
            return _as_named(value, path, name)
        return str(value).replace(str(path), name).replace(path.name, name)

    return MusicError(error.sentence.replace(str(path), name), *map(named, error.values))


def _append(path: Path, piece: bytes) -> None:
    with open(path, "ab", opener=opened) as file:
        file.write(piece)
        file.flush()
        os.fsync(file.fileno())
