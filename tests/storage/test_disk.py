"""Files that hold people's data: nobody else reads them, a full disk loses only what it refused."""

import os
import stat
import subprocess
import sys

import pytest

from storage.disk import exposed, make_private, private_folder
from storage.errors import DiskFullError
from storage.records import Account, Event, Kind, Subject
from storage.store import Store
from storage.writer import Writer

SENTENCE = "My disk is full, so I could not keep that. Please tell whoever runs me, and try again later."


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def generous():
    """A umask that would let everybody read and write."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("generous")
def test_a_new_database_and_its_write_ahead_log_are_its_owners_alone(tmp_path):
    private_folder(tmp_path / "new" / "folder")
    path = tmp_path / "new" / "folder" / "segue.db"
    with Writer(path) as writer:
        writer.write(lambda store: store.music.ensure_artist("Queen")).result()
        files = sorted(path.parent.iterdir())
        assert [file.name for file in files] == ["segue.db", "segue.db-shm", "segue.db-wal"]
        assert {mode(file) for file in files} == {0o600}
    assert [mode(folder) for folder in (tmp_path / "new", tmp_path / "new" / "folder")] == [0o700, 0o700]


@pytest.mark.usefixtures("generous")
def test_what_exists_keeps_its_rights_until_they_are_taken_away(tmp_path):
    folder, path = tmp_path / "old", tmp_path / "old" / "segue.db"
    folder.mkdir(0o755)
    path.touch(0o644)
    private_folder(folder)
    with Store.open(path):
        pass
    assert exposed([folder, path, tmp_path / "nothing"]) == [folder, path]
    make_private([folder, path])
    assert (mode(folder), mode(path), exposed([folder, path])) == (0o700, 0o600, [])


def liked(store, artist, key):
    user = store.people.ensure(Account("terminal", "ann", "Ann"), now=1)
    return store.log.append(Event(key, user, Subject(artist), Kind.LIKE, "terminal"), now=1)[1]


def test_a_full_disk_is_a_sentence_and_one_line_and_likes_go_on_when_there_is_space(tmp_path, caplog):
    with Writer(tmp_path / "full.db") as writer:
        artist = writer.write(lambda store: store.music.ensure_artist("Queen")).result()
        assert writer.write(lambda store: liked(store, artist, "before")).result()
        pages = writer.write(lambda store: store.db.execute("PRAGMA page_count").fetchone()[0]).result()
        writer.write(lambda store: store.db.execute(f"PRAGMA max_page_count = {pages}").fetchone()).result()
        refused = []
        for n in range(400):
            try:
                writer.write(lambda store, n=n: liked(store, artist, f"full {n}" + "x" * 500)).result()
            except DiskFullError as error:
                refused.append(str(error))
        assert len(refused) > 1
        assert set(refused) == {SENTENCE}
        assert [record.getMessage() for record in caplog.records] == [
            f"the disk of {tmp_path / 'full.db'} is full: nothing is stored until there is space"
        ]
        writer.write(lambda store: store.db.execute("PRAGMA max_page_count = 100000").fetchone()).result()
        assert writer.write(lambda store: liked(store, artist, "after")).result()
        assert "there is space again" in caplog.records[-1].getMessage()
        kept = writer.write(lambda store: store.db.execute("SELECT count(*) FROM events").fetchone()[0])
        assert kept.result() == 402 - len(refused)


LIMITED = """
import resource, sys
from storage.errors import DiskFullError
from storage.writer import Writer

with Writer(sys.argv[1]) as writer:
    writer.write(lambda store: store.music.ensure_artist("Queen")).result()
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))
    try:
        for n in range(10_000):
            writer.write(lambda store: store.music.ensure_artist(f"artist {n}")).result()
    except DiskFullError as error:
        print(error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    print(writer.write(lambda store: store.music.ensure_artist("After")).result() > 0)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such limits")
def test_a_file_that_may_not_grow_is_a_full_disk_too(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, tmp_path / "limited.db"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        SENTENCE,
        "True",
    ]
    assert "Traceback" not in done.stderr
