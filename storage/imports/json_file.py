"""Entries of a JSON document or of JSON lines, one at a time, whatever the document's size."""

import json
import re
import zipfile
import zlib
from collections.abc import Generator, Iterator
from typing import Any, BinaryIO

import ijson

from storage.imports.contents import Member
from storage.imports.rows import ImportFormatError, Skipped
from storage.imports.text_file import BadLineError, TextFile

Entry = dict[str, Any]

LONGEST_ENTRY = 1 << 20  # bytes; what services write for one listen are a few hundred
_CHUNK = 1 << 16
# The parser names every level by its whole path, so that what is nested deeply costs its square.  No export
# has more than ten levels; brackets in names come in pairs, more or less.
_DEEPEST = 300
_TOO_DEEP = re.compile(rb"[\[{](?:[^\[\]{}]*[\[{]){%d}" % _DEEPEST)
_DEPTHS = 200  # events looked at to find where the entries are
_BAD_JSON = (ijson.JSONError, UnicodeError, ValueError, OverflowError, RecursionError)
_UNREADABLE = (OSError, EOFError, zlib.error, zipfile.BadZipFile)


class _TooLongError(ValueError):
    """An entry that does not end."""


class _Watched:
    """A file that is not read far beyond one entry, nor deeply into one: none can fill the memory."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._since = 0
        self.read_bytes = 0

    def read(self, n: int = -1) -> bytes:
        if self._since > LONGEST_ENTRY:
            raise _TooLongError(f"an entry longer than {LONGEST_ENTRY:,} bytes")
        data = self._file.read(min(n, _CHUNK) if n >= 0 else _CHUNK)
        if _is_too_deep(data):
            raise _TooLongError("entries within entries without end")
        self._since += len(data)
        self.read_bytes += len(data)
        return data

    def entry_done(self) -> None:
        self._since = 0


def _is_too_deep(data: bytes) -> bool:
    opened = data.count(b"[") + data.count(b"{")
    if opened <= _DEEPEST:  # the search is much slower than counting, and hardly ever needed
        return False
    return opened - data.count(b"]") - data.count(b"}") > _DEEPEST or _TOO_DEEP.search(data) is not None


class JsonFile:
    """The entries of one member: of an array, at the top or under one name, or one to a line."""

    def __init__(self, member: Member) -> None:
        """Find where the entries are; raise ImportFormatError if this is no JSON, or none with entries."""
        self.member = member
        self._size = max(member.size, 1)
        self._done = 0.0
        head = member.head().removeprefix(b"\xef\xbb\xbf").lstrip()
        if not head.startswith((b"[", b"{")):
            raise ImportFormatError("{} is no JSON; save it as JSON in UTF-8.", member)
        self._prefix = None if head.startswith(b"{") and _is_line(head) else self._found()

    def sample(self, n: int = 50) -> Iterator[Entry]:
        """Yield up to `n` of the first entries that can be read."""
        for number, (_, entry) in enumerate(self.entries()):
            if number == n:
                return
            if isinstance(entry, dict):
                yield entry

    def entries(self) -> Generator[tuple[int, Entry | Skipped], None, None]:
        """Yield (number from 1, entry) in order; what cannot be read comes as Skipped."""
        yield from self._lines() if self._prefix is None else self._items(self._prefix)
        self._done = 1.0

    def progress(self) -> float:
        """Return the share of the bytes that is read, 0 to 1."""
        return min(self._done, 1.0)

    def _found(self) -> str:
        try:
            with self.member.plain() as file:
                events = ijson.parse(_Watched(_without_bom(file)))
                for _, (prefix, event, _value) in zip(range(_DEPTHS), events, strict=False):
                    if event == "start_array" and "." not in prefix:
                        return f"{prefix}.item".lstrip(".")
        except (*_BAD_JSON, *_UNREADABLE) as error:
            said = "{} is damaged JSON ({}); download it again."
            raise ImportFormatError(said, self.member, _short(error)) from error
        raise ImportFormatError("{} is JSON without a list of listens.", self.member)

    def _items(self, prefix: str) -> Iterator[tuple[int, Entry | Skipped]]:
        number = 0
        try:
            with self.member.plain() as file:
                watched = _Watched(_without_bom(file))
                for entry in ijson.items(watched, prefix, use_float=True):
                    number += 1
                    watched.entry_done()
                    self._done = watched.read_bytes / self._size
                    what = entry if isinstance(entry, dict) else Skipped(number, "an entry without names")
                    yield number, what
        except (*_BAD_JSON, *_UNREADABLE) as error:
            reason = f"damaged file, nothing read from there on: {_short(error)}"
            yield number + 1, Skipped(number + 1, reason)

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
    """Tell JSON lines from a document over many lines, or with all its entries in one."""
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
