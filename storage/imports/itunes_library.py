"""An iTunes or Apple Music library, exported as XML: a property list with a dict per track.

A track has as many plays as its play count; one without plays is a saved track, a loved one is a like.
"""

from collections.abc import Generator, Iterator
from typing import Any, BinaryIO

from storage.imports.cells import MOST_PLAYS, CellError, whole
from storage.imports.contents import Member
from storage.imports.entries import NO_MUSIC, named, text
from storage.imports.limits import DAMAGED, UNREADABLE
from storage.records import Kind
from storage.rows import ListenRow, Options, Row, Skipped

SOURCE = "apple-file"
_DEPTH = 4  # plist, dict, the dict of Tracks, the dict of a track
_LONGEST_SONG = 1 << 20  # bytes; iTunes writes a few thousand per track
_NO_SONGS = ("Podcast", "Movie", "TV Show", "Has Video", "Audiobooks", "Books")
_LOVED = ("Loved", "Favorited")


def is_library(head: bytes) -> bool:
    """Tell whether a file with this beginning is a property list with tracks."""
    return b"<plist" in head[:1_000] and b"<key>Tracks</key>" in head


class _Watched:
    """A file that raises an error if one track is too long."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.since_song = self.read_bytes = 0

    def read(self, n: int) -> bytes:
        """Read up to `n` bytes; fail if a track is too long."""
        if self.since_song > _LONGEST_SONG:
            raise ValueError("a song that does not end")
        data = self._file.read(n)
        self.since_song += len(data)
        self.read_bytes += len(data)
        return data


class ItunesLibraryReader:
    """Reader of one library."""

    platform = "terminal"

    def __init__(self, member: Member, options: Options) -> None:
        """Open a library; `options.account` is its owner."""
        self.source = options.source or SOURCE
        self._member = member
        self._user = options.account or ""
        self._done = 0.0

    def rows(self) -> Generator[Row, None, None]:
        """Yield the rows of each track."""
        number = 0
        try:
            for number, song in enumerate(self._songs(), 1):
                try:
                    yield from self._read(number, song)
                except CellError as error:
                    yield Skipped(number, str(error))
        except (*UNREADABLE, SyntaxError):  # lxml's errors are of this kind
            yield Skipped(number + 1, DAMAGED)
        self._done = 1.0

    def progress(self) -> float:
        """Return the share of the file's bytes that has been read, 0 to 1."""
        return min(self._done, 1.0)

    def digest(self) -> str:
        """Return a digest of the file's bytes."""
        return self._member.digest()

    def _songs(self) -> Iterator[dict[str, str]]:
        from lxml import etree  # noqa: PLC0415 - heavy

        size = max(self._member.size, 1)
        with self._member.plain() as file:
            watched = _Watched(file)
            depth = 0
            for event, element in etree.iterparse(
                watched, ("start", "end"), resolve_entities=False, no_network=True
            ):
                depth += 1 if event == "start" else -1
                if event != "end" or depth != _DEPTH - 1:
                    continue
                parent = element.getparent()
                if element.tag == "dict" and parent is not None and parent.tag == "dict":
                    yield _values(element)
                    watched.since_song, self._done = 0, watched.read_bytes / size
                element.clear()
                while parent is not None and element.getprevious() is not None:
                    del parent[0]

    def _read(self, number: int, song: dict[str, str]) -> Iterator[Row]:
        if any(song.get(name) == "true" for name in _NO_SONGS):
            raise CellError(NO_MUSIC)
        names = named(song.get("Artist"), song.get("Name"))
        album = text(song.get("Album")) or None
        plays = whole(song.get("Play Count", ""), MOST_PLAYS, "play count")
        row = ListenRow(number, self._user, *names, plays=plays or None, album=album)
        yield row if plays else _of_kind(row, Kind.SAVE)
        if any(song.get(name) == "true" for name in _LOVED):
            yield _of_kind(row, Kind.LIKE)


def _of_kind(row: ListenRow, kind: Kind) -> ListenRow:
    return ListenRow(row.line, row.user, row.artist, row.title, album=row.album, kind=kind)


def _values(element: Any) -> dict[str, str]:  # noqa: ANN401 - lxml's elements have no public type
    """Return the keys and values of a property list's dict; `true` and `false` as these words."""
    children = list(element)
    return {
        str(key.text): value.text or ("" if value.tag == "string" else str(value.tag))
        for key, value in zip(children[::2], children[1::2], strict=False)
        if isinstance(value.tag, str)
    }
