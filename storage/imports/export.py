"""Exports of any service, recognised by content: a file, a folder of files, or a zip archive."""

import hashlib
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from storage.imports import (
    any_json,
    apple_library,
    listenbrainz,
    playlists,
    scrobbles,
    spotify,
    youtube_music,
)
from storage.imports.apple_music import PlayActivityReader, artists_of, is_daily_tracks, is_play_activity
from storage.imports.cells import CellError
from storage.imports.contents import Member, is_archive, members
from storage.imports.entries import Heard, Shape, text
from storage.imports.itunes_library import ItunesLibraryReader, is_library
from storage.imports.json_file import Entry, JsonFile
from storage.imports.lastfm_2k import LastFm2kReader
from storage.imports.plays import PlaysReader
from storage.imports.scrobbler_log import ScrobblerLogReader, is_scrobbler_log
from storage.imports.spotify_tracks import SpotifyTracksReader
from storage.imports.table import Table, squash
from storage.imports.taste_profile import TasteProfileReader, is_songs, is_triplets
from storage.imports.text_file import TextFile
from storage.imports.times import EARLIEST, date_order, is_either
from storage.imports.web_page import refuse_page
from storage.imports.workbook import WorkbookReader, is_workbook
from storage.records import Kind
from storage.rows import ImportFormatError, ListenRow, Noted, Options, Reader, Row, Skipped

# Specific shapes before general ones.
SHAPES: tuple[Shape, ...] = (
    *spotify.SHAPES,
    *listenbrainz.SHAPES,
    *scrobbles.SHAPES,
    *youtube_music.SHAPES,
    *apple_library.SHAPES,
    *playlists.SHAPES,
    *any_json.SHAPES,
)
_Read = Callable[..., Heard | Iterable[Heard]]
_DAY = 86_400
_LOVED = "lovedtracks"  # Last.fm's API lists an account's loved tracks under this name, like scrobbles
_MOST_NAMELESS = 100_000  # rows kept back until all names are known
_HOSTILE = (TypeError, ValueError, KeyError, AttributeError, OverflowError)
_NO_USER = "{} does not say who listened; say whose listens these are with --as NAME."


class _Part(Protocol):
    """One file of an export."""

    def rows(self) -> Iterable[Row]:
        """Yield the rows of the file."""
        ...

    def progress(self) -> float:
        """Return the share of the file that has been read, 0 to 1."""
        ...


def open_export(path: Path, options: Options) -> Reader:
    """Return a reader for the file, folder or archive at `path`.

    `options.account` is the owner of a single user's export; data of many users need none. Raises
    ImportFormatError if nothing at `path` has plays.
    """
    found = members(path)
    if any(squash(member.name).startswith("userartists") for member in found) and path.is_dir():
        return LastFm2kReader(path, replace(options, account=None))
    if is_workbook(found):
        return WorkbookReader(path, found, options)
    if background := _background(path, found, options):
        return background
    return ExportReader(path, found, options)


def _background(path: Path, found: list[Member], options: Options) -> Reader | None:
    """Return a reader of data with their own users, or of tracks without plays; None for other data."""
    first = {member: _first_line(member) for member in found}
    triplets = [member for member in found if is_triplets(first[member])]
    songs = [member for member in found if is_songs(first[member])]
    if triplets and songs:
        return TasteProfileReader(triplets[0], songs[0])
    if triplets:
        raise ImportFormatError("{} names no songs; put unique_tracks.txt beside the triplets.", path)
    if len(found) > 1 or first[found[0]].lstrip().startswith(("{", "[")):
        return None
    names = {squash(name) for name in first[found[0]].split(",")}
    if not found[0].inside and "danceability" in names and "addedat" not in names:  # otherwise a playlist
        return SpotifyTracksReader(found[0].path, replace(options, account=None))
    try:
        return PlaysReader(found[0], replace(options, account=None))
    except ImportFormatError:
        return None  # a single user's data, or an unknown format


class ExportReader:
    """Reader of one user's export: all its files that have plays, in the order of their names."""

    def __init__(self, path: Path, found: list[Member], options: Options) -> None:
        """Check every file; raise ImportFormatError if none of them has plays."""
        self.source = options.source or "export"
        self.platform = "terminal"
        self._members = found
        self._done, self._all = 0, max(sum(member.size for member in found), 1)
        self._reading: _Part | None = None
        self._options = options
        self._artists = _artists(found)
        self._parts: list[tuple[Member, _Part]] = []
        self._left_alone = 0
        refused: ImportFormatError | None = None
        for member in found:
            try:
                self._parts.append((member, self._part(member)))
            except ImportFormatError as error:
                self._left_alone += 1
                refused = error
        if refused is not None and len(found) == 1:
            raise refused
        if not self._parts:
            raise ImportFormatError("{} holds nothing known that tells of listens.", path)
        shapes = [part.shape for _, part in self._parts if isinstance(part, _Entries)]
        if shapes and all(shape in playlists.SHAPES for shape in shapes):
            self.platform = self.source = options.source or playlists.SOURCE
        elif not options.account:
            raise ImportFormatError(_NO_USER, path)

    def rows(self) -> Generator[Row, None, None]:
        """Yield the rows of the files; files without plays are Noted, bad entries are Skipped."""
        self._done = 0
        for number in range(1, self._left_alone + 1):
            yield Noted(number, "file without listens, left alone")
        nameless: list[ListenRow] = []
        for member, part in self._parts:
            self._reading = part
            for row in part.rows():
                if isinstance(row, ListenRow) and not row.artist and len(nameless) < _MOST_NAMELESS:
                    nameless.append(row)
                else:
                    yield row
            self._reading = None
            self._done += member.size
        # Tracks with only an id: another row, in any file, may have their names.
        yield from nameless

    def progress(self) -> float:
        """Return the share of all files' bytes that has been read, 0 to 1."""
        now = self._reading.progress() * self._current() if self._reading else 0.0
        return min((self._done + now) / self._all, 1.0)

    def digest(self) -> str:
        """Return a digest of all the files' bytes."""
        return hashlib.blake2b("".join(member.digest() for member in self._members).encode()).hexdigest()[:32]

    def _current(self) -> int:
        return next(member.size for member, part in self._parts if part is self._reading)

    def _part(self, member: Member) -> _Part:
        head = member.head()
        if is_archive(head):
            raise ImportFormatError("{} is an archive inside another; unpack it and bring that.", member)
        if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b"{", b"[")):
            file = JsonFile(member)
            return _Entries(file, *_shape(file), self._options)
        if is_library(head):
            return _Rows(ItunesLibraryReader(member, self._options))
        refuse_page(member, head)
        if is_scrobbler_log(head[:100].decode("utf-8", "replace")):
            return _Rows(ScrobblerLogReader(member, self._options))
        first = Table(TextFile(member)).first
        if is_daily_tracks(first):
            raise ImportFormatError("{} only names artists for the play activity of Apple Music.", member)
        if is_play_activity(first):
            return _Rows(PlayActivityReader(member, self._options, self._artists))
        return _Rows(PlaysReader(member, self._options))


@dataclass
class _Rows:
    """A table; its own service is the source of its rows."""

    reader: Reader

    def rows(self) -> Iterator[Row]:
        """Yield the rows of the table."""
        for row in self.reader.rows():
            yield replace(row, source=self.reader.source) if isinstance(row, ListenRow) else row

    def progress(self) -> float:
        """Return the share of the table that has been read, 0 to 1."""
        return self.reader.progress()


class _Entries:
    """A JSON file, entry by entry."""

    def __init__(self, file: JsonFile, place: str, shape: Shape, options: Options) -> None:
        self.shape = shape
        self._place = place
        self._file = file
        self._account = options.account or ""
        self._source = options.source or shape.source
        self._latest = int(time.time()) + _DAY

    def rows(self) -> Iterator[Row]:
        """Yield the rows of the entries."""
        read = self._reading()
        for number, entry in self._file.entries(self._place):
            if isinstance(entry, Skipped):
                yield entry
                continue
            try:
                yield from self._read(number, entry, read)
            except CellError as error:
                yield Skipped(number, str(error))
            except _HOSTILE:
                yield Skipped(number, "an entry with values of the wrong kind")

    def progress(self) -> float:
        """Return the share of the file that has been read, 0 to 1."""
        return self._file.progress()

    def _reading(self) -> _Read:
        date = self.shape.date
        if date is None or not any(is_either(date(entry)) for entry in self._file.sample(self._place)):
            return self.shape.read
        entries = (entry for _, entry in self._file.entries(self._place) if isinstance(entry, dict))
        return partial(self.shape.read, order=date_order(map(date, entries)))

    def _read(self, number: int, entry: Entry, read: _Read) -> Iterator[Row]:
        if not self.shape.fits(entry):
            raise CellError("an entry of another kind")
        said = read(entry)
        for heard in (said,) if isinstance(said, Heard) else said:
            yield self._row(number, heard)

    def _row(self, number: int, heard: Heard) -> ListenRow:
        if heard.at is not None and not EARLIEST <= heard.at <= self._latest:
            raise CellError("time before 1990 or in the future")
        if heard.user and self._account and self.shape not in playlists.SHAPES:
            raise CellError("an entry that says itself who listened")
        return ListenRow(
            number,
            heard.user or self._account,
            heard.artist,
            heard.title,
            heard.at,
            heard.plays,
            heard.ms_played,
            text(heard.album) or None,
            (),
            heard.track_ids,
            Kind.LIKE if _LOVED in self._place and heard.kind is Kind.PLAY else heard.kind,
            self._source,
        )


def _shape(file: JsonFile) -> tuple[str, Shape]:
    """Return the place of the entries in a file, and their shape."""
    for place in file.places():
        sample = list(file.sample(place))
        for shape in SHAPES:
            if any(_fits(shape.fits, entry) for entry in sample):
                return place, shape
    raise ImportFormatError("{} is JSON, but none of the exports that I know.", file.member)


def _fits(fits: Callable[[Entry], bool], entry: Entry) -> bool:
    try:
        return fits(entry)
    except _HOSTILE:
        return False


def _artists(found: list[Member]) -> dict[str, str]:
    for member in found:
        if is_daily_tracks(cell.strip('" \r') for cell in _first_line(member).split(",")):
            return artists_of(member)
    return {}


def _first_line(member: Member) -> str:
    try:
        return member.head(4_096).decode("utf-8-sig", "replace").partition("\n")[0]
    except ImportFormatError:  # a damaged file among several is reported in its turn
        return ""
