"""The log of portable players: Audioscrobbler's `.scrobbler.log`, as Rockbox writes it.

Lines that begin with # give the version, the time zone, the player, and sometimes the columns.  The others
have artist, album, title, track number, seconds, L (listened) or S (skipped), time and MusicBrainz id,
separated by tabs.
"""

import time
from collections.abc import Generator

from storage.imports.cells import LONGEST_PLAY_MS, CellError, long_enough, whole
from storage.imports.contents import Member
from storage.imports.entries import named
from storage.imports.names import clean
from storage.imports.plays_columns import is_mbid
from storage.imports.text_file import BadLineError, TextFile
from storage.imports.times import EARLIEST, moment
from storage.rows import ListenRow, Options, Row, Skipped

SOURCE = "player-file"
_FIRST = "#AUDIOSCROBBLER/"
_COLUMNS = 8
_DAY = 86_400


def is_scrobbler_log(first_line: str) -> bool:
    """Tell whether a file with this first line is such a log."""
    return first_line.lstrip("\ufeff").upper().startswith(_FIRST)


class ScrobblerLogReader:
    """Reader of one log; without a time zone in it, its clock is UTC."""

    platform = "terminal"

    def __init__(self, member: Member, options: Options) -> None:
        """Open a log; `options.account` is the user."""
        self.source = options.source or SOURCE
        self._file = TextFile(member)
        self._user = options.account or ""
        self._latest = int(time.time()) + _DAY

    def rows(self) -> Generator[Row, None, None]:
        """Yield the rows of the log, in order; skipped tracks are not plays."""
        with self._file.lines() as lines:
            while True:
                try:
                    line = next(lines).rstrip("\r\n")
                    if line.strip() and not line.startswith("#"):
                        yield self._row(lines.number, line)
                except StopIteration:
                    return
                except BadLineError as bad:
                    yield Skipped(bad.line, bad.reason)
                except CellError as error:
                    yield Skipped(lines.number, str(error))

    def _row(self, number: int, line: str) -> ListenRow:
        cells = line.split("\t")
        if not _COLUMNS - 1 <= len(cells) <= _COLUMNS:
            raise CellError("more or fewer cells than the first line has")
        artist, album, title, _, length, rating, at, mbid = (*cells, "")[:_COLUMNS]
        if rating.strip().upper() == "S":
            raise CellError("skipped on the player")
        artist, title = named(artist, title)
        when = moment(at)
        if not EARLIEST <= when <= self._latest:
            raise CellError("time before 1990 or in the future")
        seconds = whole(length.strip(), LONGEST_PLAY_MS // 1000, "playing time")
        played = None if not seconds else long_enough(1000 * seconds)
        ids = (("mbid", mbid.strip().lower()),) if is_mbid(mbid.strip()) else ()
        return ListenRow(
            number,
            self._user,
            artist,
            title,
            when,
            ms_played=played,
            album=clean(album).text or None,
            track_ids=ids,
        )

    def progress(self) -> float:
        """Return the share of the file's bytes that has been read, 0 to 1."""
        done, size = self._file.position()
        return done / size

    def digest(self) -> str:
        """Return a digest of the file's bytes."""
        return self._file.digest()
