import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor, wait

import pytest

from storage import writer as writer_module
from storage.errors import BusyError, ClosedError, StorageError
from storage.records import Account, Event, Kind, Subject
from storage.store import Store
from storage.writer import Writer

LIKE_FOR_EVER = """
import itertools, sys
from storage.records import Account, Event, Kind, Subject
from storage.writer import Writer

writer = Writer(sys.argv[1])
user = writer.write(lambda store: store.people.ensure(Account("terminal", "ada", "Ada"), now=1)).result()
artist = writer.write(lambda store: store.music.ensure_artist("Can")).result()
for number in itertools.count():
    events = [Event(f"{number}.{n}", user, Subject(artist), Kind.LIKE, "terminal") for n in range(3)]
    likes = [writer.write(lambda store, event=event: store.log.append(event, now=1)) for event in events]
    for event, like in zip(events, likes):
        like.result()
        print(event.key, flush=True)
"""
APPEND_KEYS = """
import sys
from storage.records import Account, Event, Kind, Subject
from storage.writer import Writer

with Writer(sys.argv[1]) as writer:
    user = writer.write(lambda store: store.people.ensure(Account("terminal", "ada", "Ada"), now=1)).result()
    artist = writer.write(lambda store: store.music.ensure_artist("Can")).result()
    sys.stdin.readline()
    likes = [
        writer.write(lambda s, k=key: s.log.append(Event(k, user, Subject(artist), Kind.LIKE, "x"), now=1))
        for key in map(str, range(300))
    ]
    print(sum(like.result()[1] for like in likes))
"""
IMPORT_IN_SLICES = """
import sys, time
from storage.records import Account, Event, Kind, Subject
from storage.writer import Writer

def add_slice(store, first):
    user = store.people.ensure(Account("lastfm-2k", "1", "1"), now=1)
    until = time.monotonic() + 0.05
    while time.monotonic() < until:
        first += 1
        artist = store.music.ensure_artist(f"Artist {first}")
        store.log.append(Event(f"row {first}", user, Subject(artist), Kind.PLAY, "lastfm-2k"), now=1)
    return first

with Writer(sys.argv[1]) as writer:
    row, until = 0, time.monotonic() + 2.0
    while time.monotonic() < until:
        row = writer.write(lambda store: add_slice(store, row)).result()
        print(row, flush=True)
        time.sleep(0.01)
"""


def _start(code, database):
    return subprocess.Popen(
        [sys.executable, "-c", code, str(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


@pytest.fixture
def writer(database):
    with Writer(database) as opened:
        yield opened


def _ensure_user(store):
    return store.people.ensure(Account("terminal", "ada", "Ada"), now=1)


def _like(user, artist, key):
    return lambda store: store.log.append(Event(key, user, Subject(artist), Kind.LIKE, "terminal"), now=1)


def test_every_like_acknowledged_before_a_kill_is_stored_exactly_once(database):
    process = _start(LIKE_FOR_EVER, database)
    acknowledged = [process.stdout.readline().strip() for _ in range(100)]
    os.kill(process.pid, signal.SIGKILL)
    acknowledged += process.communicate()[0].splitlines()
    with Store.open(database) as store:
        stored = [key for (key,) in store.db.execute("SELECT key FROM events")]
        assert store.db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert len(stored) == len(set(stored))
    assert [key for key in acknowledged if key not in stored] == []
    assert len(acknowledged) >= 100


def test_writes_that_wait_together_share_a_commit(writer):
    commits = []
    begun, release = threading.Event(), threading.Event()

    def block(store):
        store.db.conn.set_trace_callback(lambda sql: commits.append(sql) if sql == "COMMIT" else None)
        begun.set()
        release.wait()

    blocked = writer.write(block)
    begun.wait()
    user = writer.write(_ensure_user)
    artist = writer.write(lambda store: store.music.ensure_artist("Can"))
    likes = [writer.write(_like(1, 1, str(number))) for number in range(200)]
    release.set()
    wait([blocked, user, artist, *likes])
    writer.write(lambda store: store.db.conn.set_trace_callback(None)).result()
    assert [like.result()[1] for like in likes] == [True] * 200
    assert len(commits) <= 4


def test_many_threads_get_their_answers_from_few_commits(writer):
    user = writer.write(_ensure_user).result()
    artist = writer.write(lambda store: store.music.ensure_artist("Can")).result()
    commits = []
    writer.write(
        lambda store: store.db.conn.set_trace_callback(
            lambda sql: commits.append(sql) if sql == "COMMIT" else None
        )
    ).result()
    with ThreadPoolExecutor(16) as threads:
        answers = list(
            threads.map(lambda key: writer.write(_like(user, artist, str(key))).result(), range(400))
        )
    writer.write(lambda store: store.db.conn.set_trace_callback(None)).result()
    assert sorted(event_id for event_id, _ in answers) == list(range(1, 401))
    assert len(commits) < 200


def test_an_answer_comes_after_the_commit(writer, database):
    artist = writer.write(lambda store: store.music.ensure_artist("Can")).result()
    with Store.open(database, readonly=True) as reader:
        assert reader.music.artist(artist).name == "Can"


def test_work_that_fails_is_rolled_back_alone(writer):
    begun, release = threading.Event(), threading.Event()
    first = writer.write(lambda store: (begun.set(), release.wait(), store.music.ensure_artist("Can"))[2])
    begun.wait()

    def fail(store):
        store.music.ensure_artist("Neu!")
        raise ValueError("out of tune")

    failed = writer.write(fail)
    last = writer.write(lambda store: store.music.ensure_artist("Faust"))
    release.set()
    with pytest.raises(ValueError, match="out of tune"):
        failed.result()
    names = [
        writer.write(lambda store, id_=id_: store.music.artist(id_).name)
        for id_ in (first.result(), last.result())
    ]
    assert [name.result() for name in names] == ["Can", "Faust"]
    assert writer.write(lambda store: store.music.counts()["artists"]).result() == 2


def test_work_that_fails_first_leaves_nothing_behind_for_those_after_it(writer):
    begun, release = threading.Event(), threading.Event()

    def fail(store):
        begun.set()
        release.wait()
        store.music.ensure_artist("Neu!")
        raise ValueError("out of tune")

    failed = writer.write(fail)
    begun.wait()
    last = writer.write(lambda store: store.music.ensure_artist("Faust"))
    release.set()
    with pytest.raises(ValueError, match="out of tune"):
        failed.result()
    last.result()
    assert writer.write(lambda store: store.music.counts()["artists"]).result() == 1


def test_a_commit_that_fails_is_everybodys_error_and_the_next_group_is_fine(writer):
    begun, release = threading.Event(), threading.Event()

    def break_the_commit(store):
        begun.set()
        release.wait()
        store.db.execute("PRAGMA defer_foreign_keys = ON")
        store.db.execute("INSERT INTO tracks (artist_id, title, key) VALUES (99, 'x', 'x')")

    broken = writer.write(break_the_commit)
    begun.wait()
    neighbour = writer.write(lambda store: store.music.ensure_artist("Can"))
    release.set()
    for future in (broken, neighbour):
        with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
            future.result()
    assert writer.write(lambda store: store.music.counts()["artists"]).result() == 0


def test_a_transaction_that_sqlite_gives_up_fails_all_that_were_in_it(writer):
    begun, release = threading.Event(), threading.Event()
    first = writer.write(lambda store: (begun.set(), release.wait(), store.music.ensure_artist("Can")))
    begun.wait()
    # What SQLite does by itself when the disk is full.
    lost = writer.write(lambda store: store.db.execute("INSERT OR ROLLBACK INTO users VALUES (NULL, NULL)"))
    release.set()
    for future in (first, lost):
        with pytest.raises(sqlite3.IntegrityError):
            future.result()
    assert writer.write(lambda store: store.music.counts()["artists"]).result() == 0


def test_a_cancelled_write_is_not_done(writer):
    begun, release = threading.Event(), threading.Event()
    blocked = writer.write(lambda _: (begun.set(), release.wait()))
    begun.wait()
    cancelled = writer.write(lambda store: store.music.ensure_artist("Can"))
    assert cancelled.cancel()
    release.set()
    blocked.result()
    assert writer.write(lambda store: store.music.counts()["artists"]).result() == 0


def test_two_processes_racing_on_the_same_keys_store_each_once(database):
    Store.open(database).close()
    racers = [_start(APPEND_KEYS, database) for _ in range(2)]
    new = [int(racer.communicate("go\n", timeout=60)[0]) for racer in racers]
    assert sum(new) == 300
    with Store.open(database, readonly=True) as store:
        assert store.log.counts()["events"] == 300


def test_an_import_in_another_process_hardly_delays_a_write(database):
    with Writer(database) as writer:
        user = writer.write(_ensure_user).result()
        artist = writer.write(lambda store: store.music.ensure_artist("Can")).result()
        importer = _start(IMPORT_IN_SLICES, database)
        importer.stdout.readline()  # it is at work
        delays = []
        while importer.poll() is None:
            begun = time.monotonic()
            writer.write(_like(user, artist, f"like {begun}")).result()
            delays.append(time.monotonic() - begun)
            time.sleep(0.02)
        imported = int(importer.communicate()[0].splitlines()[-1])
    delays.sort()
    assert len(delays) > 10
    assert imported > 500
    # The machine itself may stall once; waiting for the importer would show in many.
    assert delays[int(len(delays) * 0.9)] < 0.2


def test_a_writer_that_never_gets_its_turn_says_so(database, monkeypatch):
    monkeypatch.setattr(writer_module, "_PATIENCE_SECONDS", 0.05)
    with Writer(database) as writer, Store.open(database) as other:
        other.db.execute("BEGIN IMMEDIATE")
        late = writer.write(_ensure_user)
        with pytest.raises(BusyError, match="try again"):
            late.result()
        other.db.rollback()
        assert writer.write(_ensure_user).result() == 1


def test_closing_finishes_what_waits_and_refuses_more(database):
    writer = Writer(database)
    waiting = [writer.write(lambda store, n=n: store.music.ensure_artist(f"Artist {n}")) for n in range(50)]
    writer.close()
    writer.close()
    assert [future.result() for future in waiting] == list(range(1, 51))
    with pytest.raises(ClosedError):
        writer.write(_ensure_user)


def test_a_writer_on_no_database_fails_at_once(tmp_path):
    with pytest.raises(StorageError, match="cannot be opened"):
        Writer(tmp_path / "nowhere" / "segue.db")
