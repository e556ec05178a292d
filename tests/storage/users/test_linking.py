"""Accounts of one person: joined, nothing lost or doubled; parted, as if nothing had been."""

import pytest

from storage.records import Account, Community, Event, Kind, Subject
from storage.store import Store
from storage.users.linking import Linking

ANN = Account("telegram", "1", "Ann")
ANNIE = Account("discord", "7", "annie")
BO = Account("terminal", "bo", "Bo")


@pytest.fixture
def store(database):
    with Store.open(database) as store:
        yield store


@pytest.fixture
def people(store):
    return [store.people.ensure(account, now=1) for account in (ANN, ANNIE, BO)]


def say(store, user, name, kind=Kind.LIKE, *, at=None, source="telegram"):
    artist = store.music.ensure_artist(name)
    key = f"{user}:{name}:{kind}:{at}:{source}"
    return store.log.append(Event(key, user, Subject(artist), kind, source, at), now=2)[0]


def facts(store):
    tables = ("accounts", "events", "slates", "taggings", "memberships", "friends", "settings")
    return {
        table: sorted(map(repr, store.db.execute(f"SELECT * FROM {table}").fetchall())) for table in tables
    }


def furnish(store, people):
    ann, annie, bo = people
    here, there = (store.people.ensure_community(Community("discord", c, "server", c)) for c in "ab")
    for place, user in ((here, ann), (here, annie), (there, annie)):
        store.people.join(place, user, now=2)
    store.people.befriend([(annie, bo), (ann, annie)])
    store.people.set_setting("user", annie, "language", "de")
    store.people.set_setting("user", ann, "language", "en")
    say(store, ann, "Queen")
    say(store, annie, "Queen", source="discord")
    say(store, annie, "ABBA", source="discord")


def test_joining_moves_everything_once_and_parting_brings_it_back(store, people):
    ann, annie, bo = people
    furnish(store, people)
    before = facts(store)
    linking = Linking(store.db)
    linking.offer(ann, "CODE", now=3)
    linking.join(ann, annie, "CODE", now=4)
    assert linking.names(ann) == [("telegram", "Ann"), ("discord", "annie")]
    assert store.people.find("discord", "7") == ann
    assert len(store.log.standing(ann)) == 3
    assert not store.log.standing(annie)
    assert store.people.setting("user", ann, "language") == "en"
    friends = store.db.execute("SELECT friend_id FROM friends WHERE user_id = ?", (ann,)).fetchall()
    assert sorted(friends) == [(annie,), (bo,)]
    assert linking.part(ann, now=5) == [("discord", "annie")]
    after = facts(store)
    assert after == before


def test_a_listen_of_both_stays_where_only_one_source_is_erased(store, people):
    ann, annie, _ = people
    say(store, ann, "Queen", Kind.PLAY, at=100, source="spotify-file")
    say(store, annie, "Queen", Kind.PLAY, at=110, source="lastfm")
    linking = Linking(store.db)
    linking.offer(ann, "CODE", now=3)
    linking.join(ann, annie, "CODE", now=4)
    assert len(store.log.standing(ann)) == 1
    assert store.listens.erase(ann, "spotify-file") == 1
    assert [row[4] for row in store.log.standing(ann)] == [110]


def test_the_same_listen_imported_by_both_counts_once_while_they_are_joined(store, people):
    ann, annie, _ = people
    for user in (ann, annie):
        say(store, user, "Queen", Kind.PLAY, at=100, source="plays")
        say(store, user, "ABBA", Kind.PLAY, at=200 + 100 * user, source="plays")
    linking = Linking(store.db)
    linking.offer(ann, "CODE", now=3)
    linking.join(ann, annie, "CODE", now=4)
    assert len(store.log.standing(ann)) == 3
    linking.part(ann, now=5)
    assert [len(store.log.standing(user)) for user in (ann, annie)] == [2, 2]


def test_what_was_said_while_joined_goes_where_it_was_said(store, people):
    ann, annie, _ = people
    linking = Linking(store.db)
    linking.offer(ann, "CODE", now=3)
    linking.join(ann, annie, "CODE", now=4)
    say(store, ann, "Queen", source="discord")
    say(store, ann, "ABBA", source="telegram")
    linking.part(ann, now=5)
    assert len(store.log.standing(annie)) == len(store.log.standing(ann)) == 1


def test_links_are_undone_newest_first(store, people):
    ann, annie, bo = people
    linking = Linking(store.db)
    for host, guest in ((annie, bo), (ann, annie)):
        linking.offer(host, f"CODE{host}", now=3)
        linking.join(host, guest, f"CODE{host}", now=4)
    assert [platform for platform, _ in linking.names(ann)] == ["telegram", "discord", "terminal"]
    assert linking.part(ann, now=5) == [("discord", "annie"), ("terminal", "Bo")]
    assert linking.part(ann, now=5) is None
    assert linking.part(annie, now=6) == [("terminal", "Bo")]


def test_forgetting_one_person_forgets_the_users_she_absorbed(store, people):
    ann, annie, bo = people
    furnish(store, people)
    linking = Linking(store.db)
    linking.offer(ann, "CODE", now=3)
    linking.join(ann, annie, "CODE", now=4)
    store.people.forget(ann)
    assert store.db.execute("SELECT id FROM users").fetchall() == [(bo,)]
    for table in ("links", "link_codes", "link_moves", "events", "friends"):
        assert store.db.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table


def test_a_fresh_code_voids_the_one_before(store, people):
    linking = Linking(store.db)
    linking.offer(people[0], "FIRST", now=3)
    linking.offer(people[0], "SECOND", now=4)
    assert linking.find("FIRST") is None
    code = linking.find("SECOND")
    assert code is not None
    assert [code.is_expired(now) for now in (4, 603, 604)] == [False, False, True]


def test_a_history_moves_in_as_many_statements_however_long_and_in_steps_that_grow_with_it_alone(
    store, people
):
    ann, annie, _ = people
    subject, linking = Subject(store.music.ensure_artist("Queen")), Linking(store.db)
    steps, statements, plays = [], [], 0
    for length in (500, 2_000):
        for n in range(plays, length):
            store.log.append(Event(f"k{n}", annie, subject, Kind.PLAY, "plays", 100 + n), now=2)
        plays = length
        linking.offer(ann, "CODE", now=3)
        steps.append(0)
        statements.append(set())  # by their text: SQLite tells of one again for each row that a trigger sees
        store.db.conn.set_progress_handler(lambda: steps.append(steps.pop() + 1), 1_000)
        store.db.conn.set_trace_callback(statements[-1].add)
        linking.join(ann, annie, "CODE", now=4)
        linking.part(ann, now=5)
        store.db.conn.set_progress_handler(None, 0)
        store.db.conn.set_trace_callback(None)
        assert len(store.log.standing(annie)) == length
    assert len(statements[0]) == len(statements[1])
    assert steps[1] < 5 * steps[0]
