"""Approximate nearest neighbours by cosine (Annoy), stored in one file.

Annoy (Bernhardsson, 2013) splits the vectors recursively by hyperplanes between two of their clusters, in
several random trees, and examines only those in the query's leaves. The file is memory-mapped: opening it
copies nothing, and processes share its pages.

An index measures its recall against exact search when it is built.  Annoy has to be compiled, so Segue works
without it, too: exact search then looks at every vector.
"""

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from recommender.arrays import Doubles, Floats, Ints, Mask
from recommender.linalg import inverse, one_thread
from storage.disk import PRIVATE_FILE, checksum, synced

if TYPE_CHECKING:
    from annoy import AnnoyIndex

TREES = 20
"""Number of trees: half as many find less at the same number of nodes, twice as many hardly more."""
SEARCH_K = 5_000
"""Nodes examined per query; Annoy's default, `n` times the trees, is far too few for ten neighbours."""
RECALL = 0.97
"""Minimum recall; an index below it examines more nodes."""

_FOR = 200  # neighbours that these nodes suffice for; proportionally more for more
_MOST = 1 / 16  # share of all vectors above which an index is not worth building
_ROWS = 50  # vectors scanned in order in the time of one node, which is a random access
_SPARE = 20  # percent, plus as many: filtered items tend to be near the query
_ASKED = 200  # sample of vectors for measuring recall
_SLICE = 20_000
_ROUNDING = 1e-6  # of a cosine: smaller differences are ties


class Damaged(Exception):
    """The index file is not the one that was written, or Annoy is missing; search without it."""


def is_installed() -> bool:
    """Tell whether Annoy is installed."""
    try:
        import annoy  # noqa: F401, PLC0415 - optional
    except ImportError:
        return False
    return True


def _tree(dimensions: int) -> "AnnoyIndex":
    from annoy import AnnoyIndex  # noqa: PLC0415 - optional

    return AnnoyIndex(dimensions, "angular")


@dataclass(frozen=True, slots=True)
class About:
    """Parameters and recall of an index."""

    vectors: int
    dimensions: int
    trees: int
    search_k: int  # nodes examined for ten neighbours
    recall: float  # share of the true ten nearest found, mean over a sample


@dataclass(frozen=True, eq=False)
class Index:
    """Nearest-neighbour index over the rows of a matrix."""

    tree: "AnnoyIndex"
    about: About

    @classmethod
    def build(cls, vectors: Floats, *, seed: int, trees: int = TREES, search_k: int = SEARCH_K) -> Self:
        """Build an index of N x D float32 `vectors`, rows of length 1, in memory and on one thread.

        In memory, because a full disk would then be an error when saving, not a signal that kills the
        process. The same vectors and `seed` give the same index. If `search_k` nodes reach less than
        `RECALL`, it doubles while that pays. Raises ImportError without Annoy.
        """
        n, dimensions = vectors.shape
        tree = _tree(dimensions)
        tree.set_seed(seed + 1)  # 0 would select Annoy's default seed
        for first in range(0, n, _SLICE):
            for row, vector in enumerate(vectors[first : first + _SLICE].tolist(), first):
                tree.add_item(row, vector)
        tree.build(trees, n_jobs=1)
        sample = Sample.draw(vectors, seed=seed)
        while True:
            found = sample.recall(cls(tree, About(n, dimensions, trees, search_k, 0.0)), vectors)
            if found >= RECALL or 2 * search_k > _MOST * n:
                return cls(tree, About(n, dimensions, trees, search_k, round(found, 4)))
            search_k *= 2

    def nearest(
        self, vector: Floats | Doubles, n: int, allowed: Mask | None = None, names: Ints | None = None
    ) -> Ints | None:
        """Return the `n` rows nearest to `vector` among those `allowed` (one flag per row), nearest first.

        The search widens until enough rows pass the filter. Returns None if fewer than `n` do, or if
        an exact scan of the allowed rows is faster, which the caller then does. With `names`, one per
        row, names are returned, and `allowed` has one flag per name.
        """
        spread = 1.0 if allowed is None else len(allowed) / max(int(np.count_nonzero(allowed)), 1)
        spare = 0 if allowed is None else _SPARE
        most = max(2 * self.about.search_k, self.about.vectors / _ROWS)
        while (search_k := int(self.about.search_k * max(1.0, n * spread / _FOR))) <= most:
            asked = int(n * spread * (1 + spare / 100)) + spare
            found = self.tree.get_nns_by_vector(vector.tolist(), asked, search_k)
            rows = np.array(found, dtype=np.int32)
            rows = rows if names is None else names[rows]
            rows = rows if allowed is None else rows[allowed[rows]]
            if len(rows) >= n:
                return rows[:n]
            spread *= 2
        return None

    def save(self, path: Path) -> dict[str, Any]:
        """Write the index to `path` atomically; return the manifest that `open` checks.

        Other processes keep their mapping of an older file at `path`. From now on this index is used
        from the file.
        """
        part = path.with_name(f"{path.name}.writing-{os.getpid()}")
        try:
            self.tree.save(str(part))
            part.chmod(PRIVATE_FILE)
            synced(part)
            size, crc32 = part.stat().st_size, checksum(part)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        synced(path.parent)
        return {**asdict(self.about), "size": size, "crc32": crc32}

    @classmethod
    def open(cls, path: Path, manifest: dict[str, Any]) -> Self:
        """Map an index written by `save`; raise `Damaged` for a different, truncated or missing file.

        The whole file is read once to verify it: Annoy follows any offsets in it.
        """
        about = About(**{name: manifest[name] for name in About.__dataclass_fields__})
        try:
            if path.stat().st_size != manifest["size"] or checksum(path) != manifest["crc32"]:
                raise Damaged(f"{path} is not the index that was written.")
            tree = _tree(about.dimensions)
            tree.load(str(path), prefault=False)
        except (OSError, ImportError) as error:
            raise Damaged(f"{path} cannot be read: {error}.") from error
        return cls(tree, about)


@dataclass(frozen=True, eq=False)
class Sample:
    """A sample of N x D vectors' rows, with the cosine of each one's true `n`th nearest other row."""

    rows: Ints
    floors: Floats  # each row's cosine with its nth nearest other row
    n: int

    @classmethod
    def draw(cls, vectors: Floats, *, seed: int, n: int = 10, rows: int = _ASKED) -> Self:
        """Draw at most `rows` rows and search all vectors for each."""
        rows, most = min(rows, len(vectors)), min(n, len(vectors) - 1)
        chosen = np.random.default_rng(seed).choice(len(vectors), rows, replace=False)
        best = np.full((rows, most + 1), -np.inf, dtype=np.float32)
        with one_thread():
            for first in range(0, len(vectors), _SLICE):
                cosines = vectors[chosen] @ vectors[first : first + _SLICE].T
                best = np.concatenate([best, cosines], axis=1)
                best = np.partition(best, -most - 1, axis=1)[:, -most - 1 :]
        return cls(chosen.astype(np.int32), best.min(axis=1), most)

    def recall(self, index: Index, vectors: Floats) -> float:
        """Return the share of the true `n` nearest that the index finds, 0 to 1.

        A row never counts for itself. Any row as near as the `n`th counts: tracks with the same tags
        are ties.
        """
        hits = 0
        for row, floor in zip(self.rows.tolist(), self.floors.tolist(), strict=True):
            found = index.nearest(vectors[row], self.n + 1)
            others = found[found != row][: self.n] if found is not None else self.rows[:0]
            hits += int(np.count_nonzero(vectors[others] @ vectors[row] >= floor - _ROUNDING))
        return hits / max(self.n * len(self.rows), 1)


def directions(vectors: Floats | Doubles) -> Floats:
    """Return the vectors normalised to length 1; zero vectors stay zero."""
    lengths = np.sqrt(np.einsum("nd,nd->n", vectors, vectors, dtype=np.float64))
    return np.asarray(vectors * inverse(lengths)[:, None].astype(np.float32), dtype=np.float32)


def exact(vectors: Floats, vector: Floats, n: int, allowed: Mask | None = None) -> Ints:
    """Return the `n` allowed rows nearest to `vector`, nearest first, by exact search."""
    rows = np.arange(len(vectors), dtype=np.int32) if allowed is None else np.flatnonzero(allowed)
    cosines = (vectors if allowed is None else vectors[rows]) @ vector
    best = np.argpartition(cosines, len(rows) - n)[len(rows) - n :] if n < len(rows) else np.arange(len(rows))
    return rows[best[np.argsort(-cosines[best], kind="stable")]].astype(np.int32)
