"""Backups: a state that existed, verified before it is used, and without the people erased since."""

import json
import shutil
import sqlite3
import stat
import threading
import zipfile
from contextlib import closing

import pytest
from cryptography.fernet import Fernet, MultiFernet

from storage.backups import MANIFEST
from storage.backups.erased import LIST, Erased, listed, write_list
from storage.backups.making import make
from storage.errors import BusyError, DiskFullError, NewerSchemaError, NotADatabaseError, StorageError
from storage.records import Account, Event, Kind, Subject
from storage.restoring import restore, verify
from storage.store import Store
from storage.writer import Writer


def ciphers(n):
    return [Fernet(Fernet.generate_key()) for _ in range(n)]


def made(database, target, **options):
    return make(database, target, made_by="segue 1.2.3 (abc)", now=1_000, **options)


def meet(store, name, at=1):
    user = store.people.ensure(Account("terminal", name, name), now=at)
    artist = store.music.ensure_artist("Can")
    store.log.append(Event(f"{name} likes", user, Subject(artist), Kind.LIKE, "terminal"), now=at)
    return user


@pytest.fixture
def known(database):
    """A database with Ada and Bob, who like Can."""
    with Store.open(database) as store, store.db.atomic():
        for name in ("ada", "bob"):
            meet(store, name)
    return database


def names(database):
    with Store.open(database, readonly=True) as store:
        return [name for (name,) in store.db.execute("SELECT name FROM accounts ORDER BY id")]


def append_pairs(writer, user, artist, acknowledged, stop):
    """Append two events per write until `stop`: no state that existed has one of a pair."""
    number = 0
    while not stop.is_set():

        def pair(store, number=number):
            for half in ("a", "b"):
                key = f"{number:06}.{half}"
                store.log.append(Event(key, user, Subject(artist), Kind.LIKE, "terminal"), now=1)

        writer.write(pair).result()
        acknowledged.append(number)
        number += 1


def test_a_backup_made_while_others_write_is_a_state_that_existed(known, tmp_path):
    acknowledged, stop, counts = [], threading.Event(), []
    with Writer(known) as writer:
        user, artist = writer.write(
            lambda store: (meet(store, "cyd"), store.music.ensure_artist("Can"))
        ).result()
        writing = threading.Thread(target=append_pairs, args=(writer, user, artist, acknowledged, stop))
        writing.start()
        try:
            for number in range(4):
                while len(acknowledged) < 20 * (number + 1):  # the log is never folded in between
                    stop.wait(0.005)
                before = len(acknowledged)
                made(known, tmp_path / f"{number}.zip")
                counts.append((before, len(acknowledged)))
        finally:
            stop.set()
            writing.join()
    for number, (before, after) in enumerate(counts):
        place = tmp_path / f"restored {number}.db"
        restore(tmp_path / f"{number}.zip", place)
        with Store.open(place, readonly=True) as store:
            keys = [
                key for (key,) in store.db.execute("SELECT key FROM events WHERE key LIKE '0%' ORDER BY id")
            ]
        assert keys == [f"{n:06}.{half}" for n in range(len(keys) // 2) for half in "ab"]
        assert before <= len(keys) // 2 <= after + 1


@pytest.mark.parametrize("encrypted", [False, True])
def test_a_restored_database_has_every_row(known, tmp_path, encrypted):
    cipher = MultiFernet(ciphers(1)) if encrypted else None
    file, place = tmp_path / "safe" / "b.zip", tmp_path / "new" / "segue.db"
    manifest = made(known, file, cipher=cipher)
    assert restore(file, place, cipher=cipher).manifest == manifest == verify(file, cipher)
    with closing(sqlite3.connect(known)) as one, closing(sqlite3.connect(place)) as other:
        assert list(one.iterdump()) == list(other.iterdump())
    assert (manifest.counts["users"], manifest.made_by, manifest.created_at) == (
        2,
        "segue 1.2.3 (abc)",
        1_000,
    )
    assert [path.name for path in file.parent.iterdir()] == ["b.zip"]
    assert [path.name for path in place.parent.iterdir()] == ["segue.db"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in (file, place)} == {0o600}


def test_what_is_encrypted_shows_no_name_and_opens_with_an_old_key(known, tmp_path):
    old, new = ciphers(2)
    file, plain = tmp_path / "b.zip", tmp_path / "plain.zip"
    made(known, file, cipher=MultiFernet([old]))
    made(known, plain)
    with zipfile.ZipFile(plain) as archive:
        assert b"bob" in archive.read("segue.db")  # any program unpacks it
    assert verify(file, MultiFernet([new, old])).encrypted
    with pytest.raises(StorageError, match="SEGUE_TOKEN_KEY is not the key that it was made with"):
        verify(file, MultiFernet([new]))
    with pytest.raises(StorageError, match="is encrypted: set SEGUE_TOKEN_KEY"):
        verify(file)


def rewritten(file, change):
    """Write a backup again with its members changed by `change`."""
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in change(members).items():
            archive.writestr(name, content)


def test_frames_that_are_moved_or_left_out_are_noticed(known, tmp_path):
    [cipher] = ciphers(1)
    file = tmp_path / "b.zip"
    made(known, file, cipher=cipher)

    def without_the_first(members):
        content = members["segue.db.encrypted"]
        size = int.from_bytes(content[:4], "big")
        return {**members, "segue.db.encrypted": content[4 + size :]}

    shutil.copy(file, cut := tmp_path / "cut.zip")
    rewritten(file, without_the_first)
    rewritten(cut, lambda members: {**members, "segue.db.encrypted": members["segue.db.encrypted"][:100]})
    with pytest.raises(NotADatabaseError, match="parts do not belong together"):
        verify(file, cipher)
    with pytest.raises(StorageError, match=r"is not the key .* or it is damaged"):
        verify(cut, cipher)


def test_a_damaged_backup_restores_nothing(known, tmp_path):
    place = tmp_path / "new.db"
    made(known, file := tmp_path / "b.zip")
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0xFF
    file.write_bytes(content)
    with pytest.raises(NotADatabaseError, match="damaged"):
        restore(file, place)
    file.write_bytes(content[: len(content) // 2])
    with pytest.raises(NotADatabaseError, match=r"b\.zip is damaged"):
        restore(file, place)
    assert not list(tmp_path.glob("new.db*"))


def test_a_backup_that_is_not_what_its_manifest_says_is_refused(known, tmp_path):
    made(known, file := tmp_path / "b.zip")

    def more_users(members):
        manifest = json.loads(members[MANIFEST])
        manifest["counts"]["users"] += 1
        return {**members, MANIFEST: json.dumps(manifest)}

    rewritten(file, more_users)
    with pytest.raises(NotADatabaseError, match="does not hold what its manifest says"):
        verify(file)


def test_what_is_no_backup_is_named(tmp_path, known):
    (letter := tmp_path / "letter.txt").write_text("Dear Segue")
    with pytest.raises(NotADatabaseError, match=r"letter\.txt is damaged"):
        verify(letter)
    with zipfile.ZipFile(archive := tmp_path / "photos.zip", "w") as photos:
        photos.writestr("cat.jpg", "cat")
    with pytest.raises(NotADatabaseError, match=r"photos\.zip is no backup of Segue"):
        restore(archive, known, replace=True)
    assert names(known) == ["ada", "bob"]


def test_a_damaged_database_is_not_backed_up(known, tmp_path):
    content = bytearray(known.read_bytes())
    content[len(content) // 2 :] = b"\xff" * (len(content) - len(content) // 2)
    known.write_bytes(content)
    with pytest.raises(StorageError, match="damaged"):
        made(known, tmp_path / "b.zip")
    assert not list(tmp_path.glob("b.zip*"))


def test_neither_a_backup_nor_a_database_is_overwritten_unasked(known, tmp_path):
    made(known, file := tmp_path / "b.zip")
    with pytest.raises(StorageError, match="exists already; choose another name"):
        made(known, file)
    with pytest.raises(StorageError, match="exists already; give another place, or --replace"):
        restore(file, known)
    with Store.open(known) as store, store.db.atomic():
        meet(store, "cyd")
    models = known.with_name("segue.db.models")
    models.mkdir()
    replaced = restore(file, known, replace=True).replaced
    assert (names(known), names(replaced)) == (["ada", "bob"], ["ada", "bob", "cyd"])
    assert not models.exists()


def test_a_database_in_use_is_not_replaced(known, tmp_path):
    made(known, file := tmp_path / "b.zip")
    with Store.open(known), pytest.raises(BusyError, match="is in use: stop Segue, then restore"):
        restore(file, known, replace=True)
    assert names(known) == ["ada", "bob"]
    assert not list(tmp_path.glob("*.restoring*"))


def test_who_was_erased_since_is_erased_again(known, tmp_path):
    made(known, file := tmp_path / "b.zip")
    with Store.open(known) as store, store.db.atomic():
        store.people.forget(store.people.find("terminal", "ada"))
        write_list(tmp_path, store.identity(), Erased(store.db).all())
    restored = restore(file, place := tmp_path / "new" / "segue.db")
    assert (restored.erased, restored.has_list, names(place)) == (1, True, ["bob"])
    again = restore(file, known, replace=True)  # the database that is replaced knows as well
    assert (again.erased, names(known)) == (1, ["bob"])
    with Store.open(place, readonly=True) as store:
        assert Erased(store.db).all() == listed(tmp_path, store.identity())


def test_without_a_list_a_restore_says_that_the_erased_are_back(known, tmp_path):
    made(known, file := tmp_path / "b.zip")
    restored = restore(file, place := tmp_path / "new.db")
    assert (restored.erased, restored.has_list, names(place)) == (0, False, ["ada", "bob"])


def test_a_number_given_out_again_is_another_user(known, tmp_path):
    """After a restore ids are given out a second time: the list goes by when a user was made, too."""
    with Store.open(known, readonly=True) as store:
        identity, ada = store.identity(), store.people.find("terminal", "ada")
    write_list(tmp_path, identity, frozenset({(ada, 77)}))
    made(known, file := tmp_path / "b.zip")
    restored = restore(file, place := tmp_path / "new.db")
    assert (restored.erased, names(place)) == (0, ["ada", "bob"])


def test_the_list_keeps_databases_apart_and_forgets_nobody(tmp_path):
    write_list(tmp_path, "one", frozenset({(1, 10)}))
    write_list(tmp_path, "two", frozenset({(1, 20)}))
    write_list(tmp_path, "one", frozenset({(2, 30)}))
    assert listed(tmp_path, "one") == {(1, 10), (2, 30)}
    assert listed(tmp_path, "two") == {(1, 20)}
    assert listed(tmp_path, "three") is None
    assert [path.name for path in tmp_path.iterdir()] == [LIST]


def test_a_backup_of_a_newer_segue_asks_for_an_upgrade(known, tmp_path):
    with Store.open(known) as store, store.db.atomic():
        store.db.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
            " VALUES ('segue', 'holograms', '')"
        )
    made(known, file := tmp_path / "b.zip")
    with pytest.raises(NewerSchemaError, match=r"newer Segue \(holograms\); upgrade Segue"):
        restore(file, tmp_path / "new.db")
    assert not list(tmp_path.glob("new.db*"))


def test_a_backup_without_room_is_not_begun(known, tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _: shutil._ntuple_diskusage(10, 10, 0))
    with pytest.raises(DiskFullError, match="has no room for a backup: it takes up to"):
        made(known, tmp_path / "b.zip")
    assert not list(tmp_path.glob("b.zip*"))
