"""The workbook that Deezer hands out: one of its sheets is the listening history, read as the table it is."""

import csv
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from storage.imports.contents import Member
from storage.imports.plays import PlaysReader
from storage.imports.rows import ImportFormatError, Options
from storage.imports.table import squash

_SHEET = "listeninghistory"
_MOST_BYTES = 256 << 20  # unpacked; the names of a sheet are held in memory
_MOST_COLUMNS = 64
_BROKEN = (InvalidFileException, zipfile.BadZipFile, OSError, ValueError, KeyError, TypeError, SyntaxError)


def is_workbook(found: list[Member]) -> bool:
    """Tell whether the files of an archive are the parts of a workbook."""
    return any(member.inside is not None and member.inside.filename == "xl/workbook.xml" for member in found)


class WorkbookReader(PlaysReader):
    """The sheet "10_listeningHistory" of a workbook; its addresses and devices are left where they are."""

    def __init__(self, path: Path, found: list[Member], options: Options) -> None:
        """Read the sheet by way of a temporary table; ImportFormatError if there is none."""
        if sum(member.size for member in found) > _MOST_BYTES:
            raise ImportFormatError("{} is too large a workbook; save its listening history as CSV.", path)
        # It goes with this reader.
        self._file = tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="", prefix="segue-")  # noqa: SIM115
        try:
            csv.writer(self._file).writerows(_rows(path))
            self._file.flush()
        except _BROKEN as error:
            self._file.close()
            raise ImportFormatError(
                "{} is no whole workbook ({}); download it again.",
                path,
                error,
            ) from error
        except ImportFormatError:
            self._file.close()
            raise
        super().__init__(Path(self._file.name), options)


def _rows(path: Path) -> Iterator[list[str]]:
    book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
    try:
        names = [name for name in book.sheetnames if squash(name).endswith(_SHEET)]
        if not names:
            raise ImportFormatError("{} has no sheet of listens; save the one that has as CSV.", path)
        for row in book[names[0]].iter_rows(max_col=_MOST_COLUMNS, values_only=True):
            yield [_cell(value) for value in row]
    finally:
        book.close()


def _cell(value: Any) -> str:  # noqa: ANN401 - whatever a sheet holds
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    return "" if value is None else str(value)
