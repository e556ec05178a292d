"""File imports in a chat: one user's listening history, whatever user names the file contains."""

import asyncio
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from recommender.errors import MusicError, NotKnown
from recommender.service.import_queue import ImportQueue
from recommender.types import Listener
from storage.errors import ErasedError, ToldError
from storage.imports import ImportFormatError, ListenRow, Noted, Options, Reader, Row, Skipped, open_reader
from storage.imports.report import ImportReport
from storage.ingest.importer import run_import
from storage.records import Account
from storage.writer import Writer

MOST_BYTES = 20 << 20
"""The largest file that chat platforms hand to bots, in bytes."""
_PERSONAL = "terminal"  # the platform that readers of personal files assign to the user


class Bringing:
    """Verbs on file imports: `music.bringing`."""

    def __init__(self, writer: Writer) -> None:
        """Take the service's own `writer`: an import runs in slices, so that chat goes on in between."""
        self._writer = writer
        self.queue = ImportQueue()

    @property
    def waiting(self) -> int:
        """The number of writes waiting for the writer thread, which grows during imports."""
        return self._writer.waiting

    async def history(
        self,
        listener: Listener,
        account: Account,
        path: Path,
        progress: Callable[[float], None] | None = None,
    ) -> ImportReport:
        """Store the listens in `path` as this account's; `progress` receives the share done, 0 to 1.

        `progress` runs on another thread. Raises `NotKnown` if the file is no table of listens or
        holds several users' listens, and if the user is erased meanwhile.
        """

        def brought() -> ImportReport:
            reader, user_id = _reader(account, path), listener.user_id
            return run_import(self._writer, reader, progress=progress, user_id=user_id)

        try:
            async with self.queue.turn(listener.user_id):
                return await asyncio.to_thread(brought)
        except ErasedError as error:
            raise NotKnown(
                "Your data is deleted, so I stopped reading your file and kept none of it."
            ) from error


class _Mine:
    """A reader that attributes all listens to one user."""

    def __init__(self, reader: Reader, account: Account) -> None:
        self._reader, self._user = reader, account.external_id
        self.source, self.platform = reader.source, account.platform

    def rows(self) -> Generator[Row, None, None]:
        """Yield the rows, with every listen attributed to the user."""
        for row in self._reader.rows():
            if isinstance(row, (Skipped, Noted)):
                yield row
            elif isinstance(row, ListenRow):  # other rows are not a user's own facts
                yield replace(row, user=self._user)

    def progress(self) -> float:
        """Return the share of the file read so far, 0 to 1."""
        return self._reader.progress()

    def digest(self) -> str:
        """Return the digest of the file."""
        return self._reader.digest()


def _reader(account: Account, path: Path) -> Reader:
    try:
        reader = open_reader("auto", path, Options(account=account.external_id))
    except ImportFormatError as error:
        raise NotKnown("{} /import tells what I take.", within(error, path)) from error
    if reader.platform != _PERSONAL and not _is_of_one_user(reader):  # the file names its user
        raise NotKnown(
            "That table says that several people listened, or nobody. I take one person's history here; "
            "whole data sets come in by `segue import` where I run."
        )
    return _Mine(reader, account)


def _is_of_one_user(reader: Reader) -> bool:
    """Tell whether all listens are one user's; reading stops at the second user."""
    user: str | None = None
    with closing(reader.rows()) as rows:
        for row in rows:
            if isinstance(row, ListenRow):
                if user not in (None, row.user):
                    return False
                user = row.user
    return user is not None


def within(error: ToldError, path: Path) -> MusicError:
    """Return the error without the temporary path of the file."""

    def named(value: object) -> object:
        if isinstance(value, ToldError):
            return within(value, path)
        if str(path) not in str(value):
            return value
        inside = str(value).removeprefix(str(path)).strip("/: ()")
        return inside.replace(str(path), path.name) or MusicError("That file")

    return MusicError(error.sentence, *map(named, error.values))
