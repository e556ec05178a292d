"""General knowledge of artists, compiled by hand: fame, other names, and whose listeners overlap."""

from collections.abc import Iterable
from pathlib import Path

from storage.catalogue.related import BUNDLED, MOST_FAMOUS
from storage.imports.cells import CellError
from storage.imports.names import clean
from storage.imports.table import Table
from storage.imports.table_reader import TableReader
from storage.imports.text_file import TextFile
from storage.naming.text import fold
from storage.rows import ImportFormatError, Options, RelatedRow, Row

COLUMNS = ["artist", "fame", "also", "related"]


class RelatedReader(TableReader):
    """A CSV file with the columns artist, fame (1 to 5), also, related; the last two separated by ";".

    `related` are artists whose listeners overlap most with the artist's in real life, best first; `also` are
    other names of the artist.
    """

    def __init__(self, path: Path, options: Options) -> None:
        source = options.source or BUNDLED
        table = Table(TextFile(path), delimiter=",")
        super().__init__(table, source, source)
        if table.first != COLUMNS:
            raise ImportFormatError(
                f"{path} is no table of related artists: its first line should be {','.join(COLUMNS)}."
            )

    def _read(self, line: int, cells: list[str]) -> Iterable[Row]:
        artist = clean(cells[0]).text
        if not artist:
            raise CellError("no artist")
        if cells[1] not in map(str, range(1, MOST_FAMOUS + 1)):
            raise CellError(f"fame that is no number from 1 to {MOST_FAMOUS}")
        also, related = _names(cells[2]), _names(cells[3])
        if fold(artist) in map(fold, (*also, *related)):
            raise CellError("an artist beside its own name")
        return (RelatedRow(line, artist, int(cells[1]), also, related),)


def _names(cell: str) -> tuple[str, ...]:
    """Return the names in a cell; raise CellError if one comes twice."""
    names = tuple(clean(name).text for name in cell.split(";")) if cell else ()
    if not all(names) or len(set(map(fold, names))) < len(names):
        raise CellError("an empty name, or one that comes twice")
    return names
