"""Databases of earlier versions come up to date, after a backup.

`schemas/` holds a database per schema, made by the code of the commit in its name: three users, five songs of
differing credits, likes, plays, dislikes, an undone skip, a list and a setting.
"""

import lzma
from pathlib import Path

import pytest

from storage.errors import DiskFullError, NewerSchemaError
from storage.integrity import findings
from storage.migrations import migrations
from storage.records import Kind, Subject
from storage.restoring import restore, verify
from storage.store import Store

SCHEMAS = sorted((Path(__file__).parent / "schemas").glob("*.db.xz"))


@pytest.fixture
def database(tmp_path):
    """The path of a database that is yet to be made."""
    return tmp_path / "segue.db"


def as_it_was(packed, database):
    """Write the database that an earlier version left; return its number of migrations."""
    database.write_bytes(lzma.decompress(packed.read_bytes()))
    return int(packed.name.partition("-")[0])


@pytest.fixture(scope="module", params=SCHEMAS, ids=lambda path: path.name.partition("-")[0])
def upgraded(request, tmp_path_factory):
    """An earlier database after its first start today, and its number of migrations before."""
    database = tmp_path_factory.mktemp("upgraded") / "segue.db"
    schema = as_it_was(request.param, database)
    Store.open(database).close()
    return database, schema


@pytest.fixture(scope="module")
def new(tmp_path_factory):
    with Store.open(tmp_path_factory.mktemp("new") / "segue.db") as store:
        yield store


def shape(store):
    """Return the tables with their columns, the indexes, triggers and views."""
    columns = {
        table.name: {(column.name, column.type, column.notnull) for column in table.columns}
        for table in store.db.tables
    }
    others = store.db.execute("SELECT type, name FROM sqlite_master WHERE type <> 'table'").fetchall()
    return columns, sorted(others)


def test_an_older_database_gets_the_schema_of_a_new_one(upgraded, new):
    with Store.open(upgraded[0], readonly=True) as store:
        assert shape(store) == shape(new)
        assert not migrations.pending(store.db)
        assert [found for found in findings(store) if found.problems] == []


def test_what_people_said_survives_an_upgrade(upgraded):
    with Store.open(upgraded[0]) as store:
        ada, bob, cyd = (store.people.find("terminal", name) for name in ("ada", "bob", "cyd"))
        kinds = [[event[3] for event in store.log.standing(user)] for user in (ada, bob, cyd)]
        assert kinds[0] == ["like", "play", "dislike", "like", "play"]  # the skip is undone
        assert kinds[1] == ["play", "dislike", "like", "play", "dislike"]
        assert kinds[2] == ["dislike", "like", "play", "dislike", "like"]
        song = store.log.history(ada, 20)[-1]
        assert (song.artist, song.title) == ("Björk", "Jóga")
        assert store.log.verdict(ada, song.subject)[1] is Kind.LIKE
        assert store.people.setting("user", bob, "language") == "de"
        hidden = store.db.execute("SELECT name FROM artists WHERE hidden").fetchall()
        assert hidden == [("Various Artists",)]  # by the rules of today
        slate = store.slates.last(bob, 1)
        assert [one.subject for one in slate.impressions] == [Subject(3, 3)]
        store.db.execute("BEGIN IMMEDIATE")
        store.people.forget(cyd)
        assert [found for found in findings(store) if found.problems] == []
        store.db.rollback()


def test_before_an_upgrade_there_is_a_backup_of_what_was_there(upgraded):
    database, schema = upgraded
    [backup] = database.parent.glob("segue.db.before-upgrade-*.backup.zip")
    manifest = verify(backup)
    assert (len(manifest.schema), manifest.counts["events"], manifest.counts["users"]) == (schema, 17, 3)
    Store.open(database).close()  # the second time there is nothing to upgrade
    assert [*database.parent.glob("*.backup.zip")] == [backup]


def test_a_backup_of_an_older_schema_is_restored_to_the_schema_of_today(database, tmp_path, new):
    as_it_was(SCHEMAS[0], database)
    Store.open(database).close()
    [backup] = tmp_path.glob("*.backup.zip")
    restore(backup, again := tmp_path / "again" / "segue.db")
    with Store.open(again, readonly=True) as store:
        assert shape(store) == shape(new)
        assert store.log.counts()["events"] == 17


def test_without_room_for_the_backup_nothing_is_upgraded(database, monkeypatch):
    as_it_was(SCHEMAS[0], database)
    before = database.read_bytes()
    monkeypatch.setattr("storage.backups.making._leave_room", _no_room)
    with pytest.raises(DiskFullError):
        Store.open(database)
    Path(f"{database}-wal").unlink(missing_ok=True)
    after = database.read_bytes()
    assert after[100:] == before[100:]  # the header says WAL by now


def _no_room(*_):
    raise DiskFullError("full")


def test_a_new_database_needs_no_backup(database, tmp_path):
    Store.open(database).close()
    assert [path.name for path in tmp_path.iterdir()] == ["segue.db"]


def test_whoever_goes_back_to_an_older_segue_is_told_how(database):
    with Store.open(database) as store, store.db.atomic():
        store.db.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('segue', 'later', '')"
        )
    with pytest.raises(NewerSchemaError, match=r"upgrade Segue\. To go back .*: segue restore FILE"):
        Store.open(database)
