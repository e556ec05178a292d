"""What is kept out of a taste stays in the log, teaches nothing, and comes back as it was."""

import pytest

from storage.listening.exclusions import Exclusions
from storage.records import Account, Event, Kind, Subject

NOW, DAY = 1_700_000_000, 86_400


@pytest.fixture
def ann(store):
    return store.people.ensure(Account("terminal", "ann", "Ann"), now=1)


@pytest.fixture
def rules(store):
    return Exclusions(store.db)


@pytest.fixture
def play(store, ann):
    """Let Ann play an artist, or say something of theirs; return the id of the event."""

    def played(artist, at=NOW, kind=Kind.PLAY, source="lastfm", *, now=NOW, plays=1):
        subject = Subject(store.music.ensure_artist(artist))
        key = f"{artist}{at}{kind}{source}"
        return store.log.append(Event(key, ann, subject, kind, source, at, plays), now=now)[0]

    return played


def taught(store, user):
    names = {artist.id: artist.name for artist in store.music.artists(range(1, 99)).values()}
    return sorted(names[row[1]] for row in store.log.listening_of(user))


def profile(store, user):
    names = {artist.id: artist.name for artist in store.music.artists(range(1, 99)).values()}
    assert store.profiles.differences() == 0
    return sorted(names[row.artist_id] for row in store.profiles.rows(user))


@pytest.mark.parametrize(
    ("what", "rule"),
    [
        ("source", {"source": "phone"}),
        ("dates", {"span": (NOW - DAY, NOW)}),
        ("tag", {"tag": "lullaby"}),
        ("artist", {"artist": 1}),
    ],
)
def test_a_rule_takes_out_what_is_there_and_what_comes_and_gives_it_back(store, rules, ann, play, what, rule):
    def both(day):
        play("Cradle", NOW - DAY + day, source="phone")
        play("Queen", NOW + DAY + day)

    both(1)
    store.music.tag_artist(1, store.music.ensure_tag("lullaby"), "x", 1.0)
    before = store.profiles.rows(ann)
    assert rules.add(ann, what, now=NOW, **rule) == 1
    assert rules.add(ann, what, now=NOW, **rule) is None
    assert profile(store, ann) == ["Queen"]
    both(2)
    assert (profile(store, ann), taught(store, ann)) == (["Queen"], ["Queen", "Queen"])
    assert len(store.log.history(ann, 9)) == 4
    [known] = rules.of(ann)
    assert known.events == 2
    assert rules.remove(ann, known.id, now=NOW) == 2
    assert profile(store, ann) == ["Cradle", "Queen"]
    assert [row.artist_id for row in before] == [row.artist_id for row in store.profiles.rows(ann)]
    assert rules.remove(ann, known.id, now=NOW) is None


def test_what_is_said_in_private_teaches_nothing_and_only_until_its_end(store, rules, ann, play):
    rules.begin_private(ann, NOW + 60, now=NOW)
    assert rules.private_until(ann, now=NOW + 59) == NOW + 60
    play("Cher", None, Kind.LIKE, "terminal", now=NOW + 1)
    play("ABBA", NOW + 30)
    play("Queen", NOW - 1)
    play("Muse", None)  # an export without times: nobody knows when
    assert rules.end_private(ann, now=NOW + 31)
    assert rules.private_until(ann, now=NOW + 32) is None
    play("Blur", NOW + 40)
    assert profile(store, ann) == ["Blur", "Muse", "Queen"]
    assert not rules.end_private(ann, now=NOW + 50)


def test_a_block_holds_in_private_too(store, rules, ann, play):
    rules.begin_private(ann, NOW + 60, now=NOW)
    play("Cher", None, Kind.BLOCK, "terminal", now=NOW + 1)
    [row] = store.profiles.rows(ann)
    assert row.blocked


def test_an_undo_of_what_teaches_nothing_changes_nothing(store, rules, ann, play):
    rules.add(ann, "source", source="phone", now=NOW)
    event = play("Cher", source="phone")
    play("Cher")
    before = store.profiles.rows(ann)
    assert store.log.undo(event, key="u", user_id=ann, source="terminal", now=NOW)
    assert store.profiles.rows(ann) == before
    assert store.profiles.differences() == 0


def test_a_tag_that_comes_later_is_covered_after_settling(store, rules, ann, play):
    store.music.ensure_tag("lullaby")
    rules.add(ann, "tag", tag="lullaby", now=NOW)
    play("Cradle")
    store.music.tag_artist(1, store.music.ensure_tag("lullaby"), "x", 0.9)
    assert rules.retaught_since(NOW)
    rules.settle(now=NOW - 1)
    assert profile(store, ann) == []
    assert not rules.retaught_since(NOW)


def test_a_changed_rule_makes_its_user_read_again(store, rules, ann, play):
    cursor = play("Cher")
    assert store.log.touched_users(cursor) == []
    rules.add(ann, "artist", artist=1, now=NOW)
    assert store.log.touched_users(cursor) == [ann]
    play("Queen")
    assert store.log.touched_users(cursor + 1) == []


def test_export_and_forget_reach_the_rules(store, rules, ann, play):
    play("Cher")
    rules.add(ann, "artist", artist=1, now=NOW)
    kept = store.people.export(ann)
    assert (kept["exclusions"][0]["artist"], len(kept["kept_out"])) == ("Cher", 1)
    store.people.forget(ann)
    left = ("exclusions", "kept_out", "retaught_users", "unchecked_users", "exclusion_offers")
    assert [store.db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in left] == [0] * 5
