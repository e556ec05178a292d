"""A users x artists table: a line per user, a column per artist, 1 (or a count) for a play."""

from collections.abc import Generator, Iterable
from pathlib import Path

from storage.imports.cells import MOST_PLAYS, CellError, whole
from storage.imports.names import clean
from storage.imports.table import Table, squash
from storage.imports.table_reader import TableReader
from storage.imports.text_file import TextFile
from storage.rows import ArtistRow, ImportFormatError, ListenRow, Noted, Options, Row, Skipped

_WIDEST = 1 << 24  # characters per line: about a million artists
_USERS = frozenset({"user", "userid", "username", "id", "uid", "listener"})


class LastfmMatrixReader(TableReader):
    """Reader of a CSV table such as lastfm-matrix-germany.csv.  It keeps the header's artists in memory."""

    def __init__(self, path: Path, options: Options) -> None:
        source = options.source or "lastfm-matrix"
        table = Table(TextFile(path, longest=_WIDEST))
        super().__init__(table, source, source)
        # A table written by R may have a column of line numbers before the users.
        numbered = len(table.first) > 1 and not table.first[0].strip() and squash(table.first[1]) in _USERS
        self._user = 1 if numbered else 0
        self._artists = [clean(cell) for cell in table.first]
        if len(table.first) < self._user + 2 or not all(map(self._fits, table.sample[1:2])):
            raise ImportFormatError(
                f"{path} is no table of users x artists: its first line should be user,ARTIST,ARTIST,... and"
                " the others an id and 0 or 1 for each artist; a list of plays is read by the format plays."
            )

    def rows(self) -> Generator[Row, None, None]:
        """Yield the artists of the header, then a play for each cell that is not 0."""
        for name in self._artists[self._user + 1 :]:
            if name.repair:
                yield Noted(1, name.repair)
            yield ArtistRow(1, name.text) if name.text else Skipped(1, "column without an artist")
        yield from super().rows()

    def _read(self, line: int, cells: list[str]) -> Iterable[Row]:
        user = clean(cells[self._user]).text
        if not user:
            raise CellError("no user")
        listens = self._listens(cells)
        if not listens:
            raise CellError("listener without any artist")
        return [ListenRow(line, user, artist, plays=plays) for artist, plays in listens]

    def _listens(self, cells: list[str]) -> list[tuple[str, int]]:
        first = self._user + 1
        marked = [(place, cell) for place, cell in enumerate(cells[first:], first) if cell not in ("0", "")]
        listens = [(self._artists[place].text, whole(cell, MOST_PLAYS, "cell")) for place, cell in marked]
        return [(artist, plays) for artist, plays in listens if artist and plays]

    def _fits(self, cells: list[str]) -> bool:
        try:
            return len(cells) == len(self._artists) and self._listens(cells) is not None
        except CellError:
            return False
