"""Deezer's export, a workbook: one of its sheets is the listening history, read as a table."""

import csv
import re
import tempfile
import weakref
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from storage.imports.contents import Member
from storage.imports.limits import UNREADABLE
from storage.imports.plays import PlaysReader
from storage.imports.table import squash
from storage.rows import ImportFormatError, Options

_TOO_LARGE = "{} is too large a workbook; save its listening history as CSV."
_SHEET = "listeninghistory"
_MOST_BYTES = 256 << 20  # of all parts, unpacked
_MOST_TABLE = 64 << 20  # characters of the sheet; one shared text can be in every cell
_MOST_ROWS, _MOST_COLUMNS, _MOST_CELL = 1 << 20, 64, 1_000  # the first is the maximum of the file format
_MOST_BLANK = 1_000  # consecutive rows
# Parts read whole: sheet names, styles, ...  Only sheets and shared texts are larger.
_SMALL = 1 << 20
_LARGE = re.compile(r"xl/(?:worksheets/.*|sharedStrings)\.xml", re.IGNORECASE)
_LONGEST_ROW = 1 << 19  # bytes; the cells of a row are held in memory
_MOST_SHARED = 1 << 20  # texts shared between cells
_ROW = re.compile(rb"<(?:\w+:)?row\b|</(?:\w+:)?sheetData\b")
_SHARED = re.compile(rb"<(?:\w+:)?si\b")
_ENTITIES = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_CHUNK, _SEAM = 1 << 16, 64
_BROKEN = (*UNREADABLE, KeyError, TypeError, SyntaxError, AttributeError, IndexError)


def is_workbook(found: list[Member]) -> bool:
    """Tell whether the files of an archive are the parts of a workbook."""
    return any(member.inside is not None and member.inside.filename == "xl/workbook.xml" for member in found)


class WorkbookReader(PlaysReader):
    """Reader of the sheet "10_listeningHistory"; it leaves IP addresses and devices unread."""

    def __init__(self, path: Path, found: list[Member], options: Options) -> None:
        """Copy the sheet to a temporary table; raise ImportFormatError if the workbook has none."""
        self._file = tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="", prefix="segue-")  # noqa: SIM115
        weakref.finalize(self, self._file.close)  # deleted together with this reader
        try:
            csv.writer(self._file).writerows(_rows(path, found))
            self._file.flush()
        except _BROKEN as error:
            self._file.close()
            raise ImportFormatError(
                "{} is no whole workbook ({}); download it again.", path, type(error).__name__
            ) from error
        except ImportFormatError:
            self._file.close()
            raise
        super().__init__(Path(self._file.name), options)


def _is_modest(part: Member) -> bool:
    """Tell whether this part takes bounded memory, without parsing it as XML."""
    if part.size <= _SMALL:
        return _ENTITIES.search(part.head(_SMALL)) is None
    return _LARGE.fullmatch(part.inside.filename if part.inside else "") is not None and _is_bounded(part)


def _is_bounded(part: Member) -> bool:
    since_row, shared, seam = 0, 0, b""
    in_rows = "worksheets" in (part.inside.filename if part.inside else "")
    with part.open() as file:
        while chunk := file.read(_CHUNK):
            text = seam + chunk
            if _ENTITIES.search(text):
                return False
            marks = list(_ROW.finditer(text)) if in_rows else []
            since_row = len(text) - marks[-1].start() if marks else since_row + len(chunk)
            in_rows = in_rows and not (marks and marks[-1][0].startswith(b"</"))
            shared += len(_SHARED.findall(chunk))
            if (in_rows and since_row > _LONGEST_ROW) or shared > _MOST_SHARED:
                return False
            seam = text[-_SEAM:]
    return True


def _rows(path: Path, parts: list[Member]) -> Iterator[list[str]]:
    if sum(part.size for part in parts) > _MOST_BYTES or not all(map(_is_modest, parts)):
        raise ImportFormatError(_TOO_LARGE, path)
    # Chats pass files on without an extension; openpyxl checks the extension only of a path.
    with path.open("rb") as file:
        from openpyxl import load_workbook  # noqa: PLC0415 - heavy

        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        try:
            yield from _sheet(book, path)
        finally:
            book.close()


def _sheet(book: Any, path: Path) -> Iterator[list[str]]:  # noqa: ANN401 - openpyxl's stubs forget read-only books
    names = [name for name in book.sheetnames if squash(name).endswith(_SHEET)]
    if not names:
        raise ImportFormatError("{} has no sheet of listens; save the one that has as CSV.", path)
    written = blank = 0
    for row in book[names[0]].iter_rows(max_row=_MOST_ROWS, max_col=_MOST_COLUMNS, values_only=True):
        cells = [_cell(value) for value in row]
        written += sum(map(len, cells))
        blank = 0 if any(cells) else blank + 1
        if blank > _MOST_BLANK:
            return  # the table ends here; a mark at the bottom of the sheet is not a row
        if written > _MOST_TABLE:
            raise ImportFormatError(_TOO_LARGE, path)
        yield cells if not blank else []


def _cell(value: Any) -> str:  # noqa: ANN401 - whatever a sheet holds
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    return "" if value is None else str(value)[:_MOST_CELL]
