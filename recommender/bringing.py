"""Files that people bring in a chat: one person's listening history, whatever name the file gives them."""

import asyncio
from collections.abc import Callable, Generator
from dataclasses import replace
from pathlib import Path

from recommender.errors import NotKnown
from storage.importer import run_import
from storage.imports import ImportFormatError, ListenRow, Options, Reader, Row, open_reader
from storage.imports.report import ImportReport
from storage.records import Account
from storage.writer import Writer

MOST_BYTES = 20 << 20
"""What the chat platforms hand out to bots at most."""


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
        self, account: Account, path: Path, progress: Callable[[float], None] | None = None
    ) -> ImportReport:
        """Store the listens in `path` as those of this account; `progress` is told the share done.

        It is called on another thread.  Raises `NotKnown` where the file is no table of listens, or says
        that several people listened.
        """

        def brought() -> ImportReport:
            return run_import(self._writer, _reader(account, path), progress=progress)

        return await asyncio.to_thread(brought)


class _Mine:
    """A reader all of whose listens are one person's."""

    def __init__(self, reader: Reader, account: Account) -> None:
        self._reader, self._user = reader, account.external_id
        self.source, self.platform = reader.source, account.platform

    def rows(self) -> Generator[Row, None, None]:
        for row in self._reader.rows():
            yield replace(row, user=self._user) if isinstance(row, ListenRow) else row

    def progress(self) -> float:
        return self._reader.progress()

    def digest(self) -> str:
        return self._reader.digest()


def _reader(account: Account, path: Path) -> Reader:
    try:
        reader = open_reader("plays", path, Options(account=account.external_id))
    except ImportFormatError:
        try:  # it may say itself who listened
            reader = open_reader("plays", path)
        except ImportFormatError as error:
            raise NotKnown(
                "I cannot read that file. I take a CSV or TSV table with the columns artist, track, plays "
                "and timestamp, or some of them; /import tells more."
            ) from error
        if len({row.user for row in reader.rows() if isinstance(row, ListenRow)}) > 1:
            raise NotKnown(
                "That table says that several people listened. I take one person's history here; whole data "
                "sets come in by `segue import` where I run."
            ) from None
    return _Mine(reader, account)
