"""Spark as the engine of training: it adds up what grows with the number of users.

Partitions hold whole users, read from the slices of `storage.replica.log_slices`; each works out its part of
`recommender.models.population` with the trainer's own NumPy, and Spark adds the parts up.  The trainer
finishes and writes the same snapshot.  What needs rows of users (the weights of the blend, the user model,
the cold start) is learned from a sample of users that fits one machine.

Needs the extra `segue[spark]` and Java 17; the workers need Segue installed.
"""

import os
import pickle
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.sparse import csr_matrix

from recommender.arrays import Doubles, Ids
from recommender.errors import MusicError, NotReady
from recommender.feedback import CODES, NO_TRACK, ListeningEvents
from recommender.feedback.matrix import IdIndex, ListeningMatrix
from recommender.linalg import one_thread
from recommender.models.population import Population, Sums, UserBlock, plus
from recommender.scorers import AxisName
from recommender.scorers.blend_training import DAMPING, NEIGHBOURS
from recommender.training.facts import TrainingFacts
from storage.records import Kind
from storage.replica import log_slices

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark import RDD, SparkContext
    from pyspark.core.broadcast import Broadcast

SAMPLE = 50_000
"""Users whose rows the trainer itself reads."""
_ROWS = 2_000_000  # of events in a partition
_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class SparkEngine:
    """How and where to add up."""

    folder: Path | str  # of the slices; the workers read it too
    master: str = ""  # "" is this machine, on all cores
    sample: int = SAMPLE
    memory: str = "2g"  # of the driver, in Java's notation

    def populations(self, facts: TrainingFacts, *, now: float, seed: int) -> dict[AxisName, Population]:
        """Return the sums over all users on both axes.

        Raises NotReady where the slices are missing, are another database's or hold somebody who was
        erased since, and MusicError where Spark or Java are missing.
        """
        manifest = _checked(Path(self.folder), facts)
        check_installed()
        members = np.array(log_slices.read_members(Path(self.folder)), dtype=np.int64).reshape(-1, 2)
        layout = _Layout(facts.artists.items, facts.tracks.items, members, now)
        paths = [str(Path(self.folder) / name) for name in sorted(manifest.slices)]
        rows = sum(rows for rows, _ in manifest.slices.values())
        with _context(self.master, self.memory) as spark, _kept(spark, paths, rows, layout) as blocks:
            return {
                axis: Population.added_up(
                    _Users(blocks, place), len(items), neighbours=NEIGHBOURS, damping=DAMPING, seed=seed
                )
                for place, (axis, items) in enumerate(layout.axes)
            }


def check_installed() -> None:
    """Raise MusicError, one sentence with what to do, where Spark or Java is missing."""
    log_slices.check_installed()
    if find_spec("pyspark") is None:
        raise MusicError("Spark is not installed: pip install 'segue[spark]'.")
    home = os.environ.get("JAVA_HOME", "")
    if not (shutil.which("java") or (home and Path(home, "bin", "java").is_file())):
        raise MusicError(
            "Spark needs Java 17 or newer, and there is none: sudo apt install openjdk-17-jre-headless."
        )


def _checked(folder: Path, facts: TrainingFacts) -> log_slices.LogManifest:
    found = log_slices.read_manifest(folder)
    if found is None or not found.slices:
        raise NotReady("There are no slices of the log in {}: run `segue export parquet {}`.", folder, folder)
    if found.database != facts.database:
        raise NotReady("The slices in {} are another database's.", folder)
    if found.erasures != facts.erasures:
        raise NotReady(
            "Somebody asked to be forgotten since the slices in {} were written: export again.", folder
        )
    return found


@contextmanager
def _context(master: str, memory: str) -> "Iterator[SparkContext]":
    from pyspark import SparkConf, SparkContext  # noqa: PLC0415 - an extra

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.memory": memory,
        "spark.driver.maxResultSize": "0",  # sums of items x items pass through the driver
        "spark.log.level": "ERROR",
    }
    if not master:  # nothing of it is reached from outside
        os.environ.setdefault("SPARK_LOCAL_IP", _LOOPBACK)
        settings |= {"spark.driver.bindAddress": _LOOPBACK, "spark.driver.host": _LOOPBACK}
    conf = SparkConf().setAppName("segue").setMaster(master or "local[*]").setAll(list(settings.items()))
    spark = SparkContext(conf=conf)
    try:
        yield spark
    finally:
        spark.stop()


class _Layout(NamedTuple):
    """What a partition needs to turn events into matrices."""

    artists: IdIndex
    tracks: IdIndex
    members: Ids  # M x 2: community id, pseudonym of the user
    now: float  # seconds since 1970

    @property
    def axes(self) -> tuple[tuple[AxisName, IdIndex], ...]:
        return ("artists", self.artists), ("tracks", self.tracks)


@contextmanager
def _kept(spark: "SparkContext", paths: list[str], rows: int, layout: _Layout) -> "Iterator[RDD[bytes]]":
    """Give the blocks of all partitions, kept on the workers as long as they are used."""
    from pyspark import StorageLevel  # noqa: PLC0415 - an extra

    n = max(spark.defaultParallelism, -(-rows // _ROWS))
    shared = spark.broadcast(layout)
    slices = spark.parallelize(paths, len(paths)).flatMap(partial(_by_user, n=n))
    blocks = slices.partitionBy(n, int).mapPartitions(partial(_blocks, layout=shared))
    blocks.persist(StorageLevel.MEMORY_AND_DISK)
    try:
        yield blocks
    finally:
        blocks.unpersist()


def _by_user(path: str, n: int) -> Iterator[tuple[int, bytes]]:
    """Yield the rows of a slice in `n` parts, whole users in each: (number, Arrow stream)."""
    import pyarrow as pa  # noqa: PLC0415 - an extra

    for rows in log_slices.read(path):
        part = rows["user"].to_numpy() % n
        for number in np.unique(part).tolist():
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, rows.schema) as stream:
                stream.write_table(rows.filter(pa.array(part == number)))
            yield number, sink.getvalue().to_pybytes()


def _blocks(parts: Iterable[tuple[int, bytes]], layout: "Broadcast[_Layout]") -> Iterator[bytes]:
    """Yield both axes' `UserBlock` of a partition, pickled."""
    import pyarrow as pa  # noqa: PLC0415 - an extra

    items, members, now = layout.value.axes, layout.value.members, layout.value.now
    events = standing([pa.ipc.open_stream(part).read_all() for _, part in parts])
    communities, made = IdIndex(np.unique(members[:, 0])), []
    for axis, index in items:
        matrix = ListeningMatrix.build(events, index, by_artist=axis == "artists", now=now)
        made.append(UserBlock(matrix.user_items, _members(members, communities, matrix.users)))
    yield pickle.dumps(made)


def _members(members: Ids, communities: IdIndex, users: IdIndex) -> csr_matrix:
    row, column = communities.columns(members[:, 0]), users.columns(members[:, 1])
    there = column >= 0
    ones = np.ones(int(there.sum()), dtype=np.float32)
    return csr_matrix((ones, (row[there], column[there])), shape=(len(communities), len(users)))


def standing(tables: "list[pa.Table]") -> ListeningEvents:
    """Return the events of whole users, in log order, without what was undone and without unweighed kinds."""
    import pyarrow as pa  # noqa: PLC0415 - an extra

    if not tables:
        none = np.zeros(0, dtype=np.int64)
        return ListeningEvents(none, none, none, none.astype(np.int8), *[none.astype(np.float64)] * 2)
    rows = pa.concat_tables(tables).sort_by("id")
    ids, undone = rows["id"].to_numpy(), rows["undoes"].drop_null().to_numpy()
    encoded = rows["kind"].combine_chunks().dictionary_encode()
    kinds = {str(kind): code for kind, code in CODES.items()}
    known = np.array([kinds.get(kind, _IGNORED) for kind in encoded.dictionary.to_pylist()], dtype=np.int8)
    codes = known[encoded.indices.to_numpy()]
    at: Doubles = rows["at"].cast(pa.float64()).to_numpy()
    recorded = np.isnan(at) & (codes != CODES[Kind.PLAY])
    kept = (codes != _IGNORED) & ~np.isin(ids, undone)
    return ListeningEvents(
        user=rows["user"].to_numpy(),
        artist=rows["artist"].fill_null(NO_TRACK).to_numpy(),
        track=rows["track"].fill_null(NO_TRACK).to_numpy(),
        kind=codes,
        at=np.where(recorded, rows["recorded_at"].to_numpy(), at).astype(np.float64),
        plays=rows["plays"].fill_null(1).to_numpy().astype(np.float64),
    ).only(kept)


_IGNORED = -1


@dataclass(frozen=True)
class _Users:
    """The adder on one axis of the blocks."""

    blocks: "RDD[bytes]"
    place: int

    def total(self, part: Callable[[UserBlock], Sums]) -> Sums:
        """Return the sums of the parts, added in a tree over the workers."""
        found: Sums = self.blocks.map(partial(_part, place=self.place, part=part)).treeReduce(plus)
        return found


def _part(blocks: bytes, place: int, part: Callable[[UserBlock], Sums]) -> Sums:
    with one_thread():
        return part(pickle.loads(blocks)[place])  # noqa: S301 - made by `_blocks` on these workers
