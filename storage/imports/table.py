"""A table in a text file: its delimiter, and its rows one by one."""

import csv
import re
import unicodedata
from collections import deque
from collections.abc import Callable, Collection, Iterator
from functools import partial
from itertools import islice
from typing import Self

from storage.imports.text_file import BadLineError, Lines, TextFile
from storage.rows import ImportFormatError, Skipped

_DELIMITERS = "\t;|,"
_SAMPLE = 50  # lines examined to find the delimiter and quoting
_LINES_PER_ROW = 100  # a quoted cell may contain line breaks, but not half the file
_NEVER_CLOSED = "quotation mark never closed"


def squash(header: str) -> str:
    """Return a column's name without case and signs.

    >>> squash("Artist(s)_Name")
    'artistsname'
    """
    return "".join(c for c in unicodedata.normalize("NFKC", header).casefold() if c.isalnum())


class Table:
    """The rows of a delimited text file, each with as many cells as the first.

    `known` are the squashed names of possible columns, the best hint at the delimiter.  `delimiter` and
    `quoted` (whether quotation marks wrap cells) replace guessing. Raises ImportFormatError if there is no
    row at all.
    """

    def __init__(
        self,
        file: TextFile,
        known: Collection[str] = (),
        *,
        delimiter: str | None = None,
        quoted: bool | None = None,
    ) -> None:
        self.file = file
        head = file.head(_SAMPLE)
        # The first line that spreadsheets write to name the delimiter.
        told = re.fullmatch(r"sep=([^\w\s\"]|\t)\s*", head[0])
        self._preamble = 1 if told else 0
        head = [line for line in head[self._preamble :] if line.strip()]
        self.delimiter = delimiter or (told[1] if told else _guess_delimiter(head, known))
        if quoted is None:
            quoted = _guess_quoting(head, self.delimiter)
        self._parser = _csv_parser(self.delimiter, quoted=quoted)
        self.sample = [row for line in head if any(row := _split(line, self._parser))]
        if not self.sample:
            raise ImportFormatError("{} holds no table; choose a file with a line for each row.", file.path)
        self.first = self.sample[0]

    def rows(self, *, header: bool) -> Iterator[tuple[int, list[str]] | Skipped]:
        """Yield (line number, cells) of each row without the header, if there is one; skip blank lines."""
        width = len(self.first)
        with self.file.lines() as lines:
            for row in islice(self._parse(lines, width), 1 if header else 0, None):
                if isinstance(row, Skipped):
                    yield row
                    continue
                line, cells = row
                if len(cells) > width and not any(cells[width:]):
                    del cells[width:]
                if len(cells) == width:
                    yield row
                else:
                    yield Skipped(line, "more or fewer cells than the first line has")

    def _parse(self, lines: Lines, width: int) -> Iterator[tuple[int, list[str]] | Skipped]:
        feed = _Feed(lines, self._preamble)
        parser = self._parser(feed)
        while True:
            feed.taken.clear()
            try:
                cells = next(parser)
            except StopIteration:
                return
            except BadLineError as bad:
                yield from feed.give_back(_NEVER_CLOSED)
                yield Skipped(bad.line, bad.reason)
            except csv.Error as error:
                yield from feed.give_back(str(error))
            else:
                if len(feed.taken) > 1 and (len(cells) != width or not self._is_one_row(feed.taken)):
                    yield from feed.give_back(_NEVER_CLOSED)
                elif any(cells):
                    yield feed.first, cells

    def _is_one_row(self, taken: list[str]) -> bool:
        """Tell a cell with line breaks from rows between two stray marks: those are as wide as a row."""
        try:
            whole = len(list(self._parser(taken, strict=True))) == 1
        except csv.Error:
            return False
        return whole and any(len(_split(line, self._parser)) != len(self.first) for line in taken[1:])


class _Feed:
    """The lines for the csv parser; `give_back` returns those that it took for one endless row."""

    def __init__(self, lines: Lines, preamble: int) -> None:
        self.first = 0  # the number of the row's first line
        self.taken: list[str] = []  # the lines of the row so far
        self._lines = lines
        self._returned: deque[tuple[int, str]] = deque()
        for _ in range(preamble):
            next(lines)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        number, line = self._next()
        if not self.taken:
            while line.isspace():
                number, line = self._next()
            self.first = number
        elif len(self.taken) == _LINES_PER_ROW:
            self._returned.appendleft((number, line))
            raise csv.Error(_NEVER_CLOSED)
        self.taken.append(line)
        return line

    def give_back(self, reason: str) -> Iterator[Skipped]:
        """Skip the first line of the row and return the others, to be read as rows of their own."""
        if self.taken:
            yield Skipped(self.first, reason)
        others = list(enumerate(self.taken[1:], self.first + 1))
        self._returned.extendleft(reversed(others))

    def _next(self) -> tuple[int, str]:
        if self._returned:
            return self._returned.popleft()
        line = next(self._lines)
        return self._lines.number, line


def _csv_parser(delimiter: str, *, quoted: bool) -> Callable[..., Iterator[list[str]]]:
    return partial(csv.reader, delimiter=delimiter, quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE)


def _split(line: str, parser: Callable[[list[str]], Iterator[list[str]]]) -> list[str]:
    try:
        return next(parser([line]), [])
    except csv.Error:
        return []


def _guess_delimiter(head: list[str], known: Collection[str]) -> str:
    def fit(delimiter: str) -> tuple[int, float, int]:
        parser = _csv_parser(delimiter, quoted=delimiter != "\t")
        widths = [len(_split(line, parser)) for line in head]
        names = sum(squash(cell) in known for cell in _split(head[0], parser))
        return names, widths.count(widths[0]) / len(widths) if widths[0] > 1 else 0.0, widths[0]

    return max(_DELIMITERS, key=fit) if head else ","


def _guess_quoting(head: list[str], delimiter: str) -> bool:
    """Tell whether quotation marks wrap cells; in tab-separated files they usually belong to names."""
    if delimiter != "\t":
        return True
    wrapped = re.compile(r'(?:^|\t)"[^\t]*"(?=\t|\s*$)')
    return sum(1 for line in head if wrapped.search(line)) > len(head) / 2
