"""Spark against the trainer itself: seconds, memory, and whether both learn the same.

    python tests/benchmarks/spark.py --events 1000000 5000000
    python tests/benchmarks/spark.py --lastfm PATH        NDCG@100 of the blend trained both ways

Users draw artists from a few tastes with a long tail.  "here" is the same sums by NumPy in this process,
reading included; memory is that of the largest process of its kind at any moment, resident, in MB.
"""

import argparse
import sys
import tempfile
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from scipy.sparse import csr_matrix

from recommender.evaluation.accuracy import ranking_outcome
from recommender.evaluation.readers import read
from recommender.evaluation.served import ServedRanker, ServedScorer, _weights
from recommender.evaluation.splits import strong_generalisation
from recommender.feedback.matrix import IdIndex, ListeningMatrix
from recommender.linalg import one_thread
from recommender.models.population import Here, Population, UserBlock
from recommender.scorers import TrainingData
from recommender.scorers.blend import Blend
from recommender.scorers.blend_training import DAMPING, NEIGHBOURS
from recommender.training.on_spark import SparkEngine, standing
from storage.replica import log_slices

NOW = 1_800_000_000
TASTES, EVENTS_OF_USER = 40, 250


def make(folder: Path, events: int, artists: int, seed: int) -> None:
    """Write slices with that many plays, by users of `EVENTS_OF_USER` each."""
    (folder / log_slices.EVENTS).mkdir(parents=True)
    rng = np.random.default_rng(seed)
    orders = [rng.permutation(artists) for _ in range(TASTES)]
    slices, users = {}, max(events // EVENTS_OF_USER, 1)
    names = rng.integers(1, 2**62, users)
    for start in range(0, events, log_slices.SLICE):
        n = min(log_slices.SLICE, events - start)
        user = rng.integers(0, users, n)
        rank = np.minimum((artists ** rng.random(n)).astype(np.int64), artists - 1)  # log-uniform ranks
        artist = np.stack(orders)[user % TASTES, rank] + 1
        columns = [
            pa.array(np.arange(start + 1, start + n + 1)),
            pa.array(names[user]),
            pa.array(artist),
            pa.nulls(n, pa.int64()),
            pa.array(np.full(n, "play", dtype=object)),
            pa.array(NOW - rng.integers(0, 10**8, n)),
            pa.array(np.full(n, NOW)),
            pa.nulls(n, pa.int64()),
            pa.nulls(n, pa.int64()),
        ]
        name = f"{log_slices.EVENTS}/{start:015d}.parquet"
        schema = log_slices._schema()
        pq.write_table(pa.Table.from_arrays(columns, schema=schema), folder / name, compression="zstd")
        slices[name] = (n, 0)
    pq.write_table(log_slices._members_schema().empty_table(), folder / log_slices.MEMBERS)
    log_slices._seal(folder, log_slices.LogManifest("benchmark", 0, events, slices))


class Largest(threading.Thread):
    """Watches this process and all below it; the largest at any moment, resident, in MB."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.megabytes, self._over = {"java": 0.0, "python": 0.0}, threading.Event()

    def run(self) -> None:
        while not self._over.wait(0.5):
            for process in Path("/proc").glob("[0-9]*"):
                try:
                    name = (process / "comm").read_text().strip()
                    pages = int((process / "statm").read_text().split()[1])
                except OSError:
                    continue
                kind = "java" if name == "java" else "python" if name.startswith("python") else ""
                if kind:
                    self.megabytes[kind] = max(self.megabytes[kind], pages * 4096 / 1e6)

    def end(self) -> dict[str, float]:
        self._over.set()
        self.join()
        return self.megabytes


def compared(events: int, artists: int, *, here: bool, memory: str) -> str:
    with tempfile.TemporaryDirectory(prefix="segue-slices-") as temporary:
        folder = Path(temporary) / "slices"
        make(folder, events, artists, seed=0)
        items, nothing = IdIndex(np.arange(1, artists + 1)), IdIndex(np.zeros(0, dtype=np.int64))
        facts = SimpleNamespace(
            database="benchmark",
            erasures=0,
            artists=SimpleNamespace(items=items),
            tracks=SimpleNamespace(items=nothing),
        )
        watch, began = Largest(), time.perf_counter()
        watch.start()
        summed = SparkEngine(folder, memory=memory).populations(facts, now=NOW, seed=0)["artists"]
        took, largest = time.perf_counter() - began, watch.end()
        line = (
            f"{events:>12,} {summed.counts.n_users:>10,} {artists:>8,} {took:>9.1f}"
            f" {largest['java']:>9.0f} {largest['python']:>9.0f}"
        )
        if not here:
            return line
        began = time.perf_counter()
        whole = standing([pq.read_table(path) for path in sorted((folder / log_slices.EVENTS).iterdir())])
        matrix = ListeningMatrix.build(whole, items, by_artist=True, now=NOW).user_items
        blocks = [UserBlock(matrix, csr_matrix((0, matrix.shape[0]), dtype=np.float32))]
        with one_thread():
            local = Population.added_up(Here(blocks), artists, neighbours=NEIGHBOURS, damping=DAMPING, seed=0)
        seconds = time.perf_counter() - began
        shared = (summed.together != 0).multiply(local.together != 0).nnz / max(local.together.nnz, 1)
        most = abs((summed.together - local.together).multiply(local.together != 0)).max()
        return f"{line} {seconds:>9.1f} {shared:>9.4f} {most:>11.1e}"


class BySums:
    """The served blend, its sums from blocks of users as Spark adds them."""

    def fit(self, user_items: csr_matrix, item_tags: csr_matrix | None = None, *, seed: int) -> ServedRanker:
        weights = _weights(user_items)
        n = weights.shape[1]
        nowhere = csr_matrix((0, weights.shape[0]), dtype=np.float32)
        some = np.array_split(np.arange(weights.shape[0]), 4)
        blocks = [
            UserBlock(csr_matrix(weights[rows]), csr_matrix((0, len(rows)), dtype=np.float32))
            for rows in some
        ]
        with one_thread():
            population = Population.added_up(
                Here(blocks), n, neighbours=NEIGHBOURS, damping=DAMPING, seed=seed
            )
        tags = csr_matrix((n, 0), dtype=np.float32) if item_tags is None else item_tags
        nothing = np.zeros((n, 0), dtype=np.float32)
        data = TrainingData(weights, tags, nothing, nowhere, population=population)
        people = np.bincount(weights.indices, minlength=n).astype(np.float32)
        return ServedRanker(Blend.fit(data, seed=seed), people, csr_matrix((n, 1), dtype=np.float32), 0)


def lastfm(path: Path) -> None:
    split = strong_generalisation(read("lastfm-2k", path), seed=0)
    for name, model in (("the trainer's own", ServedScorer(Blend)), ("by sums", BySums())):
        outcome = ranking_outcome(model, split, 0)
        print(f"{name:<20} NDCG@100 {np.mean(outcome.people['ndcg@100']):.4f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, nargs="*", default=[])
    parser.add_argument("--artists", type=int, default=20_000)
    parser.add_argument("--memory", default="2g", help="of Java")
    parser.add_argument("--without-here", action="store_true", help="Spark alone")
    parser.add_argument("--lastfm", type=Path)
    wish = parser.parse_args()
    if wish.events:
        heads = (
            ("events", 12),
            ("users", 10),
            ("artists", 8),
            ("spark s", 9),
            ("java MB", 9),
            ("worker MB", 9),
        )
        more = () if wish.without_here else (("here s", 9), ("shared", 9), ("most apart", 11))
        print(" ".join(f"{name:>{width}}" for name, width in (*heads, *more)))
    for events in wish.events:
        print(compared(events, wish.artists, here=not wish.without_here, memory=wish.memory), flush=True)
    if wish.lastfm is not None:
        lastfm(wish.lastfm)


if __name__ == "__main__":
    sys.exit(main())
