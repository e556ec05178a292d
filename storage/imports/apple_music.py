"""The plays of an Apple Music account: `Apple Music Play Activity.csv` of Apple's data export.

Newer exports leave out the artist.  Then "Play History Daily Tracks" in the same export gives the artist of a
title, if it has only one such song.
"""

import time
from collections.abc import Iterable

from storage.imports.cells import LONGEST_PLAY_MS, CellError, present, whole
from storage.imports.columns import all_spellings, find_columns, spellings
from storage.imports.contents import Member
from storage.imports.entries import NO_MUSIC, heard_as
from storage.imports.names import clean
from storage.imports.table import Table, squash
from storage.imports.table_reader import TableReader
from storage.imports.text_file import TextFile
from storage.imports.times import EARLIEST, moment
from storage.naming.text import fold
from storage.rows import ImportFormatError, ListenRow, Options, Row, Skipped

SOURCE = "apple-file"
_DAY = 86_400
_COLUMNS = spellings(
    artist="artistname containerartistname",
    title="songname contentname",
    album="albumname",
    began="eventstarttimestamp",
    ended="eventendtimestamp",
    ms_played="playdurationmilliseconds",
    event="eventtype",
    media="mediatype",
    reason="endreasontype",
)
_NEEDED = {"title", "ms_played"}
_DAILY = "trackdescription"
_SKIPPED = "TRACK_SKIPPED_FORWARDS"
_ENDS = ("", "PLAY_END")  # among the events of one play, the one with its length


def is_play_activity(header: Iterable[str]) -> bool:
    """Tell whether a table with this first line is Apple's play activity."""
    names = {squash(name) for name in header}
    return "playdurationmilliseconds" in names and not names.isdisjoint({"songname", "contentname"})


def is_daily_tracks(header: Iterable[str]) -> bool:
    """Tell whether a table with this first line is Apple's list of songs by day."""
    return {_DAILY, "dateplayed"} <= {squash(name) for name in header}


def artists_of(daily: Member) -> dict[str, str]:
    """Return folded title -> artist from "Artist - Title" texts, without titles of several artists."""
    table = Table(TextFile(daily), (_DAILY,))
    header = [squash(name) for name in table.first]
    if _DAILY not in header:  # a stray quotation mark merges several cells
        return {}
    place = header.index(_DAILY)
    found: dict[str, str] = {}
    for row in table.rows(header=True):
        if not isinstance(row, Skipped):
            artist, dash, title = row[1][place].partition(" - ")
            if dash and found.setdefault(fold(title), artist) != artist:
                found[fold(title)] = ""
    return found


class PlayActivityReader(TableReader):
    """Reader of the play activity; `artists` gives the artist of a (folded) title if the table does not."""

    def __init__(self, member: Member, options: Options, artists: dict[str, str]) -> None:
        """Check the table; raise ImportFormatError if columns are missing."""
        table = Table(TextFile(member), all_spellings(_COLUMNS))
        self._places = find_columns(table.first, _COLUMNS)
        if not self._places.keys() >= _NEEDED or self._places.keys().isdisjoint({"began", "ended"}):
            raise ImportFormatError("{} is no play activity of Apple Music; a column is missing.", member)
        super().__init__(table, options.source or SOURCE, "terminal")
        self._user = options.account or ""
        self._artists = artists
        self._latest = int(time.time()) + _DAY

    def _read(self, line: int, cells: list[str]) -> Iterable[Row]:
        cell = {role: cells[place] for role, place in self._places.items()}
        if cell.get("event", "") not in _ENDS:
            return ()
        if cell.get("media", "AUDIO") not in ("AUDIO", ""):
            raise CellError(NO_MUSIC)
        title = clean(cell["title"]).text
        artist = clean(cell.get("artist", "")).text or self._artists.get(fold(title), "")
        if not title or not artist:
            raise CellError("no title" if not title else "no artist, and no other file that names one")
        ms_played = whole(cell["ms_played"], LONGEST_PLAY_MS, "playing time") or 0
        kind = heard_as(ms_played, skipped=cell.get("reason") == _SKIPPED)
        began, ended = cell.get("began", ""), cell.get("ended", "")
        at = moment(began) if present(began) else moment(ended) - ms_played // 1000
        if not EARLIEST <= at <= self._latest:
            raise CellError("time before 1990 or in the future")
        album = clean(cell.get("album", "")).text or None
        return (ListenRow(line, self._user, artist, title, at, 1, ms_played, album, kind=kind),)
