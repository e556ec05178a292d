"""A training in a process of its own: the same snapshot, its failures in the log, and no orphans."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from recommender.errors import MusicError
from recommender.service import MusicService
from recommender.training import trainer
from recommender.training.process import learn, learn_apart
from storage.records import Account, Kind

NOW = 1_700_000_060.0
ASKING = """
import asyncio, sys
from pathlib import Path
from recommender.training.process import learn_apart

def stop(what, share):
    print(what, flush=True)
    while True:  # whoever asked hangs while the training goes on
        pass

asyncio.run(learn_apart(Path(sys.argv[1]), Path(sys.argv[2]), now=0.0, progress=stop))
"""


def files(folder, version):
    return {path.name: path.read_bytes() for path in sorted((folder / version).iterdir())}


linux = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes where Linux lists them")


def children(pid):
    threads = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for thread in threads for child in thread.read_text().split()]


def lives(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


async def test_it_leaves_byte_for_byte_the_snapshot_of_a_training_here(database, tmp_path):
    steps = []
    here = learn(database, tmp_path / "here", now=NOW)
    apart = await learn_apart(
        database, tmp_path / "apart", now=NOW, progress=lambda *step: steps.append(step)
    )
    assert apart.version == here.version
    assert files(tmp_path / "apart", apart.version) == files(tmp_path / "here", here.version)
    assert steps[-1] == ("done", 1.0)


async def test_what_fails_there_is_an_error_here_and_the_reason_is_in_the_log(tmp_path, caplog):
    with pytest.raises(MusicError, match="status 1"):
        await learn_apart(tmp_path / "nothing.db", tmp_path / "models", now=NOW)
    assert "nothing.db" in caplog.text or "unable to open" in caplog.text


@linux
def test_it_ends_with_the_process_that_asked_for_it(database, tmp_path):
    asking = subprocess.Popen(
        [sys.executable, "-c", ASKING, str(database), str(tmp_path / "models")],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert asking.stdout.readline()
    [training] = children(asking.pid)
    os.kill(training, signal.SIGSTOP)  # so that it cannot end because it is done
    os.kill(asking.pid, signal.SIGKILL)
    asking.communicate()
    os.kill(training, signal.SIGCONT)
    deadline = time.monotonic() + 60
    while lives(training) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not lives(training)
    assert not (tmp_path / "models" / "current").exists()


async def test_a_large_catalogue_is_learned_apart_and_served_from_what_was_left(database, monkeypatch):
    monkeypatch.setattr(trainer, "_LARGE", 0)
    async with await MusicService.open(database, seed=1, clock=lambda: NOW) as music:
        ann = await music.arrive(Account("terminal", "ann", "Ann"))
        fan = await music.arrive(Account("world", "rock fan 0", "rock fan 0"))
        song = (await music.names.resolve("jazz 1")).song
        await music.reactions.record(ann, song.subject, Kind.LIKE, key="like")
        before = music._trainer.snapshot
        steps = []
        figures = await music.train(progress=lambda *step: steps.append(step))
        assert music._trainer.snapshot is not before
        assert figures["events"] > before.cursor
        assert steps
        await music.forget(fan)
        assert fan.user_id not in music._trainer.snapshot.artists.listening.users.ids


@linux
async def test_closing_does_not_wait_for_a_training_apart(database, monkeypatch):
    monkeypatch.setattr(trainer, "_LARGE", 0)
    music = await MusicService.open(database, seed=1, clock=lambda: NOW)
    began, others = asyncio.Event(), set(children(os.getpid()))
    music._trainer._background = asyncio.create_task(music._trainer.train(lambda *_: began.set()))
    await began.wait()
    (training,) = set(children(os.getpid())) - others
    os.kill(training, signal.SIGSTOP)
    await asyncio.wait_for(music.close(), timeout=60)
    assert training not in children(os.getpid())
