"""Approximate nearest neighbours by cosine (Annoy), stored in one file.

Vectors are compared by cosine.  Annoy (Bernhardsson, 2013) splits them again and again by hyperplanes between
two of their clusters, in several random trees, and looks only at those that end up near the query in some
tree.  The file is memory-mapped: opening it copies nothing, and processes that use it share its pages.

An index knows how good it is: what it finds is compared with what looking at all would find.
"""

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from annoy import AnnoyIndex

from recommender.arrays import Doubles, Floats, Ints, Mask
from recommender.linalg import inverse, one_thread
from storage.disk import PRIVATE_FILE, checksum, synced

TREES = 20
"""How many trees: half as many find less for the same number of nodes, twice as many hardly more."""
SEARCH_K = 5_000
"""How many nodes a query looks at; Annoy's own choice, `n` times the trees, is far too few for ten."""
RECALL = 0.97
"""What an index has to reach; one that does not looks at more nodes."""

_FOR = 200  # nearest so many nodes are enough for; for more, as many more
_MOST = 1 / 16  # of all, for an index to be worth building
_ROWS = 50  # that are looked at one after the other while one node is, which lie anywhere in memory
_SPARE = 20  # per cent more, and so many: what is not allowed lies near what is asked about
_ASKED = 200  # vectors whose nearest are looked for, to know the recall
_SLICE = 20_000
_ROUNDING = 1e-6  # of a cosine: what is nearer by less is as near


class Damaged(Exception):
    """The file of an index is not the one that was written: it is to be built again."""


@dataclass(frozen=True, slots=True)
class About:
    """What an index is made of, and how well it finds."""

    vectors: int
    dimensions: int
    trees: int
    search_k: int  # nodes looked at for ten nearest
    recall: float  # share of the true ten nearest that it finds, mean over a sample


@dataclass(frozen=True, eq=False)
class Index:
    """The rows of a matrix, to be asked for those nearest to a vector."""

    tree: AnnoyIndex
    about: About

    @classmethod
    def build(cls, vectors: Floats, *, seed: int, trees: int = TREES, search_k: int = SEARCH_K) -> Self:
        """Build an index of N x D float32 `vectors`, rows of length 1, in memory and on one thread.

        In memory and not on the disk, because a disk that is full would be a signal that ends the process;
        when it is saved it is an error.  The same vectors and `seed` give the same index.  Where `search_k`
        nodes find less than `RECALL` of the nearest, it doubles, as long as that pays.
        """
        n, dimensions = vectors.shape
        tree = AnnoyIndex(dimensions, "angular")
        tree.set_seed(seed + 1)  # 0 would be Annoy's own
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
        """Return the `n` rows nearest to `vector`, nearest first, of those `allowed` (one flag per row).

        What a filter leaves is looked for further and further away.  None where there are fewer than `n`, or
        where looking at all that is allowed is the faster way: then that is to be done.  With `names`, what
        each row is called, these are returned, and `allowed` has one flag per name.
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
        """Write the index to `path`, whole or not at all; return what `open` needs to know it again.

        What another process has mapped of an older file at `path` stays as it is.  From now on the index is
        used from the file.
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
        """Map the index that `save` wrote; `Damaged` where the file is another, cut short, or not there.

        The whole file is read once to be sure: Annoy follows whatever numbers stand in it.
        """
        about = About(**{name: manifest[name] for name in About.__dataclass_fields__})
        try:
            if path.stat().st_size != manifest["size"] or checksum(path) != manifest["crc32"]:
                raise Damaged(f"{path} is not the index that was written.")
            tree = AnnoyIndex(about.dimensions, "angular")
            tree.load(str(path), prefault=False)
        except OSError as error:
            raise Damaged(f"{path} cannot be read: {error}.") from error
        return cls(tree, about)


@dataclass(frozen=True, eq=False)
class Sample:
    """Some rows of N x D vectors, and how near the `n`th nearest other row of each truly is."""

    rows: Ints
    floors: Floats  # cosine of each with its nth nearest other row
    n: int

    @classmethod
    def draw(cls, vectors: Floats, *, seed: int, n: int = 10, rows: int = _ASKED) -> Self:
        """Draw at most so many rows and look at all vectors for each."""
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
        """Return which share of the true `n` nearest the index finds, 0 to 1.

        A row does not count as found for itself.  One that is as near as the `n`th counts, whichever it is:
        songs with the same tags are equally near.
        """
        hits = 0
        for row, floor in zip(self.rows.tolist(), self.floors.tolist(), strict=True):
            found = index.nearest(vectors[row], self.n + 1)
            others = found[found != row][: self.n] if found is not None else self.rows[:0]
            hits += int(np.count_nonzero(vectors[others] @ vectors[row] >= floor - _ROUNDING))
        return hits / max(self.n * len(self.rows), 1)


def directions(vectors: Floats | Doubles) -> Floats:
    """Return the vectors as rows of length 1; 0 stays 0."""
    lengths = np.sqrt(np.einsum("nd,nd->n", vectors, vectors, dtype=np.float64))
    return np.asarray(vectors * inverse(lengths)[:, None].astype(np.float32), dtype=np.float32)


def exact(vectors: Floats, vector: Floats, n: int, allowed: Mask | None = None) -> Ints:
    """Return the `n` rows nearest to `vector`, nearest first, by looking at all that are allowed."""
    rows = np.arange(len(vectors), dtype=np.int32) if allowed is None else np.flatnonzero(allowed)
    cosines = (vectors if allowed is None else vectors[rows]) @ vector
    best = np.argpartition(cosines, len(rows) - n)[len(rows) - n :] if n < len(rows) else np.arange(len(rows))
    return rows[best[np.argsort(-cosines[best], kind="stable")]].astype(np.int32)
