"""Snapshots on disk: save, load, set aside.

`manifest.json` names every file with its size and checksum, and has a checksum of its own.  A snapshot that
is damaged is never guessed at: `load` raises `DamagedSnapshot`, whoever may write sets it aside.
"""

import json
import logging
import os
import re
import shutil
import tempfile
import time
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from recommender.errors import DamagedSnapshot, NotReady
from recommender.snapshot import Snapshot, nodes
from storage.disk import created, private_folder, synced

FORMAT = 15
_CURRENT = "current"
_ASIDE = "damaged-"
WRITING = "writing-"
_MANIFEST = "manifest.json"
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]*")
_LONGEST_WRITE = 3600.0  # seconds
log = logging.getLogger(__name__)


def save(snapshot: Snapshot, folder: Path) -> Path:
    """Write `snapshot` below `folder`, make it the current one, remove older ones; return its own folder.

    Everything is on the disk before the name `current` points to it.  A write that fails leaves nothing.
    """
    private_folder(folder)
    work = Path(tempfile.mkdtemp(prefix=WRITING, dir=folder))
    try:
        _write(snapshot, work)
        home = folder / snapshot.version
        _remove(home)
        work.replace(home)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    synced(folder)
    _point(folder, snapshot.version)
    for other in folder.iterdir():
        if other.is_dir() and other != home and not _is_kept(other):
            shutil.rmtree(other, ignore_errors=True)  # a map of it that is still open stays readable
    return home


def _write(snapshot: Snapshot, work: Path) -> None:
    node = nodes.write(snapshot, work, "s")
    manifest = {"format": FORMAT, "files": nodes.sealed(work), "snapshot": node}
    with created(work / _MANIFEST) as file:
        file.write(json.dumps({**manifest, "crc32": _crc32(manifest)}).encode())
        file.flush()
        os.fsync(file.fileno())
    synced(work)


def _point(folder: Path, version: str) -> None:
    pointer = folder / f"{_CURRENT}.{os.getpid()}"
    pointer.unlink(missing_ok=True)
    with created(pointer) as file:
        file.write(version.encode())
        file.flush()
        os.fsync(file.fileno())
    if (folder / _CURRENT).is_dir():
        _remove(folder / _CURRENT)
    pointer.replace(folder / _CURRENT)
    synced(folder)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)


def remove(folder: Path) -> None:
    """Remove all snapshots below `folder`, set aside or not: they hold a user who was erased."""
    (folder / _CURRENT).unlink(missing_ok=True)
    drop_set_aside(folder)
    for home in folder.iterdir() if folder.is_dir() else ():
        if home.is_dir() and not _is_kept(home):
            shutil.rmtree(home, ignore_errors=True)  # a map of it that is still open stays readable


def _is_kept(folder: Path) -> bool:
    """Tell whether a folder was set aside, or somebody may be writing there; a dead writer is not."""
    with suppress(FileNotFoundError):  # somebody else has just removed it
        writing = folder.name.startswith(WRITING) and time.time() - folder.stat().st_mtime < _LONGEST_WRITE
        return writing or folder.name.startswith(_ASIDE)
    return True


def load(folder: Path) -> Snapshot:
    """Read the current snapshot below `folder`, memory-mapped; every file is verified first.

    Raises `NotReady` where there is none or it has another format, `DamagedSnapshot` where a file is not
    what was written: either way it has to be learned anew.
    """
    while True:
        version = version_in(folder)
        if version is None:
            raise NotReady("There is no snapshot in {} yet: run `segue train`.", folder)
        try:
            return _read(folder, version)
        except NotReady:
            raise
        except Exception as error:  # whatever damage makes NumPy, SciPy or json raise
            if version_in(folder) == version:  # else another process has just replaced it
                raise DamagedSnapshot(
                    "The snapshot {} is damaged: {}.", folder / version, _reason(error), version=version
                ) from error


def _read(folder: Path, version: str) -> Snapshot:
    if not _VERSION.fullmatch(version):
        raise ValueError(f"{_CURRENT} names no snapshot")
    return read(folder / version)


def read(home: Path) -> Snapshot:
    """Read the snapshot in the folder `home`, memory-mapped, after verifying every file.

    Raises `NotReady` if it has another format, and whatever damage makes NumPy, SciPy or json raise.
    """
    manifest: dict[str, Any] = json.loads((home / _MANIFEST).read_bytes())
    if manifest["format"] != FORMAT:
        raise NotReady("The snapshot in {} has format {}, not {}.", home, manifest["format"], FORMAT)
    if manifest.pop("crc32") != _crc32(manifest):
        raise ValueError(f"{_MANIFEST} is not what was written")
    nodes.verify(home, manifest["files"])
    return cast("Snapshot", nodes.read(manifest["snapshot"], home))


def _crc32(manifest: dict[str, Any]) -> int:
    return zlib.crc32(json.dumps(manifest, sort_keys=True).encode())


def _reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return f"{Path(error.filename).name} is missing"
    return str(error) if type(error) is ValueError else f"{type(error).__name__} {error}".strip()


def version_in(folder: Path) -> str | None:
    """Return the version of the current snapshot below `folder`, None if there is none."""
    try:
        return (folder / _CURRENT).read_bytes().decode(errors="replace").strip()
    except OSError:
        return None


def set_aside(folder: Path, version: str, why: str) -> None:
    """Rename the snapshot `version`, so that it is not tried again; only the latest set aside is kept.

    A snapshot that another process has made current since stays.  The sentence `why` goes to the log.
    """
    if version_in(folder) != version:
        return
    aside = folder / f"{_ASIDE}{version if _VERSION.fullmatch(version) else 'unnamed'}"
    try:
        (folder / _CURRENT).unlink(missing_ok=True)
        drop_set_aside(folder)
        if _VERSION.fullmatch(version) and (folder / version).is_dir():
            (folder / version).replace(aside)
    except OSError as error:
        log.warning("%s It cannot be set aside (%s); I learn a new one all the same.", why, error)
    else:
        log.warning("%s It is set aside as %s; I learn a new one.", why, aside.name)


def drop_set_aside(folder: Path) -> None:
    """Remove what was set aside: somebody who is forgotten has to be gone from there as well."""
    for old in folder.glob(f"{_ASIDE}*"):
        shutil.rmtree(old, ignore_errors=True)
