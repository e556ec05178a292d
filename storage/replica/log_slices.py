"""The log as Parquet files, for an engine that trains on more machines than one.

A folder holds slices of the log by event id, each a file that is written once, and `members.parquet`.  Users
have pseudonyms: without the database nobody can tell whose rows they are.  What changes old rows (an erasure,
linked accounts, merged songs) changes a slice's check, so that the next export writes that slice anew.

Needs the extra `segue[spark]`.
"""

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from storage.disk import created, private_folder, synced
from storage.errors import StorageError
from storage.store import Store
from storage.users.erasures import Erasures

if TYPE_CHECKING:
    import pyarrow as pa

SLICE = 1_000_000
"""Event ids of one file."""
EVENTS, MEMBERS, MANIFEST = "events", "members.parquet", "manifest.json"
_KEY = "pseudonyms"
_AT_ONCE = 100_000
_COLUMNS = "id, user_id, artist_id, track_id, kind, at, recorded_at, plays, undoes"
# What users keep out of their taste teaches nothing: see `storage.schema.exclusion_tables`.
_TAUGHT = """
    FROM events WHERE id >= ? AND id < ? AND NOT EXISTS (SELECT 1 FROM kept_out WHERE event_id = events.id)
"""
# All that training reads of a row, so that any change of it shows. Below 2^53 per row and 2^63 in sum.
_CHECK = f"""
    SELECT count(*), coalesce(sum((id * 31 + user_id * 1000003 + coalesce(artist_id, 0) * 8191
           + coalesce(track_id, 0) * 131 + coalesce(at, 7) * 17 + coalesce(plays, 1) * 5) % 2147483647), 0)
    {_TAUGHT}
"""


class LogManifest(NamedTuple):
    """What a folder of slices holds."""

    database: str  # identity of the database
    erasures: int  # of that moment, see `storage.users.erasures`
    newest: int  # id of the last event
    slices: dict[str, tuple[int, int]]  # by file name: rows, and their check


class Exported(NamedTuple):
    """What an export did."""

    rows: int  # events in the folder
    written: int  # files written now
    kept: int  # files that are still right


def check_installed() -> None:
    """Raise StorageError, one sentence with what to do, where Parquet cannot be written."""
    if find_spec("pyarrow") is None:
        raise StorageError("Parquet needs pyarrow: pip install 'segue[spark]'.")


def make_key(store: Store) -> bytes:
    """Return the database's key of pseudonyms; a first one is stored."""
    known = store.people.setting("app", 0, _KEY)
    if known is None:
        known = secrets.token_hex(32)
        store.people.set_setting("app", 0, _KEY, known)
    return bytes.fromhex(known)


def pseudonym(key: bytes, user_id: int) -> int:
    """Return a user's pseudonym, 0 to 2^63 - 1: a keyed hash (HMAC-SHA-256, cut)."""
    return int.from_bytes(hmac.digest(key, str(user_id).encode(), hashlib.sha256)[:8]) >> 1


def write(
    store: Store, folder: Path, key: bytes, progress: Callable[[float], None] = lambda _share: None
) -> Exported:
    """Bring the slices below `folder` up to date, in one view of the database; return what was done.

    Raises StorageError where the folder holds another database's slices.
    """
    private_folder(folder / EVENTS)
    with store.db.atomic():
        before = read_manifest(folder)
        if before is not None and before.database != store.identity():
            raise StorageError(f"{folder} holds the export of another database; choose another folder.")
        known = {} if before is None else before.slices
        newest, slices, written = store.log.last_event_id(), {}, 0
        names: dict[int, int] = {}
        for start in range(0, newest + 1, SLICE):
            name = f"{EVENTS}/{start:015d}.parquet"
            check: tuple[int, int] = store.db.execute(_CHECK, (start, start + SLICE)).fetchone()
            if not check[0]:
                continue
            if known.get(name) != check or not (folder / name).is_file():
                _save(folder / name, _schema(), _tables(store, start, key, names))
                written += 1
            slices[name] = check
            progress(min((start + SLICE) / (newest + 1), 1.0))
        _save(folder / MEMBERS, _members_schema(), iter([_members(store, key)]))
        made = LogManifest(store.identity(), Erasures(store.db).count(), newest, slices)
    _seal(folder, made)
    for path in (folder / EVENTS).glob("*.parquet"):
        if f"{EVENTS}/{path.name}" not in slices:
            path.unlink()
    return Exported(sum(rows for rows, _ in slices.values()), written, len(slices) - written)


def read_manifest(folder: Path) -> LogManifest | None:
    """Return what `folder` holds, None where nothing was exported yet; StorageError if it cannot be read."""
    try:
        found = json.loads((folder / MANIFEST).read_bytes())
        slices = {str(name): (int(rows), int(check)) for name, (rows, check) in found["slices"].items()}
        return LogManifest(str(found["database"]), int(found["erasures"]), int(found["newest"]), slices)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StorageError(f"{folder / MANIFEST} is damaged: delete the folder and export again.") from error


def read(path: str) -> "Iterator[pa.Table]":
    """Yield the rows of a slice, some at a time."""
    import pyarrow as pa  # noqa: PLC0415 - an extra
    import pyarrow.parquet as pq  # noqa: PLC0415 - an extra

    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(_AT_ONCE):
            yield pa.Table.from_batches([batch])


def read_members(folder: Path) -> list[tuple[int, int]]:
    """Return the memberships below `folder`: community id, pseudonym of the user."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - an extra

    rows = pq.read_table(folder / MEMBERS)
    return list(zip(rows["community"].to_pylist(), rows["user"].to_pylist(), strict=True))


def _seal(folder: Path, made: LogManifest) -> None:
    """Write the manifest, last: whatever an export that broke off has written is written again."""
    with _replaced(folder / MANIFEST) as file:
        file.write(json.dumps(made._asdict()).encode())


def _save(path: Path, schema: "pa.Schema", tables: "Iterator[pa.Table]") -> None:
    import pyarrow.parquet as pq  # noqa: PLC0415 - an extra

    with _replaced(path) as file, pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for table in tables:
            writer.write_table(table)


@contextmanager
def _replaced(path: Path) -> Iterator[IO[bytes]]:
    """Open a file beside `path` that takes its place once it is on the disk."""
    work = path.with_name(f".{path.name}")
    work.unlink(missing_ok=True)
    with created(work) as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
    work.replace(path)
    synced(path.parent)


def _tables(store: Store, start: int, key: bytes, names: dict[int, int]) -> "Iterator[pa.Table]":
    """Yield the rows of a slice; `names` keeps the pseudonyms that were worked out."""
    import pyarrow as pa  # noqa: PLC0415 - an extra

    rows = store.db.execute(f"SELECT {_COLUMNS} {_TAUGHT} ORDER BY id", (start, start + SLICE))
    while some := rows.fetchmany(_AT_ONCE):
        columns: list[Any] = list(zip(*some, strict=True))
        for user in set(columns[1]) - names.keys():
            names[user] = pseudonym(key, user)
        columns[1] = [names[user] for user in columns[1]]
        schema = _schema()
        arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
        yield pa.Table.from_arrays(arrays, schema=schema)


def _schema() -> "pa.Schema":
    import pyarrow as pa  # noqa: PLC0415 - an extra

    ids = [pa.field(name, pa.int64()) for name in ("id", "user", "artist", "track")]
    amounts = [pa.field(name, pa.int64()) for name in ("at", "recorded_at", "plays", "undoes")]
    return pa.schema([*ids, pa.field("kind", pa.string()), *amounts])


def _members(store: Store, key: bytes) -> "pa.Table":
    import pyarrow as pa  # noqa: PLC0415 - an extra

    rows = store.people.communities()
    columns = [[place for place, _ in rows], [pseudonym(key, user) for _, user in rows]]
    arrays = [pa.array(column, pa.int64()) for column in columns]
    return pa.Table.from_arrays(arrays, schema=_members_schema())


def _members_schema() -> "pa.Schema":
    import pyarrow as pa  # noqa: PLC0415 - an extra

    return pa.schema([pa.field("community", pa.int64()), pa.field("user", pa.int64())])
