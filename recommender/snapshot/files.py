"""Snapshots on disk: save and load."""

import json
import logging
import os
import shutil
import tempfile
import time
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any, cast

import numpy as np
from scipy.sparse import csr_matrix

from recommender.errors import NotReady
from recommender.feedback.matrix import IdIndex, ListeningMatrix
from recommender.linalg.ann import Damaged, Index
from recommender.models.gaussian import Prior
from recommender.scorers.registry import SERVED
from recommender.snapshot import Axis, Snapshot
from recommender.user_model import UserModel
from recommender.user_model.reward_model import RewardModel
from recommender.user_model.similar_users import SimilarUsers


def save(snapshot: Snapshot, folder: Path) -> Path:
    """Write `snapshot` below `folder`, make it the current one, remove the others; return its own folder."""
    folder.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix="writing-", dir=folder))
    manifest = {"format": FORMAT, "snapshot": _write(snapshot, work, "s")}
    (work / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    home = folder / snapshot.version
    if home.exists():
        shutil.rmtree(home)
    work.replace(home)
    pointer = folder / f"{_CURRENT}.{os.getpid()}"
    pointer.write_text(snapshot.version, encoding="utf-8")
    pointer.replace(folder / _CURRENT)
    for other in folder.iterdir():
        if other.is_dir() and other != home and not _is_being_written(other):
            shutil.rmtree(other, ignore_errors=True)  # a map of it that is still open stays readable
    return home


def _is_being_written(folder: Path) -> bool:
    """Tell whether somebody may be writing a snapshot there; what is left of one who died is not."""
    with suppress(FileNotFoundError):  # somebody else has just removed it
        return folder.name.startswith("writing-") and time.time() - folder.stat().st_mtime < _LONGEST_WRITE
    return True


def load(folder: Path) -> Snapshot:
    """Read the current snapshot below `folder`, memory-mapped.

    Raises `NotReady` where there is none or it is damaged or of another format: it is then to be rebuilt.
    """
    try:
        home = folder / (folder / _CURRENT).read_text(encoding="utf-8").strip()
        manifest = json.loads((home / "manifest.json").read_text(encoding="utf-8"))
        if manifest["format"] != FORMAT:
            raise NotReady(f"The snapshot in {home} has format {manifest['format']}, not {FORMAT}.")
        return cast("Snapshot", _read(manifest["snapshot"], home))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotReady(f"There is no usable snapshot in {folder}: run `segue train`.") from error


def version_in(folder: Path) -> str | None:
    """Return the version of the current snapshot below `folder`, None if there is none."""
    try:
        return (folder / _CURRENT).read_text(encoding="utf-8").strip()
    except OSError:
        return None


# A dataclass of arrays, sparse matrices, numbers and texts needs no format of its own: its fields are one.
_PARTS = (Snapshot, Axis, ListeningMatrix, IdIndex, UserModel, SimilarUsers, Prior, RewardModel)
_CLASSES: dict[str, type] = {c.__name__: c for c in (*_PARTS, *SERVED)}


def _write(value: object, folder: Path, name: str) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, np.ndarray):
        np.save(folder / f"{name}.npy", value, allow_pickle=False)
        return {"array": name}
    if isinstance(value, csr_matrix):
        parts = {part: _write(getattr(value, part), folder, f"{name}.{part}") for part in _CSR}
        return {"csr": parts, "shape": list(value.shape)}
    if isinstance(value, Index):
        return {"index": name, "manifest": value.save(folder / f"{name}.ann")}
    if isinstance(value, tuple):
        return {"tuple": [_write(part, folder, f"{name}.{k}") for k, part in enumerate(value)]}
    if type(value).__name__ in _CLASSES:
        names = [field.name for field in fields(cast("Any", value))]
        parts = {part: _write(getattr(value, part), folder, f"{name}.{part}") for part in names}
        return {"class": type(value).__name__, "fields": parts}
    if value is None or isinstance(value, (bool, int, float, str)):
        return {"value": value}
    raise TypeError(f"A snapshot cannot hold {type(value).__name__} ({name}).")


def _read(node: dict[str, Any], folder: Path) -> Any:  # noqa: ANN401 - whatever was written
    if "array" in node or "index" in node:
        return _mapped(node, folder)
    if "csr" in node:
        parts = tuple(_read(node["csr"][part], folder) for part in _CSR)
        return csr_matrix(parts, shape=tuple(node["shape"]), copy=False)
    if "tuple" in node:
        return tuple(_read(part, folder) for part in node["tuple"])
    if "class" in node:
        return _CLASSES[node["class"]](**{k: _read(part, folder) for k, part in node["fields"].items()})
    return node["value"]


def _mapped(node: dict[str, Any], folder: Path) -> object:
    if "array" in node:
        # A plain view of the map: numpy's memmap class costs more per small slice than the slice itself.
        return np.asarray(np.load(folder / f"{node['array']}.npy", mmap_mode="r", allow_pickle=False))
    try:
        return Index.open(folder / f"{node['index']}.ann", node["manifest"])
    except Damaged as damage:  # nothing is lost that looking at all would not find
        log.warning("Until the next training all songs are looked at: %s", damage)
        return None


_CSR = ("data", "indices", "indptr")


FORMAT = 11
_CURRENT = "current"
_LONGEST_WRITE = 3600.0  # seconds
log = logging.getLogger(__name__)
