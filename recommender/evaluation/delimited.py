"""Delimited text files of interactions: `user,item[,weight[,timestamp]]`, with or without a header."""

import csv
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import mode
from typing import NamedTuple

from storage.imports import ImportFormatError, Skipped
from storage.imports.cells import CellError
from storage.imports.columns import all_spellings, find_columns, spellings
from storage.imports.table import squash
from storage.imports.text_file import BadLineError, TextFile
from storage.imports.times import moment

_SPELLINGS = spellings(
    user="user userid username uid usersha1 listener listenerid account customer customerid visitorid",
    item=(
        "item itemid iid movie movieid film filmid track trackid song songid artistid artist artistname"
        " trackname product productid asin business businessid book bookid isbn"
    ),
    weight="weight rating plays playcount count listens listencount value score stars strength frequency",
    time="timestamp time unixtime unixreviewtime ts datetime date at",
)
_ROLES = ("user", "item", "weight", "time")  # the order without a header
_SAMPLE = 50  # lines sampled to detect the format
_MOST = 0.5  # share of the sample that a separator must fit
_DELIMITERS = ("::", "\t", ";", "|", ",")
_LARGEST = 1e30  # the matrices hold float32
_BLANK = re.compile(r"\s+")


class Interaction(NamedTuple):
    """One line: user, item, weight and time."""

    line: int
    user: str
    item: str
    weight: float
    at: int | None


class DelimitedFile:
    """Lines of a user, an item, a weight (default 1) and a time.

    Cells are separated by tabs, commas, semicolons, bars, `::` or blanks; columns are found by name, or
    taken in this order. Plain or gzip. Raises ImportFormatError without at least two columns.
    """

    def __init__(self, path: Path, *, signed: bool = False) -> None:
        """Take `signed` for a file whose weights may be 0 or below."""
        self._file, self._least = TextFile(path), -_LARGEST if signed else 0.0
        head = [line for line in self._file.head(_SAMPLE) if line.strip()]
        self._split = _splitter(head)
        rows = [self._split(line) for line in head]
        self._width = mode(map(len, rows))
        if self._width < 2:
            raise ImportFormatError(f"{path} holds no interactions; each line should be user,item or more.")
        self._header = _is_header(rows)
        named = find_columns(rows[0], _SPELLINGS) if self._header else {}
        if not {"user", "item"} <= named.keys():
            named = {role: place for place, role in enumerate(_ROLES[: self._width])}
        self._user, self._item = named["user"], named["item"]
        self._weight, self._time = named.get("weight"), named.get("time")

    def rows(self) -> Iterator[Interaction | Skipped]:
        """Yield each line's interaction, or `Skipped` for an unreadable line."""
        with self._file.lines() as lines:
            header = self._header
            while True:
                try:
                    line = next(lines)
                    if not line.strip():
                        continue
                    cells = self._split(line)
                    if header:
                        header = False
                        continue
                    yield self._read(lines.number, cells)
                except StopIteration:
                    return
                except BadLineError as bad:
                    yield Skipped(bad.line, bad.reason)
                except CellError as error:
                    yield Skipped(lines.number, str(error))

    def progress(self) -> float:
        """Return the share of the file read so far, 0 to 1."""
        done, size = self._file.position()
        return done / size

    def _read(self, line: int, cells: list[str]) -> Interaction:
        if len(cells) != self._width:
            raise CellError(f"not {self._width} cells")
        user, item = cells[self._user].strip(), cells[self._item].strip()
        if not user or not item:
            raise CellError("no user or no item")
        weight = 1.0 if self._weight is None else _number(cells[self._weight], self._least)
        at = None if self._time is None else _time(cells[self._time])
        return Interaction(line, user, item, weight, at)


def _number(cell: str, least: float) -> float:
    try:
        weight = float(cell)
    except ValueError:
        raise CellError("a weight that is no number") from None
    if not least < weight < _LARGEST:
        raise CellError("a weight that is not above 0")
    return weight


def _time(cell: str) -> int | None:
    cell = cell.strip()
    if cell.isdecimal() and len(cell) == 10:  # seconds since 1970, the common case
        return int(cell)
    try:
        return moment(cell) if cell else None
    except CellError:
        raise CellError("a time that is not understood") from None


def _splitter(head: list[str]) -> Callable[[str], list[str]]:
    """Return a function that splits a line: at the most consistent separator, otherwise at blanks."""

    def fit(delimiter: str) -> float:
        counts = [line.count(delimiter) for line in head]
        usual = mode(counts)
        return counts.count(usual) / len(counts) if usual else 0.0

    best = max(_DELIMITERS, key=fit)
    if fit(best) < _MOST:  # the separator only occurs within names
        return lambda line: _BLANK.split(line.strip())
    if best == "::":
        return lambda line: line.strip().split("::")

    def split(line: str) -> list[str]:
        return next(csv.reader([line], delimiter=best)) if '"' in line else line.strip("\r\n").split(best)

    return split


def _is_header(rows: list[list[str]]) -> bool:
    """Tell whether the first line is a header: known column names, or words above numbers."""
    first, others = rows[0], rows[1:]
    if sum(squash(cell) in all_spellings(_SPELLINGS) for cell in first) > 1:
        return True
    numeric = [
        place for place in range(len(first)) if others and all(_is_number(row, place) for row in others[:10])
    ]
    return any(not _is_number(first, place) for place in numeric)


def _is_number(row: list[str], place: int) -> bool:
    try:
        float(row[place])
    except (ValueError, IndexError):
        return False
    return True
