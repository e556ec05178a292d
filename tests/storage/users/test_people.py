import json
import sqlite3

import pytest

from storage.errors import UnknownIdError
from storage.records import Account, Community, Event, Impression, Kind, Slate, Subject
from storage.store import Store

ADA = Account("discord", "42", "Ada Lovelace")
BOB = Account("terminal", "bob", "Bob Moog")
ROOM = Community("discord", "7", "server", "Synth Lovers")
PRIVATE = Community("telegram", "4242", "private", "Ada in private")


@pytest.fixture
def lives(store):
    """Ada and Bob with something in every table: ids of both and of the song."""
    ada = store.people.ensure(ADA, now=1)
    bob = store.people.ensure(BOB, now=2)
    room, private = store.people.ensure_community(ROOM), store.people.ensure_community(PRIVATE)
    for user in (ada, bob):
        store.people.join(room, user, now=3)
    store.people.join(private, ada, now=3)
    store.people.befriend([(ada, bob)])
    store.people.set_setting("user", ada, "colour", "ada's teal")
    store.people.set_setting("user", bob, "colour", "bob's red")
    store.people.set_setting("community", private, "greeting", "hello Ada")
    artist = store.music.ensure_artist("Kraftwerk")
    song = Subject(artist, store.music.ensure_track(artist, "Das Model"))
    tag = store.music.ensure_tag("electronic")
    for user in (ada, bob):
        store.music.add_tagging(user, artist, tag, 4)
        impression = Impression(0, song, 1.0, {"als": 0.5}, {"kind": "start"})
        slate = Slate(user, private if user == ada else room, {"n": 1}, 1, "uniform", "s1", (impression,), 5)
        shown = store.slates.add(slate)
        liked, _ = store.log.append(
            Event(f"like of {user}", user, song, Kind.LIKE, "discord", impression_id=shown.impressions[0].id),
            now=6,
        )
        store.log.undo(liked, key=f"undo of {user}", user_id=user, source="discord", now=7)
        # Each also answers the slate of Ada.
        first = store.slates.get(1).impressions[0].id
        answer = Event(f"answer of {user}", user, song, Kind.SKIP, "discord", impression_id=first)
        store.log.append(answer, now=8)
    return ada, bob, song


def test_the_first_sight_of_an_account_makes_a_user_and_later_ones_find_it(store):
    ada = store.people.ensure(ADA, now=1)
    assert store.people.ensure(ADA, now=2) == ada == store.people.find("discord", "42")
    assert store.people.ensure(BOB, now=3) != ada
    assert store.people.find("telegram", "42") is None


def test_a_new_name_is_kept(store):
    ada = store.people.ensure(ADA, now=1)
    store.people.ensure(Account("discord", "42", "Countess"), now=2)
    assert store.people.export(ada)["accounts"] == [
        {"platform": "discord", "external_id": "42", "name": "Countess"}
    ]


def test_a_renamed_community_stays_the_same(store):
    room = store.people.ensure_community(ROOM)
    assert store.people.ensure_community(Community("discord", "7", "server", "Moog Lovers")) == room
    assert store.db.execute("SELECT name FROM communities").fetchall() == [("Moog Lovers",)]


def test_who_is_met_again_under_the_same_names_needs_nothing_written(store):
    assert store.people.met(ADA, None) is None
    ada, room = store.people.ensure(ADA, now=1), store.people.ensure_community(ROOM)
    assert store.people.met(ADA, None) == (ada, None)
    assert store.people.met(ADA, ROOM) is None  # no member yet
    store.people.join(room, ada, now=1)
    assert store.people.met(ADA, ROOM) == (ada, room)
    assert store.people.met(Account("discord", "42", "Countess"), ROOM) is None
    assert store.people.met(ADA, Community("discord", "7", "server", "Moog Lovers")) is None


def test_joining_twice_is_joining_once(store):
    ada, room = store.people.ensure(ADA, now=1), store.people.ensure_community(ROOM)
    store.people.join(room, ada, now=1)
    store.people.join(room, ada, now=2)
    assert store.people.communities() == [(room, ada)]


def test_friendship_goes_both_ways_and_is_counted_once(store):
    ada, bob = store.people.ensure(ADA, now=1), store.people.ensure(BOB, now=1)
    assert store.people.befriend([(ada, bob), (bob, ada), (ada, ada)]) == 1
    assert store.people.befriend([(ada, bob)]) == 0
    assert store.db.execute("SELECT * FROM friends ORDER BY 1").fetchall() == [(ada, bob), (bob, ada)]


def test_a_setting_is_kept_per_scope_and_the_latest_counts(store):
    ada = store.people.ensure(ADA, now=1)
    store.people.set_setting("user", ada, "volume", "10")
    store.people.set_setting("user", ada, "volume", "11")
    assert store.people.setting("user", ada, "volume") == "11"
    assert store.people.setting("community", ada, "volume") is None


def test_nobody_who_was_erased_gets_a_setting(store):
    ada = store.people.ensure(ADA, now=1)
    store.people.forget(ada)
    with pytest.raises(sqlite3.IntegrityError):
        store.people.set_setting("user", ada, "volume", "10")


def _rows_about(store, user):
    """Return the number of rows per table that has a user column, for every table of the schema."""
    about = {}
    for table in store.db.tables:
        columns = [column.name for column in table.columns if column.name in ("user_id", "friend_id")]
        for column in columns:
            about[table.name, column] = table.count_where(f"{column} = ?", [user])
    return about


def test_forgetting_leaves_no_row_of_the_person_in_any_table(store, lives):
    ada, _, _ = lives
    mentioned = {table for (table, _), count in _rows_about(store, ada).items() if count}
    assert mentioned >= {"accounts", "memberships", "friends", "taggings", "slates", "events"}
    gone = store.people.forget(ada)
    assert gone == {
        "events": 3,
        "impressions": 1,
        "slates": 1,
        "taggings": 1,
        "friends": 2,
        "memberships": 2,
        "accounts": 1,
        "settings": 2,
        "users": 1,
        "communities": 1,
    }
    left = {place: count for place, count in _rows_about(store, ada).items() if count}
    assert left == {("erased_users", "user_id"): 1}  # a number, by which a restored backup erases her again
    text = "\n".join(store.db.conn.iterdump())
    assert [word for word in ("Ada", "ada's", "4242", f"of {ada}'") if word in text] == []


def test_forgetting_takes_nothing_of_the_others(store, lives):
    ada, bob, song = lives
    before = store.people.export(bob)
    store.people.forget(ada)
    after = store.people.export(bob)
    # His answer to her slate is his; the slate is gone.
    answers = [event for event in before["events"] if event["key"] == f"answer of {bob}"]
    assert [answer["impression_id"] for answer in answers] == [1]
    for answer in answers:
        answer["impression_id"] = None
    before["friends"] = []
    assert after == before
    assert store.music.track(song.track_id).title == "Das Model"


@pytest.mark.usefixtures("lives")
def test_forgetting_somebody_unknown_takes_nothing(store):
    assert store.people.forget(999) == {}


def test_a_forgotten_id_is_never_given_to_somebody_else(store):
    ada = store.people.ensure(ADA, now=1)
    store.people.forget(ada)
    assert store.people.ensure(ADA, now=2) > ada


def test_an_export_has_everything_of_the_person(store, lives):
    ada, bob, _ = lives
    data = json.loads(json.dumps(store.people.export(ada)))
    counts = {name: len(value) for name, value in data.items() if value and isinstance(value, list)}
    assert counts == {
        "accounts": 1,
        "communities": 2,
        "friends": 1,
        "settings": 1,
        "tags": 1,
        "events": 3,
        "slates": 1,
        "impressions": 1,
    }
    assert data["friends"] == [{"friend_id": bob}]
    assert data["tags"] == [{"artist": "Kraftwerk", "tag": "electronic", "at": 4}]
    like, undo, answer = data["events"]
    assert (like["kind"], like["artist"], like["title"], like["recorded_at"]) == (
        "like",
        "Kraftwerk",
        "Das Model",
        6,
    )
    assert (undo["kind"], undo["undoes"]) == ("undo", like["id"])
    assert answer["impression_id"] == data["impressions"][0]["id"]
    assert data["impressions"][0]["features"] == {"als": 0.5}


def test_an_export_has_nothing_of_the_others(store, lives):
    ada, bob, _ = lives
    text = json.dumps(store.people.export(ada))
    assert [word for word in ("Bob", "bob", f"of {bob}") if word in text] == []


def test_an_export_of_nobody_is_an_error(store):
    with pytest.raises(UnknownIdError, match="no user 5"):
        store.people.export(5)


def test_the_forgotten_leave_no_bytes_in_the_file(tmp_path):
    path = tmp_path / "segue.db"
    with Store.open(path) as store:
        with store.db.atomic():
            users = [
                store.people.ensure(Account("terminal", f"secret-{n}", f"Zebulon Quux {n}"), now=1)
                for n in range(200)
            ]
        with store.db.atomic():
            for user in users:
                store.people.forget(user)
        store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"Zebulon Quux" not in path.read_bytes()
