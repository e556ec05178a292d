"""Files that people bring in a chat: one person's listening history, whatever name the file gives them."""

import asyncio
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from recommender.errors import MusicError, NotKnown
from recommender.types import Listener
from storage.errors import ErasedError, ToldError
from storage.importer import run_import
from storage.imports import ImportFormatError, ListenRow, Noted, Options, Reader, Row, Skipped, open_reader
from storage.imports.report import ImportReport
from storage.records import Account
from storage.writer import Writer

MOST_BYTES = 20 << 20
"""What the chat platforms hand out to bots at most."""
_PERSONAL = "terminal"  # where the readers of one person's files take that person to be


class Bringing:
    """The verbs of the service on files: `music.bringing`."""

    def __init__(self, writer: Writer) -> None:
        """`writer` is the service's own: an import goes in slices between which chat goes on."""
        self._writer = writer

    @property
    def waiting(self) -> int:
        """How many writes wait for the one thread that writes; imports are what makes them wait."""
        return self._writer.waiting

    async def history(
        self,
        listener: Listener,
        account: Account,
        path: Path,
        progress: Callable[[float], None] | None = None,
    ) -> ImportReport:
        """Store the listens in `path` as those of this account; `progress` is told the share done.

        It is called on another thread.  Raises `NotKnown` where the file is no table of listens, or says
        that several people listened, and where the listener is erased meanwhile.
        """

        def brought() -> ImportReport:
            reader, user_id = _reader(account, path), listener.user_id
            return run_import(self._writer, reader, progress=progress, user_id=user_id)

        try:
            return await asyncio.to_thread(brought)
        except ErasedError as error:
            raise NotKnown(
                "Your data is deleted, so I stopped reading your file and kept none of it."
            ) from error


class _Mine:
    """A reader all of whose listens are one person's."""

    def __init__(self, reader: Reader, account: Account) -> None:
        self._reader, self._user = reader, account.external_id
        self.source, self.platform = reader.source, account.platform

    def rows(self) -> Generator[Row, None, None]:
        for row in self._reader.rows():
            if isinstance(row, (Skipped, Noted)):
                yield row
            elif isinstance(row, ListenRow):  # nothing else in a file of one person is theirs to say
                yield replace(row, user=self._user)

    def progress(self) -> float:
        return self._reader.progress()

    def digest(self) -> str:
        return self._reader.digest()


def _reader(account: Account, path: Path) -> Reader:
    try:
        reader = open_reader("auto", path, Options(account=account.external_id))
    except ImportFormatError as error:
        raise NotKnown("{} /import tells what I take.", within(error, path)) from error
    if reader.platform != _PERSONAL and not _is_of_one_user(reader):  # it says itself who listened
        raise NotKnown(
            "That table says that several people listened, or nobody. I take one person's history here; "
            "whole data sets come in by `segue import` where I run."
        )
    return _Mine(reader, account)


def _is_of_one_user(reader: Reader) -> bool:
    """Tell whether all listens are one user's; the second user ends the reading."""
    user: str | None = None
    with closing(reader.rows()) as rows:
        for row in rows:
            if isinstance(row, ListenRow):
                if user not in (None, row.user):
                    return False
                user = row.user
    return user is not None


def within(error: ToldError, path: Path) -> MusicError:
    """Return what was wrong, without the place where the file lies for the moment."""

    def named(value: object) -> object:
        if isinstance(value, ToldError):
            return within(value, path)
        if str(path) not in str(value):
            return value
        inside = str(value).removeprefix(str(path)).strip("/: ()")
        return inside.replace(str(path), path.name) or MusicError("That file")

    return MusicError(error.sentence, *map(named, error.values))
