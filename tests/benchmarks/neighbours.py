"""Nearest neighbours side by side: `python tests/benchmarks/neighbours.py --size 100000 1000000`.

Vectors of 64 dimensions in 1,000 clusters, a fixed seed, one thread; asked for are the ten nearest by cosine
of vectors that are not in the index.  hnswlib and voyager take part where they are installed:
`pip install hnswlib voyager`; `--without voyager` leaves one out, which take minutes to build for a million.
"""

import argparse
import importlib.util
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from recommender.linalg.ann import Index, directions, exact

DIMENSIONS = 64
N = 10
QUERIES = 300
WARM_UP = 30

Ask = Callable[[np.ndarray], np.ndarray]


class Peer(NamedTuple):
    """One way to find the nearest; times in seconds, the file in bytes."""

    name: str
    build: float
    file: int
    load: float
    ask: Ask


def clustered(n: int, rng: np.random.Generator, centres: np.ndarray) -> np.ndarray:
    """Return `n` vectors of length 1, each at a distance of some 0.7 from its centre before it is scaled."""
    noise = rng.standard_normal((n, DIMENSIONS), dtype=np.float32)
    return directions(centres[rng.integers(len(centres), size=n)] + 0.7 * noise / np.sqrt(DIMENSIONS))


def peers(vectors: np.ndarray, folder: Path, without: list[str]) -> Iterator[Peer]:
    """Build and load one after the other."""
    yield Peer("exact, NumPy", 0.0, vectors.nbytes, 0.0, lambda query: exact(vectors, query, N))
    index, build = timed(lambda: Index.build(vectors, seed=0))
    manifest = index.save(folder / "annoy")
    index, load = timed(lambda: Index.open(folder / "annoy", manifest))
    name = f"annoy, {manifest['trees']} trees, search_k {manifest['search_k']:,}"
    yield Peer(name, build, manifest["size"], load, lambda query: index.nearest(query, N))
    for library, made in (("hnswlib", hnswlib_peer), ("voyager", voyager_peer)):
        if library not in without and importlib.util.find_spec(library):
            yield made(vectors, folder)


def hnswlib_peer(vectors: np.ndarray, folder: Path) -> Peer:
    import hnswlib  # noqa: PLC0415 - for the reader's information, where it is there

    def built() -> hnswlib.Index:
        index = hnswlib.Index(space="ip", dim=DIMENSIONS)
        index.init_index(len(vectors), M=16, ef_construction=200, random_seed=0)
        index.set_num_threads(1)
        index.add_items(vectors)
        return index

    def loaded() -> hnswlib.Index:
        index = hnswlib.Index(space="ip", dim=DIMENSIONS)
        index.load_index(str(path))
        index.set_num_threads(1)
        index.set_ef(100)
        return index

    path = folder / "hnswlib"
    index, build = timed(built)
    index.save_index(str(path))
    index, load = timed(loaded)
    ask = lambda query: index.knn_query(query, N)[0][0]  # noqa: E731
    return Peer("hnswlib, M 16, ef 100", build, path.stat().st_size, load, ask)


def voyager_peer(vectors: np.ndarray, folder: Path) -> Peer:
    import voyager  # noqa: PLC0415 - for the reader's information, where it is there

    def built() -> voyager.Index:
        index = voyager.Index(voyager.Space.Cosine, DIMENSIONS, M=16, ef_construction=200, random_seed=0)
        index.add_items(vectors, num_threads=1)
        return index

    path = folder / "voyager"
    index, build = timed(built)
    index.save(str(path))
    index, load = timed(lambda: voyager.Index.load(str(path)))
    ask = lambda query: index.query(query, N, num_threads=1, query_ef=100)[0]  # noqa: E731
    return Peer("voyager, M 16, ef 100", build, path.stat().st_size, load, ask)


def timed(work: Callable[[], object]) -> tuple[object, float]:
    began = time.perf_counter()
    return work(), time.perf_counter() - began


def measured(ask: Ask, queries: np.ndarray, vectors: np.ndarray, floors: np.ndarray) -> tuple[float, float]:
    """Return the recall and the median seconds of a query."""
    for query in queries[:WARM_UP]:
        ask(query)
    hits, times = [], []
    for query, floor in zip(queries, floors, strict=True):
        found, seconds = timed(lambda query=query: ask(query))
        times.append(seconds)
        hits.append(np.mean(vectors[found] @ query >= floor - 1e-6))
    return float(np.mean(hits)), float(np.median(times))


def compare(size: int, without: list[str]) -> None:
    rng = np.random.default_rng(0)
    centres = directions(rng.standard_normal((1_000, DIMENSIONS)))
    vectors, queries = clustered(size, rng, centres), clustered(QUERIES, rng, centres)
    floors = np.array([vectors[exact(vectors, query, N)[-1]] @ query for query in queries])
    print(f"\n| {size:,} vectors | build | file | load | recall@{N} | a query |")
    print("|---|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        for name, build, file, load, ask in peers(vectors, Path(folder), without):
            found, seconds = measured(ask, queries, vectors, floors)
            print(
                f"| {name} | {build:.1f} s | {file / 1e6:.0f} MB | {1e3 * load:.1f} ms "
                f"| {found:.3f} | {1e3 * seconds:.2f} ms |",
                flush=True,
            )


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, nargs="+", default=[100_000])
    parser.add_argument("--without", nargs="+", default=[], metavar="LIBRARY")
    options = parser.parse_args(arguments)
    with threadpool_limits(limits=1):
        for size in options.size:
            compare(size, options.without)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
