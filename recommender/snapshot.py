"""Everything learned up to one moment, frozen: what the service recommends from until the next training.

On disk a snapshot is a folder of `.npy` files (memory-mapped when read, never pickled) and a `manifest.json`.
It is written under a temporary name; `current`, a one-line file naming the folder to use, is replaced last,
so that a reader sees the old snapshot or the new one and nothing between.
"""

import json
import logging
import os
import shutil
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import numpy as np
from scipy.sparse import csr_matrix

from recommender.beliefs import Beliefs
from recommender.errors import NotReady
from recommender.feelings import is_feeling
from recommender.index import Damaged, Index
from recommender.kindred import Kindred
from recommender.matrix import Ids, ListeningMatrix, Vocabulary
from recommender.models.gaussian import Prior
from recommender.rewards import Rewards
from recommender.scorers import Floats, Ints, Scorer
from recommender.scorers.indexed import Indexed
from recommender.scorers.registry import SERVED_ARTISTS

FORMAT = 9
_CURRENT = "current"
_LONGEST_WRITE = 3600.0  # seconds

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Axis:
    """One kind of item, tracks or artists: who listened, what they carry, and who has an opinion on them."""

    listening: ListeningMatrix
    item_tags: csr_matrix  # items x tags float32
    scorers: tuple[Scorer, ...]
    beliefs: Beliefs

    @property
    def items(self) -> Vocabulary:
        """The items, as database ids and columns."""
        return self.listening.items


@dataclass(frozen=True)
class Snapshot:
    """What was learned, and from how much of the log."""

    version: str
    created_at: int  # seconds since 1970
    cursor: int  # the last event learned from
    full_at: int  # when the whole log was last read; since then only what changed
    seed: int
    artists: Axis
    tracks: Axis
    track_artists: Ints  # column of the artist, per track column
    artist_tracks: Ints  # track columns grouped by artist, best known first
    artist_starts: Ids  # group of artist a: artist_tracks[artist_starts[a] : artist_starts[a + 1]]
    communities: Vocabulary
    tags: tuple[str, ...]  # name per tag column
    rarity: Floats  # log(artists / artists with the tag), per tag column
    rewards: Rewards
    features: Floats  # tracks x audio features, standardised, rows of length 1, 0 where unknown; or x 0
    tempo: Floats  # per track column, beats a minute, NaN where unknown
    works: Ints  # per track column, the column of the track that stands for its work: mostly its own
    credited_artists: Ints  # K x 2: column of an artist, and of one whose credit names that artist
    credited_tracks: Ints  # K x 2: column of an artist, and of a track of others that names that artist

    @cached_property
    def feelings(self) -> Ints:
        """The tag columns that are words for a mood, ascending."""
        return np.flatnonzero([is_feeling(tag) for tag in self.tags]).astype(np.int32)

    @cached_property
    def repeated(self) -> Ints:
        """The tracks that are not alone in their work, ascending."""
        counts = np.bincount(self.works, minlength=len(self.works))
        return np.flatnonzero(counts[self.works] > 1).astype(np.int32)

    @cached_property
    def _column_of_tag(self) -> dict[str, int]:
        return {name: column for column, name in enumerate(self.tags)}

    def versions_of(self, tracks: Ints) -> Ints:
        """Return these tracks and every other version of their works, ascending."""
        others = self.repeated[np.isin(self.works[self.repeated], self.works[tracks])]
        return np.union1d(tracks, others).astype(np.int32)

    def tracks_of(self, artist: int) -> Ints:
        """Return the track columns of an artist column, best known first."""
        return self.artist_tracks[self.artist_starts[artist] : self.artist_starts[artist + 1]]

    def crediting(self, artists: Ints) -> tuple[Ints, Ints]:
        """Return the artists and the tracks, as columns, that credit any of these artists."""
        others, tracks = (
            pairs[np.isin(pairs[:, 0], artists), 1] for pairs in (self.credited_artists, self.credited_tracks)
        )
        return others, tracks

    def tag_columns(self, names: tuple[str, ...]) -> tuple[int, ...]:
        """Return the column of each tag, -1 for one that is newer than the snapshot.

        Of two with one name it is the last: "1990s" is when a song came out, not what some people call it.
        """
        return tuple(self._column_of_tag.get(name, -1) for name in names)

    def figures(self) -> dict[str, Any]:
        """Return what it was made of, as numbers for a person."""
        return {
            "version": self.version,
            "created_at": self.created_at,
            "events": self.cursor,
            "artists": len(self.artists.items),
            "tracks": len(self.tracks.items),
            "listeners": len(np.union1d(self.artists.listening.users.ids, self.tracks.listening.users.ids)),
            "artist_weights": int(self.artists.listening.user_items.nnz),
            "track_weights": int(self.tracks.listening.user_items.nnz),
            "tags": len(self.tags),
            **self._indexes(),
        }

    def _indexes(self) -> dict[str, Any]:
        found = [one for one in self.tracks.scorers if isinstance(one, Indexed) and one.index is not None]
        return {"indexed": len(found[0].heard), "index_recall": found[0].recall} if found else {}


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
_PARTS = (Snapshot, Axis, ListeningMatrix, Vocabulary, Beliefs, Kindred, Prior, Rewards)
_CLASSES: dict[str, type] = {c.__name__: c for c in (*_PARTS, Indexed, *SERVED_ARTISTS)}


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
