"""Any table of plays: one line per play, or one per total, with columns in any order."""

import re
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from storage.imports import plays_columns
from storage.imports.cells import LONGEST_PLAY_MS, MOST_PLAYS, CellError, long_enough, present, whole
from storage.imports.columns import all_spellings
from storage.imports.contents import Member
from storage.imports.names import clean
from storage.imports.table import Table
from storage.imports.table_reader import TableReader
from storage.imports.text_file import TextFile
from storage.imports.times import EARLIEST, Order, date_order, is_either, moment
from storage.records import Kind
from storage.rows import ExternalIds, ImportFormatError, ListenRow, Noted, Options, Row, Skipped

_UNDATED = "time before 1990 or in the future, set aside"
_LOOKED_AT = 1_000_000  # rows searched for the order of day and month
_CLOCK = re.compile(r"\s*[0-9]{1,2}:[0-9]{2}(?![0-9])")
_DAY = 86_400
_ID_PATTERNS = {
    "spotify": re.compile(r"(?:.*track[:/])?([0-9A-Za-z]{22})(?:\?.*)?"),
    "isrc": re.compile(r"([A-Z]{2}[A-Z0-9]{3}[0-9]{7})"),
}


class PlaysReader(TableReader):
    """Reader of a table with commas, semicolons or tabs, and a header or a well-known shape.

    `options.columns` names the columns of any other table; `options.account` is the user if no column has
    one.
    """

    def __init__(self, path: Path | Member, options: Options) -> None:
        """Check the table; `options` supplies missing columns and the account."""
        table = Table(TextFile(path), all_spellings(plays_columns.SPELLINGS))
        try:
            places, header, service = plays_columns.find(table.sample, options.columns)
        except plays_columns.ColumnsError as error:
            raise ImportFormatError("{} {}", path, error) from error
        _check_user(path, "user" in places, options.account)
        source = options.source or (service if options.account else "plays")
        super().__init__(table, source, "terminal" if options.account else source, header=header)
        self._account = options.account
        self._user, self._artist, self._track, self._time, self._plays, self._ms_played, self._album = (
            places.get(role, -1)
            for role in ("user", "artist", "track", "time", "plays", "ms_played", "album")
        )
        self._seconds, self._day = places.get("seconds", -1), places.get("day", -1)
        self._artist_mbid, self._track_mbid = places.get("artist_mbid", -1), places.get("track_mbid", -1)
        self._codes = {scheme: places[scheme] for scheme in _ID_PATTERNS if scheme in places}
        self._latest = int(time.time()) + _DAY
        self._is_library = places.keys().isdisjoint({"time", "plays", "ms_played", "seconds"})
        self._order = self._date_order(table, header=header)

    def _date_order(self, table: Table, *, header: bool) -> Order | None:
        if self._time < 0 or not any(map(is_either, self._times(table.sample))):
            return None
        rows = islice(table.rows(header=header), _LOOKED_AT)
        return date_order(self._times(row[1] for row in rows if not isinstance(row, Skipped)))

    def _times(self, rows: Iterable[list[str]]) -> Iterator[str]:
        return (self._time_of(row) for row in rows if len(row) > max(self._time, self._day))

    def _time_of(self, cells: list[str]) -> str:
        """Return the time of a row, from one cell, or from two if date and clock are separate columns."""
        said = cells[self._time]
        return f"{cells[self._day]} {said.strip()}" if self._day >= 0 and _CLOCK.match(said) else said

    def _read(self, line: int, cells: list[str]) -> Iterable[Row]:
        cells.append("")  # place -1: the cell of a missing column
        artist, title = clean(cells[self._artist]), clean(cells[self._track])
        user = self._account or clean(cells[self._user]).text
        if not user:
            raise CellError("no user")
        if not artist.text:
            raise CellError("no artist")
        plays = whole(cells[self._plays], MOST_PLAYS, "play count")
        if plays == 0:
            raise CellError("no plays")
        at, undated = self._moment(self._time_of(cells))
        if not self._is_library and at is None and plays is None:
            raise CellError(self._why_no_listen(undated))
        listen = ListenRow(
            line,
            user,
            artist.text,
            title.text or None,
            at,
            plays,
            self._played(cells),
            clean(cells[self._album]).text or None,
            _mbid(cells[self._artist_mbid]),
            self._track_ids(cells),
            Kind.SAVE if self._is_library else Kind.PLAY,
        )
        if artist.repair or title.repair or undated:
            notes = dict.fromkeys((artist.repair, title.repair, undated))
            return (*(Noted(line, what) for what in notes if what), listen)
        return (listen,)

    def _why_no_listen(self, undated: str) -> str:
        """Return why a row is not a play: no time (a track playing during the export) or no plays."""
        if undated:
            return "time before 1990 or in the future"
        return "no time" if self._time >= 0 else "no plays"

    def _played(self, cells: list[str]) -> int | None:
        seconds = whole(cells[self._seconds], LONGEST_PLAY_MS // 1000, "playing time")
        if seconds is not None:
            return long_enough(1000 * seconds)
        return long_enough(whole(cells[self._ms_played], LONGEST_PLAY_MS, "playing time"))

    def _moment(self, cell: str) -> tuple[int | None, str]:
        if not present(cell):
            return None, ""
        at = moment(cell, self._order)
        return (at, "") if EARLIEST <= at <= self._latest else (None, _UNDATED)

    def _track_ids(self, cells: list[str]) -> ExternalIds:
        ids = _mbid(cells[self._track_mbid])
        for scheme, place in self._codes.items():
            if found := _ID_PATTERNS[scheme].fullmatch(cells[place].strip()):
                ids = (*ids, (scheme, found[1]))
        return ids


def _mbid(cell: str) -> ExternalIds:
    return (("mbid", cell.lower()),) if cell and plays_columns.is_mbid(cell) else ()


def _check_user(path: Path | Member, has_column: bool, account: str | None) -> None:
    if not has_column and not account:
        raise ImportFormatError(
            "{} does not say who listened; say whose listens these are with --as NAME.",
            path,
        )
    if has_column and account:
        raise ImportFormatError(
            "{} says itself who listened; leave out --as {}, or that column with --columns -,...",
            path,
            account,
        )
