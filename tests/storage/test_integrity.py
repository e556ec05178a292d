"""`segue check` names what is wrong with the rows, and has nothing to say of a sound database."""

import pytest

from storage.integrity import findings
from storage.records import Account, Event, Kind, Subject
from storage.store import Store


@pytest.fixture
def filled(database):
    with Store.open(database) as store, store.db.atomic():
        for number, name in enumerate(("Can", "Neu!"), 1):
            track = store.music.ensure_track(store.music.ensure_artist(name), f"Song {number}")
            user = store.people.ensure(Account("terminal", name, name), now=number)
            event = Event(f"like {number}", user, Subject(number, track), Kind.LIKE, "terminal")
            liked, _ = store.log.append(event, now=1)
            store.log.undo(liked, key=f"undo {number}", user_id=user, source="terminal", now=2)
    return database


def found(database):
    with Store.open(database, readonly=True) as store:
        return {one.name: one.problems for one in findings(store)}


def test_a_sound_database_has_no_problem(filled):
    assert found(filled) == {"pages": (), "foreign keys": (), "orphaned rows": ()}


@pytest.mark.parametrize(
    ("change", "kind", "said"),
    [
        ("DELETE FROM users WHERE id = 1", "foreign keys", "1 of accounts without their users"),
        ("DELETE FROM tracks WHERE id = 1", "foreign keys", "1 of events without their tracks"),
        (
            "INSERT INTO settings VALUES ('community', 9, 'language', 'de')",
            "orphaned rows",
            "1 settings of servers, groups and rooms",
        ),
        ("UPDATE artists SET same_as = 9 WHERE id = 1", "orphaned rows", "1 merged artists"),
        (
            "UPDATE events SET artist_id = 2 WHERE track_id = 1",
            "orphaned rows",
            "1 events about a track under another artist",
        ),
        (
            "UPDATE events SET user_id = 2 WHERE key = 'undo 1'",
            "orphaned rows",
            "1 undos of another user's event",
        ),
        ("DELETE FROM tracks_fts_docsize", "orphaned rows", "2 tracks that search cannot find"),
        ("INSERT INTO erased_users VALUES (1, 1)", "orphaned rows", "1 erased users who are here"),
    ],
)
def test_each_wrong_row_is_counted(filled, change, kind, said):
    with Store.open(filled) as store:
        store.db.execute("PRAGMA foreign_keys = OFF")
        with store.db.atomic():
            store.db.execute(change)
    assert said in found(filled)[kind]


def test_a_damaged_page_is_a_problem_and_no_error(filled):
    with Store.open(filled, readonly=True) as store:
        page = store.db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'events'").fetchone()[0]
    content = bytearray(filled.read_bytes())
    content[(page - 1) * 4096 : page * 4096] = b"\xff" * 4096
    filled.write_bytes(content)
    assert found(filled)["pages"] != ()
