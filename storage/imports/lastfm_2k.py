"""The HetRec 2011 Last.fm 2K folder: play counts, tags and friends of 1,892 users.

Cantador, Brusilovsky, Kuflik: 2nd Workshop on Information Heterogeneity and Fusion in Recommender Systems,
RecSys 2011.  Tables are separated by tabs; quotation marks belong to names.  All artists and tags are held in
memory (tens of thousands), users' rows are streamed.
"""

from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path

from storage.imports.cells import MOST_PLAYS, CellError, whole
from storage.imports.names import NOT_UTF8, clean
from storage.imports.table import Table, squash
from storage.imports.text_file import TextFile
from storage.rows import (
    ArtistRow,
    FriendRow,
    ImportFormatError,
    ListenRow,
    Noted,
    Options,
    Row,
    Skipped,
    TaggingRow,
)

# The columns to read; `artists.dat` also has addresses of pages and pictures.
_COLUMNS = {
    "artists": ("id", "name"),
    "user-artists": ("userID", "artistID", "weight"),
    "tags": ("tagID", "tagValue"),
    "user-taggedartists": ("userID", "artistID", "tagID", "day", "month", "year"),
    "user-friends": ("userID", "friendID"),
}
_EARLIEST_TAG = 2005  # Last.fm had no tags before


class LastFm2kReader:
    """Reader of the unpacked folder, its files gzipped or not, named with "-" or "_"."""

    def __init__(self, path: Path, options: Options) -> None:
        self.source = self.platform = options.source or "lastfm-2k"
        if not path.is_dir():
            raise ImportFormatError(f"{path} is no folder; lastfm-2k reads the folder with user_artists.dat.")
        self._tables = {name: _Columns(_find(path, name), columns) for name, columns in _COLUMNS.items()}
        self._artists: dict[str, str] = {}
        self._tags: dict[str, str] = {}

    def rows(self) -> Generator[Row, None, None]:
        """Yield artists, plays, tags and friendships, in this order."""
        yield from self._each("artists", self._artist)
        yield from self._each("user-artists", self._listen)
        yield from self._each("tags", self._tag)
        yield from self._each("user-taggedartists", self._tagging)
        yield from self._each("user-friends", self._friend)

    def progress(self) -> float:
        """Return the share of the files' bytes that has been read, 0 to 1."""
        positions = [table.file.position() for table in self._tables.values()]
        return sum(done for done, _ in positions) / sum(size for _, size in positions)

    def digest(self) -> str:
        """Return a digest of the files' bytes."""
        return self._tables["user-artists"].file.digest()

    def _each(self, name: str, read: Callable[[int, list[str]], Iterator[Row]]) -> Iterator[Row]:
        for row in self._tables[name].rows():
            if isinstance(row, Skipped):
                yield Skipped(row.line, f"{row.reason} ({name}.dat)")
                continue
            try:
                yield from read(*row)
            except CellError as error:
                yield Skipped(row[0], f"{error} ({name}.dat)")

    def _artist(self, line: int, cells: list[str]) -> Iterator[Row]:
        number, raw = cells
        name = clean(raw)
        if name.repair:
            yield Noted(line, f"{name.repair} (artists.dat)")
        if not name.text:
            raise CellError("artist without a name")
        self._artists[number] = name.text
        yield ArtistRow(line, name.text)

    def _listen(self, line: int, cells: list[str]) -> Iterator[Row]:
        user, number, weight = cells
        plays = whole(weight, MOST_PLAYS, "play count")
        if not plays:
            raise CellError("no plays")
        yield ListenRow(line, _user(user), self._known_artist(number), plays=plays)

    def _tag(self, line: int, cells: list[str]) -> Iterator[Row]:
        """Remember a tag; it is stored at its first use.  The file is ISO-8859-1 by design."""
        number, raw = cells
        name = clean(raw)
        if name.repair not in ("", NOT_UTF8):
            yield Noted(line, f"{name.repair} (tags.dat)")
        self._tags[number] = name.text

    def _tagging(self, line: int, cells: list[str]) -> Iterator[Row]:
        user, artist_number, tag_number, *date = cells
        artist = self._known_artist(artist_number)
        tag = self._tags.get(tag_number)
        if not tag:
            raise CellError("unknown tag")
        at = _day(date)
        if at is None:
            yield Noted(line, f"day before {_EARLIEST_TAG} or in no calendar, set aside")
        yield TaggingRow(line, _user(user), artist, tag, at)

    def _friend(self, line: int, cells: list[str]) -> Iterator[Row]:
        user, friend = map(_user, cells)
        if user == friend:
            raise CellError("somebody as a friend of her own")
        yield FriendRow(line, user, friend)

    def _known_artist(self, number: str) -> str:
        try:
            return self._artists[number]
        except KeyError:
            raise CellError("unknown artist") from None


class _Columns:
    """The wanted columns of one table, in the wanted order."""

    def __init__(self, path: Path, wanted: tuple[str, ...]) -> None:
        self.file = TextFile(path)
        self._table = Table(self.file, delimiter="\t", quoted=False)
        header = [squash(cell) for cell in self._table.first]
        missing = [name for name in wanted if squash(name) not in header]
        if missing:
            raise ImportFormatError(
                f"{path} has no column {missing[0]}; its first line should be: {' '.join(wanted)}."
            )
        self._places = [header.index(squash(name)) for name in wanted]

    def rows(self) -> Iterator[tuple[int, list[str]] | Skipped]:
        """Yield (line number, cells) of each row; bad lines are Skipped."""
        for row in self._table.rows(header=True):
            yield row if isinstance(row, Skipped) else (row[0], [row[1][place] for place in self._places])


def _find(folder: Path, name: str) -> Path:
    for spelling in (name, name.replace("-", "_")):
        for ending in (".dat", ".dat.gz"):
            if (path := folder / f"{spelling}{ending}").is_file():
                return path
    raise ImportFormatError(
        f"{folder} has no {name.replace('-', '_')}.dat; name the folder that holds all five tables."
    )


def _user(cell: str) -> str:
    user = clean(cell).text
    if not user:
        raise CellError("no user")
    return user


def _day(date: list[str]) -> int | None:
    """Return the day as seconds since 1970, None if it is impossible."""
    try:
        day, month, year = map(int, date)
        return int(datetime(year, month, day, tzinfo=UTC).timestamp()) if year >= _EARLIEST_TAG else None
    except (ValueError, OverflowError):
        return None
