"""A snapshot as files: an `.npy` per array, an `.ann` per index, and a tree of JSON nodes that names them.

Every array is checked when it is read: its file's size and checksum, its dtype and shape, and of a sparse
matrix that no index points outside.  What is mapped afterwards can be used without looking again.
"""

import logging
from dataclasses import fields
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommender.feedback.matrix import IdIndex, ListeningMatrix
from recommender.linalg.ann import Damaged, Index
from recommender.models.gaussian import Prior
from recommender.next_song import NextSong
from recommender.next_song.experts import OrderModels
from recommender.next_song.rules import Rules
from recommender.next_song.session_neighbours import SessionNeighbours
from recommender.scorers.registry import SERVED
from recommender.snapshot import Axis, Snapshot
from recommender.snapshot.eligibility import Eligibility
from recommender.user_model import UserModel
from recommender.user_model.learning import LearnerSettings
from recommender.user_model.reward_model import RewardModel
from recommender.user_model.similar_users import SimilarUsers
from storage.disk import checksum, created, synced

Node = dict[str, Any]

# A dataclass of arrays, sparse matrices, numbers and texts needs no format of its own: its fields are one.
_PARTS = (
    *(Snapshot, Axis, ListeningMatrix, IdIndex, Eligibility),
    *(UserModel, LearnerSettings, SimilarUsers, Prior, RewardModel),
    *(NextSong, OrderModels, SessionNeighbours, Rules),
)
_CLASSES: dict[str, type] = {c.__name__: c for c in (*_PARTS, *SERVED)}
_CSR = ("data", "indices", "indptr")
log = logging.getLogger(__name__)


def write(value: object, folder: Path, name: str) -> Node:
    """Write `value` into files of `folder` whose names begin with `name`; return the node to read it by."""
    if isinstance(value, np.ndarray):
        with created(folder / f"{name}.npy") as file:
            np.save(file, value, allow_pickle=False)
        return {"array": name, "dtype": value.dtype.str, "shape": list(value.shape)}
    if isinstance(value, csr_matrix):
        parts = {part: write(getattr(value, part), folder, f"{name}.{part}") for part in _CSR}
        return {"csr": parts, "shape": list(value.shape)}
    if isinstance(value, Index):
        return {"index": name, "manifest": value.save(folder / f"{name}.ann")}
    if isinstance(value, tuple):
        return {"tuple": [write(part, folder, f"{name}.{k}") for k, part in enumerate(value)]}
    if type(value).__name__ in _CLASSES:
        names = [field.name for field in fields(cast("Any", value))]
        parts = {part: write(getattr(value, part), folder, f"{name}.{part}") for part in names}
        return {"class": type(value).__name__, "fields": parts}
    if value is None or isinstance(value, (bool, int, float, str)):
        return {"value": value}
    raise TypeError(f"A snapshot cannot hold {type(value).__name__} ({name}).")


def sealed(folder: Path) -> dict[str, list[int]]:
    """Make every array of `folder` outlast a loss of power; return [bytes, CRC-32] by file name."""
    arrays = sorted(folder.glob("*.npy"))
    for path in arrays:
        synced(path)
    return {path.name: [path.stat().st_size, checksum(path)] for path in arrays}


def verify(folder: Path, files: dict[str, list[int]]) -> None:
    """Compare every file with what `sealed` returned; ValueError names one that differs."""
    for name, (size, crc32) in files.items():
        path = folder / name
        if path.stat().st_size != size:
            raise ValueError(f"{name} has {path.stat().st_size} bytes, not {size}")
        if checksum(path) != crc32:
            raise ValueError(f"{name} is not what was written")


def read(node: Node, folder: Path) -> Any:  # noqa: ANN401 - whatever was written
    """Return the value that `write` put there, arrays memory-mapped; ValueError where an array is off."""
    if "array" in node:
        return _array(node, folder)
    if "index" in node:
        return _index(node, folder)
    if "csr" in node:
        return _csr(node, folder)
    if "tuple" in node:
        return tuple(read(part, folder) for part in node["tuple"])
    if "class" in node:
        return _CLASSES[node["class"]](**{k: read(part, folder) for k, part in node["fields"].items()})
    return node["value"]


def _array(node: Node, folder: Path) -> NDArray[Any]:
    name = node["array"]
    # A plain view of the map: numpy's memmap class costs more per small slice than the slice itself.
    found = np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False))
    if found.dtype.str != node["dtype"] or list(found.shape) != node["shape"]:
        raise ValueError(f"{name} holds {found.dtype.str} {found.shape}, not {node['dtype']} {node['shape']}")
    return found


def _csr(node: Node, folder: Path) -> csr_matrix:
    data, indices, indptr = (_array(node["csr"][part], folder) for part in _CSR)
    rows, columns = node["shape"]
    # Of what only this check reads, no pages stay mapped: they would count as memory of an idle process.
    read = np.load(folder / f"{node['csr']['indices']['array']}.npy", allow_pickle=False)
    name = node["csr"]["data"]["array"]
    # Compiled code follows these numbers without looking: a wrong one would end the process.
    if indptr.shape != (rows + 1,) or indices.shape != data.shape or indptr[0] != 0:
        raise ValueError(f"{name} belongs to no matrix of {rows} x {columns}")
    if indptr[-1] != len(indices) or (np.diff(indptr) < 0).any():
        raise ValueError(f"the rows of {name} do not follow each other")
    if len(read) and not 0 <= read.min() <= read.max() < columns:
        raise ValueError(f"{name} has an entry outside its {columns} columns")
    return csr_matrix((data, indices, indptr), shape=(rows, columns), copy=False)


def _index(node: Node, folder: Path) -> Index | None:
    try:
        return Index.open(folder / f"{node['index']}.ann", node["manifest"])
    except Damaged as damage:  # nothing is lost that looking at all would not find
        log.warning("Until the next training all songs are looked at: %s", damage)
        return None
