"""Backups by command and by schedule, and what `segue check` compares."""

import asyncio
import json
import shutil
from contextlib import suppress

import pytest
from cryptography.fernet import Fernet

from bot.backups import BackupSchedule
from bot.cli import main as cli
from bot.settings import Settings
from recommender.errors import MusicError
from recommender.training import audit, process, usable
from storage.backups.erased import LIST
from storage.records import Account, Event, Kind, Subject
from storage.restoring import verify
from storage.store import Store

DAY = 86_400
NOON = 20_000 * DAY + DAY // 2


@pytest.fixture
def small(tmp_path):
    """A database with two users who like an artist."""
    path = tmp_path / "segue.db"
    with Store.open(path) as store, store.db.atomic():
        artist = store.music.ensure_artist("Can")
        for name in ("ada", "bob"):
            user = store.people.ensure(Account("terminal", name, name), now=1)
            store.log.append(Event(name, user, Subject(artist), Kind.LIKE, "terminal"), now=1)
    return path


@pytest.fixture
def segue(small, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    def called(*arguments):
        capsys.readouterr()
        status = cli.run(["--database", str(small), *map(str, arguments)])
        said = capsys.readouterr()
        return status, said.out, said.err

    return called


def forget(database, name):
    with Store.open(database) as store, store.db.atomic():
        store.people.forget(store.people.find("terminal", name))


def test_a_backup_comes_back_without_who_was_erased_since(segue, small, tmp_path):
    status, out, _ = segue("backup", tmp_path / "b.zip")
    assert status == 0
    assert "b.zip: 2 users, 2 events, 0 tracks of " in out
    forget(small, "ada")
    assert segue("backup", tmp_path / "later.zip", "--json")[0] == 0  # which brings the list up to date
    status, _, err = segue("restore", tmp_path / "b.zip")
    assert (status, err) == (
        2,
        f"segue: {small} exists already; give another place, or --replace to move it aside.\n",
    )
    status, out, _ = segue("restore", tmp_path / "b.zip", "--replace")
    assert status == 0
    assert "1 users who were erased after the backup are erased again." in out
    assert f"The database that was there is now {small}.replaced." in out
    with Store.open(small, readonly=True) as store:
        assert store.people.find("terminal", "ada") is None
        assert store.people.find("terminal", "bob") is not None


def test_a_restore_without_a_list_says_who_may_be_back(segue, small, tmp_path):
    segue("backup", tmp_path / "b.zip")
    (tmp_path / LIST).unlink()
    small.unlink()
    status, out, _ = segue("restore", tmp_path / "b.zip")
    assert status == 0
    assert "whoever was erased after" in out


def test_the_figures_of_a_backup_are_json(segue, tmp_path):
    made = json.loads(segue("backup", tmp_path / "b.zip", "--json")[1])
    assert (made["counts"]["users"], made["encrypted"]) == (2, False)
    assert made["made_by"].startswith("segue 0.")
    assert (
        json.loads(segue("restore", tmp_path / "b.zip", "--verify", "--json")[1])["sha256"] == made["sha256"]
    )


def test_an_encrypted_backup_needs_the_key(segue, tmp_path, monkeypatch):
    status, _, err = segue("backup", tmp_path / "b.zip", "--encrypt")
    assert (status, "There is no key to encrypt with: set SEGUE_TOKEN_KEY" in err) == (2, True)
    monkeypatch.setenv("SEGUE_TOKEN_KEY", Fernet.generate_key().decode())
    assert "encrypted" in segue("backup", tmp_path / "b.zip", "--encrypt")[1]
    assert segue("restore", tmp_path / "b.zip", "--verify")[0] == 0
    monkeypatch.delenv("SEGUE_TOKEN_KEY")
    assert "set SEGUE_TOKEN_KEY to the key" in segue("restore", tmp_path / "b.zip", "--verify")[2]


def test_the_schedule_makes_one_backup_a_day_and_keeps_the_list_at_hand(small, tmp_path):
    now, folder = [NOON], tmp_path / "backups"
    schedule = BackupSchedule(Settings(database=small, backups=folder), clock=lambda: now[0])
    made = []
    for hour in range(0, 60, 6):
        now[0] = NOON + hour * 3600
        made.append(schedule.look())
    assert [place for place, path in enumerate(made) if path] == [0, 4, 8]
    assert all(verify(path).counts["users"] == 2 for path in made if path)
    forget(small, "ada")
    assert schedule.look() is None
    with Store.open(small, readonly=True) as store:
        assert json.loads((folder / LIST).read_text())[store.identity()] == [[1, 1]]


def test_without_a_folder_nothing_is_made(small, tmp_path):
    assert BackupSchedule(Settings(database=small)).look() is None
    assert not list(tmp_path.glob("*.zip"))


def test_a_schedule_that_is_to_encrypt_without_a_key_does_not_start(small, tmp_path):
    with pytest.raises(MusicError, match="set SEGUE_TOKEN_KEY"):
        BackupSchedule(Settings(database=small, backups=tmp_path, backups_encrypted=True))


async def test_a_backup_that_fails_is_logged_and_tried_again_later(small, tmp_path, caplog):
    (tmp_path / "taken").write_text("a file, not a folder")
    keeping = asyncio.create_task(BackupSchedule(Settings(database=small, backups=tmp_path / "taken")).keep())
    async with asyncio.timeout(10):
        while "the next try is in an hour" not in caplog.text:  # noqa: ASYNC110 - a log tells nobody
            await asyncio.sleep(0.01)
    assert not keeping.done()
    keeping.cancel()
    with suppress(asyncio.CancelledError):
        await keeping


def test_check_is_content_with_a_sound_database(segue):
    status, out, err = segue("check")
    assert (status, err) == (0, "")
    assert [line.split(":")[0] for line in out.splitlines()] == [
        "ok     pages",
        "ok     foreign keys",
        "ok     orphaned rows",
        "ok     snapshot",
    ]


def test_check_names_what_is_wrong_and_what_to_do(segue, small):
    with Store.open(small) as store:
        store.db.execute("PRAGMA foreign_keys = OFF")
        with store.db.atomic():
            store.db.execute("DELETE FROM artists")
    status, out, err = segue("check")
    assert (status, err) == (2, "segue: 2 of 3 checks failed: foreign keys, orphaned rows.\n")
    assert "2 of events without their artists. Restore a backup: segue restore FILE --replace" in out


def test_profiles_are_compared_with_the_log(town, tmp_path):
    database, models = tmp_path / "town.db", tmp_path / "town.db.models"
    shutil.copy(town, database)
    process.learn(database, models, now=1_700_000_060.0)
    with Store.open(database) as store:
        snapshot = usable.examine(store, models)
        assert audit.unlike_log(store, snapshot) == (160, 0)
        with store.db.atomic():  # two users lose a like behind the log's back, one says something new
            store.db.execute(
                "DELETE FROM events WHERE id IN (SELECT min(id) FROM events GROUP BY user_id LIMIT 2)"
            )
            store.log.append(Event("new", 160, Subject(1), Kind.DISLIKE, "town"), now=1_700_000_070)
        assert audit.unlike_log(store, snapshot) == (159, 2)
