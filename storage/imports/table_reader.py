"""The common part of readers of one table: a bad row is skipped with its reason, and reading goes on."""

from abc import ABC, abstractmethod
from collections.abc import Generator, Iterable

from storage.imports.cells import CellError
from storage.imports.table import Table
from storage.rows import Row, Skipped


class TableReader(ABC):
    """A `Reader` of one table.  Subclasses define how to read a line of cells."""

    def __init__(self, table: Table, source: str, platform: str, *, header: bool = True) -> None:
        self.source = source
        self.platform = platform
        self._table = table
        self._header = header

    def rows(self) -> Generator[Row, None, None]:
        """Yield the rows of the file, in order."""
        for row in self._table.rows(header=self._header):
            if isinstance(row, Skipped):
                yield row
                continue
            try:
                yield from self._read(*row)
            except CellError as error:
                yield Skipped(row[0], str(error))

    def progress(self) -> float:
        """Return the share of the file's bytes that has been read, 0 to 1."""
        done, size = self._table.file.position()
        return done / size

    def digest(self) -> str:
        """Return a digest of the file's bytes."""
        return self._table.file.digest()

    @abstractmethod
    def _read(self, line: int, cells: list[str]) -> Iterable[Row]:
        """Return the rows of one line; raise CellError, before anything else, if it cannot be stored."""
