"""Published snapshots: learned on one machine, served on others.

`publish` copies the newest snapshot to a folder or an object store (any address that `fsspec` knows), with
the names of its items and keyed hashes of its users and communities, since database ids differ from machine
to machine.  `fetch` gives a copy the ids of its own database.  Whoever was erased here since is in no
snapshot that is taken over.
"""

import gzip
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from recommender.arrays import Ids
from recommender.errors import DamagedSnapshot, MusicError, NotReady
from recommender.feedback.matrix import IdIndex, ListeningMatrix
from recommender.scorers.popularity import LEAST_HERE
from recommender.snapshot import Axis, Snapshot, files
from storage.disk import private_folder
from storage.replica.log_slices import make_key
from storage.sharing.shared_names import Names, SharedNames
from storage.store import Store
from storage.users.erasures import Erasures
from storage.writer import Writer

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

_NAMES = "names.json.gz"
_CURRENT = "current"
_AT_ONCE = 2_000  # names in a transaction
_KEPT = 2  # published versions: one may be on its way to a replica while the next comes


def publish(database: Path, folder: Path, url: str) -> str:
    """Copy the newest snapshot below `folder` to `url`; return its version.

    Raises NotReady or DamagedSnapshot where there is none to publish, OSError if `url` cannot be written.
    """
    system, root = _opened(url)
    with Writer(database) as writer:
        key = writer.write(make_key).result()
    with Store.open(database, readonly=True) as store:
        snapshot = files.load(folder)
        names = _names(store, snapshot, key)
    there = f"{root}/{snapshot.version}"
    system.makedirs(there, exist_ok=True)
    for path in sorted((folder / snapshot.version).iterdir()):
        system.put_file(str(path), f"{there}/{path.name}")
    system.pipe_file(f"{there}/{_NAMES}", gzip.compress(json.dumps(names).encode()))
    system.pipe_file(f"{root}/{_CURRENT}", snapshot.version.encode())  # last: whoever reads it finds all
    _tidy(system, root, snapshot.version)
    return snapshot.version


def fetch(database: Path, folder: Path, url: str, writer: Writer, *, known: str = "") -> Snapshot | None:
    """Take over the snapshot at `url` and save it below `folder`; None where it is the `known` version.

    Raises NotReady where nothing is published, or somebody was erased here whom it may hold, and
    DamagedSnapshot where it is not what was published: then the snapshot in use stays.
    """
    system, root = _opened(url)
    try:
        version = system.cat_file(f"{root}/{_CURRENT}").decode().strip()
    except FileNotFoundError:
        raise NotReady("There is no snapshot at {} yet.", url) from None
    if version == known:
        return None
    private_folder(folder)
    work = Path(tempfile.mkdtemp(prefix=files.WRITING, dir=folder))
    try:
        found, names = _downloaded(system, f"{root}/{version}", work, url)
        with Store.open(database, readonly=True) as store:
            erasures = Erasures(store.db).count()
            if found.erasures < erasures:
                raise NotReady("Somebody was forgotten here after the snapshot at {} was made.", url)
            hashes = _hashes(store, writer)
        own = _with_ids(found, names, hashes, writer)
        with Store.open(database, readonly=True) as store:
            own = replace(own, database=store.identity(), cursor=store.log.last_event_id(), erasures=erasures)
        files.save(own, folder)
        return files.load(folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _opened(url: str) -> "tuple[AbstractFileSystem, str]":
    if find_spec("fsspec") is None:
        raise MusicError("Publishing needs fsspec: pip install 'segue[spark]'.")
    from fsspec.core import url_to_fs  # noqa: PLC0415 - an extra

    system, root = url_to_fs(url)
    return system, str(root).rstrip("/")


def _tidy(system: "AbstractFileSystem", root: str, newest: str) -> None:
    """Remove all but the last published versions; their names begin with the time they were made."""
    found = sorted(str(path).rsplit("/", 1)[-1] for path in system.ls(root, detail=False))
    old = [name for name in found if name not in (newest, _CURRENT)]
    for name in old[: len(old) - (_KEPT - 1)]:
        system.rm(f"{root}/{name}", recursive=True)


def _downloaded(
    system: "AbstractFileSystem", there: str, work: Path, url: str
) -> tuple[Snapshot, dict[str, Any]]:
    """Copy a published snapshot into `work` and verify it."""
    try:
        for path in system.ls(there, detail=False):
            system.get_file(path, str(work / str(path).rsplit("/", 1)[-1]))
        names = json.loads(gzip.decompress((work / _NAMES).read_bytes()))
        return files.read(work), names
    except NotReady:
        raise
    except Exception as error:  # whatever damage makes the store, gzip, json or NumPy raise
        raise DamagedSnapshot(
            "The snapshot at {} is damaged: {}.", url, f"{type(error).__name__} {error}", version=""
        ) from error


def _names(store: Store, snapshot: Snapshot, key: bytes) -> dict[str, Any]:
    """Return the names of what the snapshot's columns and rows stand for, in their order.

    An item that nobody but whoever brought it may be shown stays nameless.
    """
    shared = SharedNames(store.db)
    artists = {ident: (name, listed) for ident, name, listed in shared.artists()}
    tracks = {ident: (owner, title, listed) for ident, owner, title, listed in shared.tracks()}
    of_tracks, columns = snapshot.tracks, snapshot.artists.items
    named: dict[str, Any] = {"artists": [], "tracks": []}
    for ident, people in zip(columns.ids.tolist(), snapshot.artists.eligibility.people.tolist(), strict=True):
        name, listed = artists.get(ident, ("", False))
        named["artists"].append([name, listed] if listed or people >= LEAST_HERE else None)
    of_tracks = snapshot.tracks
    for ident, people in zip(
        of_tracks.items.ids.tolist(), of_tracks.eligibility.people.tolist(), strict=True
    ):
        owner, title, listed = tracks.get(ident, (-1, "", False))
        place = columns.column(owner)
        shown = (listed or people >= LEAST_HERE) and place >= 0 and named["artists"][place] is not None
        named["tracks"].append([place, title, listed] if shown else None)
    users, communities = shared.users(key), shared.communities(key)
    for axis, of_axis in (("artists", snapshot.artists), ("tracks", of_tracks)):
        named[f"users of {axis}"] = [users.get(user, []) for user in of_axis.listening.users.ids.tolist()]
    named["communities"] = [communities.get(place, []) for place in snapshot.communities.ids.tolist()]
    return named


def _hashes(store: Store, writer: Writer) -> tuple[dict[str, int], dict[str, int]]:
    """Return this database's users and communities by their hashes."""
    key, shared = writer.write(make_key).result(), SharedNames(store.db)
    return _by_hash(shared.users(key)), _by_hash(shared.communities(key))


def _by_hash(names: Names) -> dict[str, int]:
    return {name: ident for ident, some in names.items() for name in some}


def _with_ids(
    found: Snapshot, names: Mapping[str, Any], hashes: tuple[dict[str, int], dict[str, int]], writer: Writer
) -> Snapshot:
    """Return the snapshot with this database's ids; what is unknown here has one below 0, as nothing has."""
    users, communities = hashes
    artists = _ensured(writer, names["artists"], _ensure_artist)
    tracks = _ensured(writer, names["tracks"], partial(_ensure_track, artists=artists))
    return replace(
        found,
        artists=_axis(found.artists, artists, _idents(names["users of artists"], users)),
        tracks=_axis(found.tracks, tracks, _idents(names["users of tracks"], users)),
        communities=IdIndex(_idents(names["communities"], communities)),
    )


def _axis(axis: Axis, items: Ids, users: Ids) -> Axis:
    rows = axis.listening.user_items
    return replace(axis, listening=ListeningMatrix(IdIndex(users), IdIndex(items), rows))


def _idents(rows: list[list[str]], known: Mapping[str, int]) -> Ids:
    found = (next((known[name] for name in names if name in known), -1 - k) for k, names in enumerate(rows))
    return np.fromiter(found, dtype=np.int64, count=len(rows))


def _ensured(writer: Writer, rows: list[Any], ensure: Callable[[Store, Any], int]) -> Ids:
    """Return the id of each named item, adding what is missing here, some at a time."""
    idents: list[int | None] = []
    for start in range(0, len(rows), _AT_ONCE):
        some = rows[start : start + _AT_ONCE]
        idents += writer.write(partial(_each_ensured, rows=some, ensure=ensure)).result()
    return np.array([-1 - k if ident is None else ident for k, ident in enumerate(idents)], dtype=np.int64)


def _each_ensured(store: Store, rows: list[Any], ensure: Callable[[Store, Any], int]) -> list[int | None]:
    return [None if row is None else ensure(store, row) for row in rows]


def _ensure_artist(store: Store, row: tuple[str, bool]) -> int:
    name, listed = row
    return store.music.ensure_artist(name, listed=listed)


def _ensure_track(store: Store, row: tuple[int, str, bool], artists: Ids) -> int:
    artist, title, listed = row
    return store.music.ensure_track(int(artists[artist]), title, listed=listed)
