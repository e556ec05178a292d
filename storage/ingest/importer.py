"""The importer: it stores a reader's rows in the database, one slice at a time.

Every row is stored idempotently, so a killed import can start again and ends with the same facts.  A slice is
one short transaction; between two slices other processes can write.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from itertools import islice
from math import inf
from pathlib import Path

from storage.catalogue.credits import Credits
from storage.errors import DiskFullError
from storage.imports import Fact, ImportFormatError, Options, Reader
from storage.imports.related import RelatedReader
from storage.imports.report import ImportReport
from storage.imports.starter import StarterReader
from storage.ingest.row_keeper import RowKeeper, newest_id
from storage.store import Store
from storage.writer import Writer

RELATED_FILE = "related.csv"
"""The name of the table of related artists beside a starter catalogue."""

_EDITION = "catalogue"  # the app setting that says which edition of the bundled catalogue is in the database
_BATCH = 4_000  # rows read ahead, outside of any transaction
_PAUSE_SECONDS = 0.005  # a waiting writer retries every 2 ms


def run_import(
    writer: Writer,
    reader: Reader,
    *,
    progress: Callable[[float], None] | None = None,
    user_id: int | None = None,
    batch: int | None = None,
) -> ImportReport:
    """Store all rows of `reader`; `progress` receives the share of the file that is done, 0 to 1.

    `batch` rows are read before they are stored, 4,000 by default; fewer where reading one takes long.
    `user_id` is the owner of the rows, if all belong to one user: if that user is erased meanwhile, the
    import raises ErasedError and none of it stays.  Raises ImportFormatError if the file's source has the
    name of a chat platform, DiskFullError below `storage.disk.LEAST_FREE`, and StorageError if the database
    cannot be written; rows stored before that stay.
    """
    started = time.monotonic()
    report = ImportReport(reader.source)
    keeper = RowKeeper(reader, user_id)
    if reader.source in writer.write(lambda store: store.people.chats()).result():
        raise ImportFormatError(
            "A source cannot be named {}, where people talk; choose another name.", reader.source
        )
    newest = writer.write(_newest).result()
    with closing(reader.rows()) as rows:
        while some := list(islice(rows, batch or _BATCH)):
            if writer.is_nearly_full:
                raise DiskFullError(
                    "My disk is nearly full: I stopped reading that file, to have room for what people tell "
                    "me. What I read so far stays. Please tell whoever runs me, and send it again later."
                )
            _keep(writer, keeper, report.take(some), report)
            if progress:
                progress(reader.progress())
    _settle(writer, newest, report)
    if progress:
        progress(1.0)
    report.seconds = time.monotonic() - started
    return report


def _keep(writer: Writer, keeper: RowKeeper, facts: Sequence[Fact], report: ImportReport) -> None:
    """Store facts, one slice after another, with a pause between two."""
    done = 0
    while done < len(facts):
        kept = writer.write(partial(keeper.keep, facts[done:])).result()
        kept.add_to(report)
        done += kept.rows
        time.sleep(_PAUSE_SECONDS)


def _newest(store: Store) -> dict[str, int]:
    return {what: newest_id(store, what) for what in ("artists", "tracks")}


def _settle(writer: Writer, newest: dict[str, int], report: ImportReport) -> None:
    """Merge new artists and tracks that are the same as others, and subtract them from the new ones."""

    def settled(store: Store) -> dict[str, int]:
        Credits(store.db).settle()
        return {what: -store.music.merged(what, after) for what, after in newest.items()}

    report.new.update(writer.write(settled).result())


def fill_starter(writer: Writer, path: Path) -> ImportReport | None:
    """Fill a database with the catalogue in `path` and `RELATED_FILE` beside it, if there is one.

    That is done where no artist is known, and where an older edition of the catalogue was filled in; else
    nothing is done, and None returned.  All is one transaction: of two processes that start, one fills.
    """
    readers: list[Reader] = [StarterReader(path, Options())]
    if (related := path.with_name(RELATED_FILE)).exists():
        readers.append(RelatedReader(related, Options()))
    return writer.write(partial(_fill, readers)).result()


def _fill(readers: Sequence[Reader], store: Store) -> ImportReport | None:
    edition = "".join(reader.digest() for reader in readers)
    filled = store.people.setting("app", 0, _EDITION)
    if filled == edition or (filled is None and not _takes_starter(store, readers[0].source)):
        return None
    started = time.monotonic()
    report = ImportReport(readers[0].source)
    for reader in readers:
        facts = report.take(reader.rows())
        RowKeeper(reader).keep(facts, store, seconds=inf).add_to(report)
    store.people.set_setting("app", 0, _EDITION, edition)
    report.seconds = time.monotonic() - started
    return report


def _takes_starter(store: Store, source: str) -> bool:
    """Tell whether a database is empty, or was filled with a catalogue before editions were kept."""
    if next(store.music.all_artist_ids(), None) is None:
        return True
    return bool(store.db.execute("SELECT 1 FROM track_tags WHERE source = ? LIMIT 1", (source,)).fetchone())
