"""The files at a path: a file, the files of a folder, or those in a zip archive, without unpacking it."""

import hashlib
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from storage.imports.limits import MOST_MEMBERS, UNREADABLE, Inflated, most_unpacked
from storage.imports.names import clean
from storage.rows import ImportFormatError

_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_BUFFER = 1 << 16
_ENCRYPTED = 0x1
# The only hidden file with a history: players write it to the root of their card.
_LOG = ".scrobbler.log"


@dataclass(frozen=True)
class Member:
    """One file, on disk or in an archive.  It opens like a path; `name` is for display."""

    path: Path
    inside: zipfile.ZipInfo | None = None  # its entry in the archive `path`

    @property
    def name(self) -> str:
        """The file's own name, cleaned for display."""
        return clean(Path(self.inside.filename).name if self.inside else self.path.name).text or "a file"

    @property
    def size(self) -> int:
        """Size in bytes, unpacked."""
        return self.inside.file_size if self.inside else self.path.stat().st_size

    def __str__(self) -> str:
        return str(self.path) if self.inside is None else f"{self.path} ({self.name})"

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Open the raw bytes."""
        if self.inside is None:
            with self.path.open("rb") as file:
                yield file
        else:
            with zipfile.ZipFile(self.path) as archive, archive.open(self.inside) as file:
                yield cast("BinaryIO", file)  # typeshed does not declare it as one

    @contextmanager
    def plain(self) -> Iterator[BinaryIO]:
        """Open the bytes, decompressed if they are gzip."""
        with self.open() as raw:
            is_gzip = raw.read(2) == _GZIP
            raw.seek(0)
            if is_gzip:
                with Inflated(raw, self.size) as unzipped:
                    yield cast("BinaryIO", unzipped)
            else:
                yield raw

    def head(self, n: int = _BUFFER) -> bytes:
        """Return the first `n` bytes, decompressed; raise ImportFormatError if they cannot be read."""
        try:
            with self.plain() as file:
                return file.read(n)
        except UNREADABLE as error:
            raise ImportFormatError("{} cannot be read ({}); is the file whole?", self, error) from error

    def digest(self) -> str:
        """Return the BLAKE2b digest of the bytes; of a damaged file, as far as it can be read."""
        digest = hashlib.blake2b()
        with suppress(*UNREADABLE), self.open() as file:
            while chunk := file.read(_BUFFER):
                digest.update(chunk)
        return digest.hexdigest()[:32]


def is_archive(head: bytes) -> bool:
    """Tell whether a file with this beginning is a zip archive (a spreadsheet is one too)."""
    return head.startswith(_ZIP)


def members(path: Path) -> list[Member]:
    """Return the files at a path in the order of their names: the file itself, or its contents.

    Raises ImportFormatError with a sentence if there is nothing to read, or too much.
    """
    if path.is_dir():
        return _in_folder(path)
    if not path.exists():
        raise ImportFormatError("{} does not exist; check the spelling of the path.", path)
    if not path.is_file():
        raise ImportFormatError("{} is not an ordinary file; save what it gives to a file first.", path)
    single = Member(path)
    if not single.size:
        raise ImportFormatError("{} is empty; choose a file with something in it.", path)
    with single.open() as file:
        start = file.read(len(_ZIP))
    return _in_archive(path) if is_archive(start) else [single]


def _in_folder(path: Path) -> list[Member]:
    found: list[Member] = []
    for file in sorted(path.rglob("*")):
        # A link may lead anywhere; exports contain none.
        if file.is_symlink() or not file.is_file() or _is_hidden(file.name) or not file.stat().st_size:
            continue
        found.append(Member(file))
        if len(found) > MOST_MEMBERS:
            raise ImportFormatError(
                "{} holds more than {} files; name the one to read.",
                path,
                f"{MOST_MEMBERS:,}",
            )
    if not found:
        raise ImportFormatError("{} is a folder without files; choose another one.", path)
    return found


def _in_archive(path: Path) -> list[Member]:
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except UNREADABLE as error:
        raise ImportFormatError("{} is no whole zip archive ({}); download it again.", path, error) from error
    files = [info for info in infos if info.filename and not info.is_dir() and info.file_size]
    unpacked = sum(info.file_size for info in files)
    if len(files) > MOST_MEMBERS or unpacked > most_unpacked(path.stat().st_size):
        raise ImportFormatError(
            "{} would unpack to {} bytes in {} files, which no export does; choose the archive as the "
            "service gave it to you.",
            path,
            f"{unpacked:,}",
            f"{len(files):,}",
        )
    if any(info.flag_bits & _ENCRYPTED for info in files):
        raise ImportFormatError("{} is encrypted; unpack it with its password and bring the files.", path)
    shown = [info for info in files if not _is_hidden(Path(info.filename).name)]
    if not shown:
        raise ImportFormatError("{} is an empty archive; choose another one.", path)
    return [Member(path, info) for info in sorted(shown, key=lambda info: info.filename)]


def _is_hidden(name: str) -> bool:
    return name.startswith(".") and name.casefold() != _LOG
