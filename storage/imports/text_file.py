"""A text file from anywhere: plain or gzip, UTF-8 or not, complete or cut off, with lines of any length."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Self, TextIO, cast

from storage.imports.contents import Member, is_archive
from storage.imports.limits import DAMAGED, UNREADABLE, Inflated
from storage.rows import ImportFormatError

_BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_GZIP = b"\x1f\x8b"
_JSON = re.compile(r"\s*(\{|\[\s*(\{|$))")


class BadLineError(Exception):
    """An unreadable line.  The lines after it can still be read."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


class TextFile:
    """A file that exists, is not empty and begins with text.

    Bytes that are not UTF-8 become lone surrogates (`surrogateescape`), for `names.clean` to repair.
    """

    def __init__(self, path: Path | Member, *, longest: int = 1 << 20, json: bool = False) -> None:
        """Check `path`; each line of more than `longest` characters will raise BadLineError.

        `json` allows JSON lines, which a table does not have. Raises ImportFormatError with a sentence if
        there is nothing to read.
        """
        self.path = path
        self._member = path if isinstance(path, Member) else Member(path)
        self._longest = longest
        self._raw: BinaryIO | None = None
        self._finished = False
        try:
            self._size, start = _begin(self._member)
            self._gzipped = start.startswith(_GZIP)
            with self._binary() as file:
                start = file.read(4)
        except UNREADABLE as error:
            raise ImportFormatError(
                "{} cannot be read ({}); is the file whole and yours?",
                path,
                error,
            ) from error
        self._encoding = next((name for bom, name in _BOMS.items() if start.startswith(bom)), "utf-8")
        self._refuse_what_is_no_text(json=json)

    def head(self, n: int) -> list[str]:
        """Return the first `n` readable lines."""
        found: list[str] = []
        with self.lines() as lines:
            while len(found) < n:
                try:
                    found.append(next(lines))
                except BadLineError:
                    continue
                except StopIteration:
                    break
        self._finished = False  # this only reads the beginning
        return found

    @contextmanager
    def lines(self) -> Iterator["Lines"]:
        """Open the file at its beginning, for as long as the context lasts."""
        errors = "replace" if self._encoding == "utf-16" else "surrogateescape"
        with self._binary() as binary, io.TextIOWrapper(binary, self._encoding, errors) as text:
            self._finished = False
            yield Lines(text, self._longest)
            self._finished = True

    def position(self) -> tuple[int, int]:
        """Return the number of bytes read so far, and the size of the file."""
        if self._raw is None or self._raw.closed:
            return (self._size if self._finished else 0), self._size
        return self._raw.tell(), self._size

    def digest(self) -> str:
        """Return the BLAKE2b digest of the file's bytes (reads the whole file)."""
        return self._member.digest()

    @contextmanager
    def _binary(self) -> Iterator[BinaryIO]:
        with self._member.open() as raw:
            self._raw = raw
            if self._gzipped:
                with Inflated(raw, self._size) as unzipped:
                    yield cast("BinaryIO", unzipped)  # typeshed does not declare it as one
            else:
                yield raw

    def _refuse_what_is_no_text(self, *, json: bool) -> None:
        with self.lines() as lines:
            try:
                line = next(lines)
                while not line.strip():
                    line = next(lines)
            except StopIteration:
                raise ImportFormatError(
                    "{} is empty; choose a file with something in it.",
                    self.path,
                ) from None
            except BadLineError as bad:
                raise ImportFormatError(
                    "{} is no text table ({}, line {}); save it as CSV in UTF-8.",
                    self.path,
                    bad.reason,
                    bad.line,
                ) from bad
        if not json and _JSON.match(line):
            raise ImportFormatError("{} is JSON, not a table; save it as CSV with a row per line.", self.path)
        self._finished = False


class Lines:
    """An iterator over lines that continues after a bad one: `next` raises BadLineError for it, once."""

    def __init__(self, text: TextIO, longest: int) -> None:
        self.number = 0  # of the last line returned or refused, from 1
        self._text = text
        self._longest = longest

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        try:
            line = self._text.readline(self._longest)
            if not line:
                raise StopIteration
            self.number += 1
            if len(line) == self._longest and line[-1] != "\n":
                self._pass_over_the_rest()
                raise BadLineError(self.number, f"longer than {self._longest:,} characters")
        except UNREADABLE as error:
            self._text = io.StringIO()
            raise BadLineError(self.number + 1, DAMAGED) from error
        if "\0" in line:
            raise BadLineError(self.number, "NUL characters")
        return line

    def _pass_over_the_rest(self) -> None:
        while (rest := self._text.readline(self._longest)) and rest[-1] != "\n":
            pass


def _begin(member: Member) -> tuple[int, bytes]:
    """Return the size and the first bytes."""
    if member.inside is None:
        _refuse_what_is_no_file(member.path)
    with member.open() as file:
        start = file.read(4)
    if not start:
        raise ImportFormatError("{} is empty; choose a file with something in it.", member)
    if is_archive(start):
        raise ImportFormatError(
            "{} is a zip archive or a spreadsheet; unpack it or save it as CSV first.",
            member,
        )
    return member.size, start


def _refuse_what_is_no_file(path: Path) -> None:
    if path.is_dir():
        raise ImportFormatError("{} is a folder; name the file in it that is to be read.", path)
    if not path.exists():
        raise ImportFormatError("{} does not exist; check the spelling of the path.", path)
    if not path.is_file():
        raise ImportFormatError("{} is not an ordinary file; save what it gives to a file first.", path)
