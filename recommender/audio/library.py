"""A folder of music files as rows of an import: each file is heard, and only what it sounds like is kept."""

import logging
import os
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple

import numpy as np

from recommender.arrays import Floats
from recommender.audio.acoustid_names import Named
from recommender.audio.ear import MISSING as NO_EXTRA
from recommender.audio.ear import Ear, can_hear
from recommender.audio.file_names import FileNames
from recommender.audio.hearing import Hearing
from recommender.errors import MusicError, NotKnown, Unavailable
from storage.imports import HeardRow, Noted, Row, Skipped

_ENDINGS = ".mp3 .flac .wav .ogg .oga .opus .m4a .aac .mp4 .webm .mka .mkv .wma .aif .aiff .ape .wv .mov"
ENDINGS = frozenset(_ENDINGS.split())
_BLOCK = 1 << 20
_AHEAD = 4  # files in work per process
_OUTSIDE = "link that leads out of the folder"
_AGAIN = "file heard before"
_NAMELESS = "file without artist and title in its tags or name"

log = logging.getLogger(__name__)


class _File(NamedTuple):
    line: int
    path: Path
    digest: str


class LibraryReader:
    """Reads a folder; a file whose digest is `known` is not heard again."""

    source = "audio"
    platform = "audio"

    def __init__(
        self, folder: Path, known: frozenset[str], processes: int = 1, *, named: Named | None = None
    ) -> None:
        """Ask `named` for the names of files that say none.

        Raise NotKnown if there is no such folder, Unavailable without the extra.
        """
        if not can_hear():
            raise Unavailable(NO_EXTRA)
        if not folder.is_dir():
            raise NotKnown("There is no folder {}. Name the one with your music files.", folder)
        self._folder, self._known, self._named = folder.resolve(), set(known), named
        self._processes = max(1, processes)
        self._paths = sorted(_files(self._folder))
        if not self._paths:
            raise NotKnown("There are no music files in {}.", folder)
        self._done = 0

    def rows(self) -> Generator[Row, None, None]:
        """Yield one row per file, heard in several processes."""
        ears: SimpleQueue[Ear] = SimpleQueue()
        all_ears = [Ear() for _ in range(self._processes)]
        for ear in all_ears:
            ears.put(ear)

        def heard(file: _File) -> Row:
            ear = ears.get()
            try:
                return _row(file, ear, self._folder, self._named)
            finally:
                ears.put(ear)

        try:
            with ThreadPoolExecutor(self._processes) as pool:
                waiting: list[_File] = []
                for row in self._listed(waiting):
                    if row is not None:
                        self._done += 1
                        yield row
                    if len(waiting) >= self._processes * _AHEAD:
                        yield from self._counted(pool.map(heard, waiting))
                        waiting.clear()
                yield from self._counted(pool.map(heard, waiting))
        finally:
            for ear in all_ears:
                ear.close()

    def _listed(self, waiting: list[_File]) -> Iterator[Row | None]:
        """Add the files to hear to `waiting`; yield a row for those that need no hearing."""
        for line, path in enumerate(self._paths, 1):
            if not path.resolve().is_relative_to(self._folder):
                yield Skipped(line, _OUTSIDE)
                continue
            try:
                digest = _digest(path)
            except OSError as error:
                yield Skipped(line, f"file that cannot be read ({error.strerror})")
                continue
            if digest in self._known:
                yield Noted(line, _AGAIN)
                continue
            self._known.add(digest)
            waiting.append(_File(line, path, digest))
            yield None

    def _counted(self, rows: Iterator[Row]) -> Iterator[Row]:
        for row in rows:
            self._done += 1
            yield row

    def progress(self) -> float:
        """Return the share of the files that is done, 0 to 1."""
        return self._done / len(self._paths)

    def digest(self) -> str:
        """Return a digest of the files' paths."""
        return blake2b("\0".join(map(str, self._paths)).encode(errors="replace"), digest_size=16).hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    for root, _, names in os.walk(folder):  # follows no links to folders
        yield from (Path(root, name) for name in names if Path(name).suffix.casefold() in ENDINGS)


def _digest(path: Path) -> str:
    found = blake2b(digest_size=16)
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            found.update(block)
    return found.hexdigest()


def _row(file: _File, ear: Ear, folder: Path, named: Named | None) -> Row:
    try:
        heard, names = ear.read(file.path, folder)
        if heard.sound != "music":
            return Skipped(file.line, f"{heard.sound} instead of music")
        if named is not None and not names.is_complete:
            names = named(heard)
    except MusicError as error:
        return Skipped(file.line, str(error))
    if not names.is_complete:
        return Skipped(file.line, _NAMELESS)
    return _of(file, heard, names)


def _of(file: _File, heard: Hearing, names: FileNames) -> HeardRow:
    return HeardRow(
        file.line,
        names.artist,
        names.title,
        file.digest,
        halves(heard.vector),
        halves(heard.tags),
        None if np.isnan(heard.tempo) else heard.tempo,
        heard.key,
        heard.loudness,
        heard.sung,
        heard.fingerprint.astype("<u4").tobytes() if len(heard.fingerprint) else None,
        album=names.album,
        year=names.year,
        duration_ms=round(1000 * heard.seconds) if heard.is_whole else None,
        ids=(("isrc", names.isrc),) if names.isrc else (),
    )


def halves(values: Floats) -> bytes:
    """Return values as little-endian float16, as stored."""
    return np.asarray(values, dtype="<f2").tobytes()
