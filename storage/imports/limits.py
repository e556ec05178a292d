"""Limits on imported files: how many bytes one may unpack to, and how many rows and names it may have.

Every reader is opened as `Guarded`, and every compressed byte goes through `Inflated` or through an archive
that `contents.members` has checked.  So any file takes bounded memory and time, and ends in rows, reasons
(`Skipped`) or one sentence (`ImportFormatError`).
"""

import gzip
import logging
import lzma
import math
import struct
import zipfile
import zlib
from collections.abc import Callable, Generator
from pathlib import Path
from typing import BinaryIO, NamedTuple, Self

from storage.rows import (
    ImportFormatError,
    ListenRow,
    Reader,
    Row,
    Skipped,
    TaggingRow,
    TrackRow,
)

log = logging.getLogger(__name__)

MOST_MEMBERS = 5_000
MOST_BYTES = 16 << 30  # unpacked; the size of the largest public data sets
# Texts of this kind compress to a fiftieth at best; a higher ratio is an attack on the disk.
MOST_RATIO = 100
_ANY_RATIO = 4 << 20  # bytes always allowed: a short, repetitive text compresses better than any export
UNREADABLE = (
    OSError,
    EOFError,
    ValueError,
    RuntimeError,
    NotImplementedError,
    struct.error,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
)
"""The errors of reading damaged, encrypted or truncated bytes, in any compression."""


DAMAGED = "damaged file, nothing read from there on"


class Limits(NamedTuple):
    """The maximum number of rows in one file, and of user and artist names over all files."""

    rows: int
    users: int
    artists: int


PERSON = Limits(rows=5_000_000, users=100_000, artists=500_000)
"""Limits for one user's history: a track every two minutes for twenty years."""
DATA_SET = Limits(rows=200_000_000, users=2_000_000, artists=5_000_000)
"""Limits for public data sets, which have at most a million users."""


def most_unpacked(packed: int) -> int:
    """Return how many bytes `packed` bytes may unpack to."""
    return min(MOST_BYTES, max(_ANY_RATIO, MOST_RATIO * packed))


class Inflated(gzip.GzipFile):
    """The bytes of a gzip file; reading past the limit for its size raises OSError."""

    def __init__(self, packed: BinaryIO, size: int) -> None:
        """Read from `packed`, which has `size` bytes."""
        super().__init__(fileobj=packed)
        self._left = most_unpacked(size)

    def read(self, size: int | None = -1) -> bytes:
        """Read up to `size` bytes, as a file does."""
        return self._counted(super().read(size))

    def read1(self, size: int = -1) -> bytes:
        """Read with at most one call to the stream below."""
        return self._counted(super().read1(size))

    def _counted(self, data: bytes) -> bytes:
        self._left -= len(data)
        if self._left < 0:
            raise OSError(f"it unpacks to more than {MOST_RATIO} times its size")
        return data


class Distinct:
    """A counter of distinct names in one megabyte, however many there are: linear counting.

    Whang, Vander-Zanden and Taylor, "A Linear-Time Probabilistic Counting Algorithm" (TODS 1990): a name sets
    one of m bits, and n names leave m exp(-n / m) bits unset.  The error is below 1 % up to 20 million names.
    """

    _BITS = 1 << 23

    def __init__(self, most: int) -> None:
        """Allow up to `most` names."""
        self._set = bytearray(self._BITS >> 3)
        self._free = self._BITS * math.exp(-most / self._BITS)
        self._unset = self._BITS

    def is_too_many_with(self, name: str) -> bool:
        """Count a name; tell whether there are now too many."""
        place = hash(name) & (self._BITS - 1)
        if self._set[place >> 3] & 1 << (place & 7):
            return False
        self._set[place >> 3] |= 1 << (place & 7)
        self._unset -= 1
        return self._unset < self._free


_BY_USERS = (ListenRow, TaggingRow)
_OF_ARTISTS = (ListenRow, TaggingRow, TrackRow)


class Guarded:
    """A reader within limits: everything beyond them, or after an error of its own, is one `Skipped`."""

    def __init__(self, reader: Reader, limits: Limits) -> None:
        self.source, self.platform = reader.source, reader.platform
        self._reader = reader
        self._limits = limits

    def rows(self) -> Generator[Row, None, None]:
        """Yield the reader's rows up to the limits."""
        users, artists = Distinct(self._limits.users), Distinct(self._limits.artists)
        line = 0
        try:
            for number, row in enumerate(self._reader.rows()):
                line = row.line
                if number >= self._limits.rows:
                    yield Skipped(line, "more rows than a file may have, nothing read from there on")
                    return
                if isinstance(row, _BY_USERS) and users.is_too_many_with(row.user):
                    yield Skipped(line, "more users than a file may have, nothing read from there on")
                    return
                if isinstance(row, _OF_ARTISTS) and artists.is_too_many_with(row.artist):
                    yield Skipped(line, "more artists than a file may have, nothing read from there on")
                    return
                yield row
        except Exception:
            log.exception("the reader of %s failed after line %d", self.source, line)
            yield Skipped(line + 1, DAMAGED)

    def progress(self) -> float:
        """Return the share of the file's bytes that has been read, 0 to 1."""
        return self._reader.progress()

    def digest(self) -> str:
        """Return a digest of the file's bytes."""
        return self._reader.digest()

    @classmethod
    def opened(cls, open_: Callable[[], Reader], path: Path, limits: Limits) -> Self:
        """Return the reader that `open_` makes, guarded; raise ImportFormatError if `open_` fails."""
        try:
            return cls(open_(), limits)
        except ImportFormatError:
            raise
        except Exception as error:
            log.exception("a file could not be opened")
            raise ImportFormatError(
                "{} cannot be read ({}); is the file whole?", path, type(error).__name__
            ) from error
