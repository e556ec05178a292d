"""The Echo Nest taste profile of the Million Song Dataset: triplets of user, song and play count.

The songs' names are in a second file, `unique_tracks.txt`, in the same folder.
"""

import re
from collections.abc import Generator

from storage.imports.contents import Member
from storage.imports.names import clean
from storage.imports.text_file import BadLineError, TextFile
from storage.rows import ListenRow, Row, Skipped

SOURCE = "taste-profile"
_TRIPLET = re.compile(r"([0-9a-f]{40})\t(SO[0-9A-Z]{16})\t([0-9]{1,7})\s*")
_SEPARATOR = "<SEP>"


def is_triplets(first_line: str) -> bool:
    """Tell whether a file with this first line contains triplets."""
    return _TRIPLET.fullmatch(first_line) is not None


def is_songs(first_line: str) -> bool:
    """Tell whether a file with this first line contains the songs' names."""
    return first_line.count(_SEPARATOR) == 3


class TasteProfileReader:
    """Reader of triplets with their songs' names; each user is a background user."""

    source = platform = SOURCE

    def __init__(self, triplets: Member, songs: Member) -> None:
        """Open both files; `rows` loads the names of `songs` into memory, about a million."""
        self._file, self._songs = TextFile(triplets), songs

    def rows(self) -> Generator[Row, None, None]:
        """Yield a total per triplet; triplets of unnamed songs are skipped."""
        names = dict(self._names())
        with self._file.lines() as lines:
            while True:
                try:
                    found = _TRIPLET.fullmatch(next(lines))
                except StopIteration:
                    return
                except BadLineError as bad:
                    yield Skipped(bad.line, bad.reason)
                    continue
                if found is None:
                    yield Skipped(lines.number, "no triplet of user, song and count")
                elif found[2] not in names:
                    yield Skipped(lines.number, "a song without a name in unique_tracks.txt")
                else:
                    yield ListenRow(lines.number, found[1], *names[found[2]], plays=int(found[3]))

    def _names(self) -> Generator[tuple[str, tuple[str, str]], None, None]:
        with TextFile(self._songs).lines() as lines:
            while True:
                try:
                    parts = next(lines).rstrip("\n").split(_SEPARATOR)
                except StopIteration:
                    return
                except BadLineError:  # its songs are reported as unnamed
                    continue
                if len(parts) == 4 and all(names := (clean(parts[2]).text, clean(parts[3]).text)):
                    yield parts[1], names

    def progress(self) -> float:
        """Return the share of the triplets that has been read, 0 to 1."""
        done, size = self._file.position()
        return done / size

    def digest(self) -> str:
        """Return a digest of the triplets' bytes."""
        return self._file.digest()
