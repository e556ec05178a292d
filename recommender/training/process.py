"""Training process: runs a training here or in a child process.

NumPy, SciPy and the garbage collector hold the interpreter lock for up to half a second at a time, which
would block chat. Long trainings therefore run in a child process, at low priority where the system supports
it, and leave the snapshot on disk. The child writes JSON lines to standard output, one per step and log line,
and ends when its standard input closes, so that it never outlives its parent.
"""

import asyncio
import json
import logging
import os
import sys
import threading
from contextlib import suppress
from pathlib import Path

from recommender import training
from recommender.errors import MusicError, NotReady
from recommender.snapshot import Snapshot, files
from recommender.training import usable
from recommender.training.facts import read_facts
from recommender.training.on_spark import SparkEngine
from storage.disk import is_full
from storage.store import Store
from storage.users.erasures import Erasures

_SEED = 0
_NICE = 5

log = logging.getLogger(__name__)


def learn(
    database: Path,
    folder: Path,
    *,
    now: float,
    previous: Snapshot | None = None,
    progress: training.Progress | None = None,
    engine: SparkEngine | None = None,
) -> Snapshot:
    """Train on all stored facts, save the snapshot below `folder`, and return it.

    `now`: seconds since 1970, when the facts are read. `previous`: see `training.read_facts`. With an
    `engine` it adds up what all users like, and a sample of them is read.
    """
    while True:
        with Store.open(database, readonly=True) as store:
            facts = read_facts(
                store, now=now, previous=previous, sample=None if engine is None else engine.sample
            )
        sums = {} if engine is None else engine.populations(facts, now=now, seed=_SEED)
        fresh = training.fit(
            facts, seed=_SEED, now=now, progress=progress, previous=previous, populations=sums
        )
        if erasures(database) == fresh.erasures:
            _save(fresh, folder)
            return fresh
        log.info("training again: somebody was forgotten meanwhile")


def _save(fresh: Snapshot, folder: Path) -> None:
    try:
        files.save(fresh, folder)
    except OSError as error:
        if not is_full(error):
            raise
        log.warning("the disk is full: the snapshot is used, and learned again at the next start")


def erasures(database: Path) -> int:
    """Return the database's number of erasures; see `storage.users.erasures`."""
    with Store.open(database, readonly=True) as store:
        return Erasures(store.db).count()


async def learn_apart(
    database: Path, folder: Path, *, now: float, previous: str = "", progress: training.Progress | None = None
) -> Snapshot:
    """Train in a child process, which is killed on cancellation.

    `previous`: the version of a snapshot below `folder`, "" to read everything. Raises MusicError if the
    process fails; its output is in the log.
    """
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        __name__,
        str(database),
        str(folder),
        repr(now),
        previous,
        stdin=pipe,
        stdout=pipe,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    try:
        if process.stdout is None:
            raise TypeError("a pipe was asked for")
        async for line in process.stdout:
            _heard(json.loads(line), progress)
        if status := await process.wait():
            raise MusicError(f"The training ended with status {status}; the log says more.")
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    return await asyncio.to_thread(files.load, folder)


def _heard(said: dict[str, str], progress: training.Progress | None) -> None:
    if "step" in said:
        if progress is not None:
            progress(said["step"], float(said["share"]))
    else:
        logging.getLogger(said["logger"]).log(int(said["level"]), "%s", said["text"])


def _tell(**said: object) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


class _Told(logging.Handler):
    """Log handler that forwards records to the parent process."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record as a line."""
        text = self.format(record)  # includes the traceback, if any
        _tell(logger=record.name, level=record.levelno, text=text)


def _end_with_whoever_asked() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


def _main(database: str, folder: str, now: str, version: str) -> int:
    logging.basicConfig(level=logging.INFO, handlers=[_Told()])
    threading.Thread(target=_end_with_whoever_asked, daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(_NICE)
    try:
        previous = None
        if version and files.version_in(Path(folder)) == version:
            with suppress(NotReady):
                previous = usable.load(Path(database), Path(folder))
        learn(
            Path(database),
            Path(folder),
            now=float(now),
            previous=previous,
            progress=lambda what, share: _tell(step=what, share=share),
        )
    except Exception:
        log.exception("the training failed")
        return 1
    return 0


if __name__ == "__main__":
    # Skip destructors, which take seconds after a large training.
    os._exit(_main(*sys.argv[1:]))
