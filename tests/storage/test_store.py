import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from storage.errors import NewerSchemaError, NotADatabaseError, StorageError
from storage.records import Account
from storage.store import Store

OPEN_AND_LEAVE = """
import sys
from storage.store import Store
sys.stdin.readline()
with Store.open(sys.argv[1]) as store:
    print(store.log.counts()["users"])
"""


@pytest.fixture
def database(tmp_path):
    """The path of a database that is yet to be made."""
    return tmp_path / "segue.db"


def test_a_new_file_keeps_what_is_acknowledged_through_a_power_cut(database):
    with Store.open(database) as store:
        pragmas = {
            name: store.db.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_what_was_written_is_there_when_the_file_is_opened_again(database):
    with Store.open(database) as store, store.db.atomic():
        ada = store.people.ensure(Account("terminal", "ada", "Ada"), now=1)
    with Store.open(database) as store:
        assert store.people.find("terminal", "ada") == ada


def test_several_processes_may_open_a_new_file_at_once(database):
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN_AND_LEAVE, str(database)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(4)
    ]
    for process in processes:  # all have started: now all open
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [process.communicate(timeout=120)[0] for process in processes] == ["0\n"] * 4


def test_a_file_that_is_no_database_is_named_in_a_sentence(tmp_path):
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear Segue, " * 100)
    with pytest.raises(NotADatabaseError, match=r"letter\.txt is no Segue database .*choose another file"):
        Store.open(letter)
    assert letter.read_text() == "Dear Segue, " * 100


def test_the_database_of_another_program_is_left_alone(tmp_path):
    theirs = tmp_path / "photos.db"
    connection = sqlite3.connect(theirs)
    connection.execute("CREATE TABLE photos (id INTEGER)")
    connection.close()
    with pytest.raises(NotADatabaseError, match=r"photos\.db is the database of another program"):
        Store.open(theirs)
    connection = sqlite3.connect(theirs)
    assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("photos",)]
    connection.close()


@pytest.mark.parametrize("readonly", [False, True])
def test_a_newer_schema_asks_for_an_upgrade(database, readonly):
    with Store.open(database) as store, store.db.atomic():
        store.db.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
            " VALUES ('segue', 'holograms', '')"
        )
    with pytest.raises(NewerSchemaError, match=r"newer Segue \(holograms\); upgrade Segue"):
        Store.open(database, readonly=readonly)


def test_a_reader_does_not_bring_an_older_schema_up_to_date(database):
    sqlite3.connect(database).close()
    with pytest.raises(StorageError, match="start Segue once"):
        Store.open(database, readonly=True)


def test_a_reader_cannot_write(database):
    Store.open(database).close()
    with (
        Store.open(database, readonly=True) as store,
        pytest.raises(sqlite3.OperationalError, match="readonly"),
    ):
        store.people.ensure(Account("terminal", "ada", "Ada"), now=1)


@pytest.mark.parametrize("readonly", [False, True])
def test_a_file_in_no_folder_is_named_in_a_sentence(tmp_path, readonly):
    with pytest.raises(StorageError, match=r"segue\.db cannot be opened"):
        Store.open(tmp_path / "nowhere" / "segue.db", readonly=readonly)


def test_a_path_with_signs_of_an_address_is_a_path(tmp_path):
    odd = tmp_path / "what? 100%25 #1.db"
    Store.open(odd).close()
    assert [path.name for path in Path(tmp_path).iterdir()] == [odd.name]
