"""Keys of imported listens: the same for the same listen in every run of an import."""

from functools import lru_cache, partial
from hashlib import blake2b

from storage.imports import ListenRow, Reader
from storage.naming.text import fold
from storage.records import Kind

_LISTENERS_KEPT = 1 << 15  # users with the beginnings of their keys in memory


class ListenKeys:
    """Idempotency keys for the listens of one reader."""

    def __init__(self, reader: Reader) -> None:
        self._source, self._platform = reader.source, reader.platform
        self._file = lru_cache(maxsize=1)(reader.digest)
        self._listener = lru_cache(_LISTENERS_KEPT)(partial(_digest, size=4))

    def of(self, row: ListenRow) -> str:
        """Return a key that is the same for this listen in every run.

        A time tells listens apart, in any spelling of the artist.  Totals have no time: two spellings, or two
        albums, in one table are two totals.  A verdict or a saved track has one key for ever.  Any other row
        is keyed by its line and its file.
        """
        if row.kind in (Kind.LIKE, Kind.DISLIKE, Kind.SAVE):
            return self._place(row, 0, f"{row.kind}\0{row.artist}\0{row.title or ''}")
        if row.at is not None:
            what = "at" if row.kind is Kind.PLAY else row.kind.value
            names = f"{fold(row.artist)}\0{fold(row.title or '')}" if row.artist else repr(row.track_ids)
            return self._place(row, row.at, f"{what}\0{row.at}\0{names}")
        if row.plays is not None:
            return self._place(row, 0, f"total\0{row.artist}\0{row.title or ''}\0{row.album or ''}")
        return self._place(row, row.line, f"line\0{row.line}\0{self._file()}")

    def old_total(self, row: ListenRow) -> str:
        """Return the key that a total has in older databases: the count was in it."""
        return self._place(row, 0, f"total\0{row.plays}\0{row.artist}\0{row.title or ''}")

    def _place(self, row: ListenRow, place: int, what: str) -> str:
        # The key begins with the user and the time, so a log sorted by either grows the index of keys in few
        # pages: each random key costs a page of the write-ahead log.
        listener = f"{self._platform}\0{row.source or self._source}\0{row.user}"
        return self._listener(listener) + f"{place:08x}" + _digest(f"{listener}\0{what}", 10)


def _digest(words: str, size: int) -> str:
    return blake2b(words.encode(), digest_size=size).hexdigest()
