"""Entries of a JSON document or of JSON lines, one at a time, for documents of any size."""

import json
import re
from collections.abc import Generator, Iterator
from contextlib import closing
from itertools import islice
from typing import Any, BinaryIO

import ijson

from storage.imports.contents import Member
from storage.imports.limits import DAMAGED, UNREADABLE
from storage.imports.text_file import BadLineError, TextFile
from storage.rows import ImportFormatError, Skipped

Entry = dict[str, Any]
LINES = ""
"""The place of entries in JSON lines."""

LONGEST_ENTRY = 1 << 20  # bytes; services write a few hundred per play
_CHUNK = 1 << 16
# The parser keeps the whole path of every level, so deep nesting costs its square.  No export has more than
# ten levels; brackets in names usually come in pairs.
_DEEPEST = 300
_TOO_DEEP = re.compile(rb"[\[{](?:[^\[\]{}]*[\[{]){%d}" % _DEEPEST)
_EVENTS = 20_000  # parser events read to find the entries
_LEVELS = 4  # of arrays and objects around the entries: an array of pages with lists has four
_PLACES = 16  # places checked in detail
_SAMPLE = 50
_BAD_JSON = (ijson.JSONError, UnicodeError, ValueError, OverflowError, RecursionError)


class _TooLongError(ValueError):
    """An entry over the length limit."""


class _Watched:
    """A file that raises an error if an entry is too long or too deep, so that none can fill the memory."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._since = 0
        self.read_bytes = 0

    def read(self, n: int = -1) -> bytes:
        """Read up to `n` bytes; fail if an entry is too long or too deep."""
        if self._since > LONGEST_ENTRY:
            raise _TooLongError(f"an entry longer than {LONGEST_ENTRY:,} bytes")
        data = self._file.read(min(n, _CHUNK) if n >= 0 else _CHUNK)
        if _is_too_deep(data):
            raise _TooLongError("entries within entries without end")
        self._since += len(data)
        self.read_bytes += len(data)
        return data

    def entry_done(self) -> None:
        """Reset the length of the current entry."""
        self._since = 0


def _is_too_deep(data: bytes) -> bool:
    opened = data.count(b"[") + data.count(b"{")
    if opened <= _DEEPEST:  # the search is much slower than counting, and rarely needed
        return False
    return opened - data.count(b"]") - data.count(b"}") > _DEEPEST or _TOO_DEEP.search(data) is not None


class JsonFile:
    """The entries of one member: of an array at any depth, in one or several documents, or one per line.

    `places()` returns the possible places of entries; `entries` reads one place.
    """

    def __init__(self, member: Member) -> None:
        """Read the beginning; raise ImportFormatError if it is not JSON, or has no entries."""
        self.member = member
        self._size = max(member.size, 1)
        self._done = 0.0
        head = member.head().removeprefix(b"\xef\xbb\xbf").lstrip()
        if not head.startswith((b"[", b"{")):
            raise ImportFormatError("{} is no JSON; save it as JSON in UTF-8.", member)
        self._has_lines = head.startswith(b"{") and _is_line(head)

    def places(self) -> list[str]:
        """Return the possible places of entries, as paths: LINES first, then arrays, outer before inner.

        Raises ImportFormatError if the file is damaged before the first of them, or has none.
        """
        arrays: dict[str, None] = {}
        try:
            with self.member.plain() as file:
                events = ijson.parse(_Watched(_without_bom(file)), multiple_values=True)
                for _, (path, event, _value) in zip(range(_EVENTS), events, strict=False):
                    if event == "start_array" and path.count(".") < _LEVELS:
                        arrays[f"{path}.item".lstrip(".")] = None
        except (*_BAD_JSON, *UNREADABLE) as error:
            if not arrays and not self._has_lines:
                said = "{} is damaged JSON ({}); download it again."
                raise ImportFormatError(said, self.member, _short(error)) from error
        found = [LINES] if self._has_lines else []
        found += sorted(arrays, key=lambda path: path.count("."))[:_PLACES]
        if not found:
            raise ImportFormatError("{} is JSON without a list of listens.", self.member)
        return found

    def sample(self, place: str) -> Iterator[Entry]:
        """Yield some of the first readable entries of a place."""
        with closing(self.entries(place)) as entries:
            for _, entry in islice(entries, _SAMPLE):
                if isinstance(entry, dict):
                    yield entry

    def entries(self, place: str) -> Generator[tuple[int, Entry | Skipped], None, None]:
        """Yield (number from 1, entry) in order; unreadable entries are Skipped."""
        yield from self._lines() if place == LINES else self._items(place)
        self._done = 1.0

    def progress(self) -> float:
        """Return the share of the bytes that has been read, 0 to 1."""
        return min(self._done, 1.0)

    def _items(self, place: str) -> Iterator[tuple[int, Entry | Skipped]]:
        number = 0
        try:
            with self.member.plain() as file:
                watched = _Watched(_without_bom(file))
                for entry in ijson.items(watched, place, use_float=True, multiple_values=True):
                    number += 1
                    watched.entry_done()
                    self._done = watched.read_bytes / self._size
                    what = entry if isinstance(entry, dict) else Skipped(number, "an entry without names")
                    yield number, what
        except (*_BAD_JSON, *UNREADABLE):
            yield number + 1, Skipped(number + 1, DAMAGED)

    def _lines(self) -> Iterator[tuple[int, Entry | Skipped]]:
        text = TextFile(self.member, longest=LONGEST_ENTRY, json=True)
        with text.lines() as lines:
            while True:
                try:
                    line = next(lines)
                except StopIteration:
                    return
                except BadLineError as bad:
                    yield bad.line, Skipped(bad.line, bad.reason)
                    continue
                done, size = text.position()
                self._done = done / size
                if line.strip():
                    yield lines.number, _entry(lines.number, line)


def _entry(number: int, line: str) -> Entry | Skipped:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return Skipped(number, "a line that is no JSON")
    return entry if isinstance(entry, dict) else Skipped(number, "an entry without names")


def _is_line(head: bytes) -> bool:
    """Tell JSON lines from a document with line breaks, or with all its entries on one line."""
    try:
        entry = json.loads(head.partition(b"\n")[0])
    except (ValueError, RecursionError):
        return False
    lists = [value for value in entry.values() if isinstance(value, list) and value]
    return not any(isinstance(value[0], dict) for value in lists)


def _without_bom(file: BinaryIO) -> BinaryIO:
    if file.read(3) != b"\xef\xbb\xbf":
        file.seek(0)
    return file


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:80] or type(error).__name__
