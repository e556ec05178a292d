"""Connections to services elsewhere, as the database keeps them."""

from storage.records import Account, Community, Event, Kind, Subject
from storage.services.connections import Connection, Connections
from storage.services.outside import Outside
from storage.services.sign_ins import SignIns

ANN = Account("terminal", "ann", "Ann")
NOW = 1_700_000_000


def connection(user_id, source="lastfm"):
    return Connection(
        user_id,
        source,
        "rj",
        "terminal",
        "ann",
        NOW,
        newest_at=0,
        oldest_at=NOW,
        listens=0,
        total=9,
        looked_closely_at=0,
        failures=0,
        problem="",
    )


def hear(store, user_id, key, source="lastfm"):
    artist = store.music.ensure_artist("Low")
    store.log.append(Event(key, user_id, Subject(artist), Kind.PLAY, source, at=NOW, plays=1), now=NOW)


def test_a_connection_that_is_due_is_given_to_one_reader_until_its_lease_ends(store):
    connections = Connections(store.db)
    ann = store.people.ensure(ANN, now=NOW)
    connections.add(connection(ann), next_at=NOW)
    connections.add(connection(ann, "spotify"), next_at=NOW)
    sources = '["lastfm"]'
    assert [c.source for c in connections.claim(sources, now=NOW, until=NOW + 600)] == ["lastfm"]
    assert connections.claim(sources, now=NOW + 599, until=NOW + 1200) == []
    assert len(connections.claim(sources, now=NOW + 600, until=NOW + 1200)) == 1


def test_a_page_that_comes_after_disconnecting_leaves_nothing(store):
    connections = Connections(store.db)
    ann = store.people.ensure(ANN, now=NOW)
    kept = connections.add(connection(ann), next_at=NOW)
    hear(store, ann, "said", "terminal")
    connections.remove(ann, "lastfm")
    hear(store, ann, "late")
    assert not connections.advance(kept, newest=NOW, oldest=None, listens=1, next_at=NOW)
    connections.remove_late(kept)
    assert [row[0] for row in store.db.execute("SELECT key FROM events")] == ["said"]


def test_a_page_that_comes_after_forgetting_does_not_bring_the_person_back(store):
    connections = Connections(store.db)
    kept = connections.add(connection(store.people.ensure(ANN, now=NOW)), next_at=NOW)
    store.people.forget(kept.user_id)
    again = store.people.ensure(ANN, now=NOW)  # as the importer does
    hear(store, again, "late")
    connections.remove_late(kept)
    assert store.people.find("terminal", "ann") is None
    assert store.log.counts()["events"] == 0


def test_who_came_back_by_herself_after_being_forgotten_stays(store):
    connections = Connections(store.db)
    kept = connections.add(connection(store.people.ensure(ANN, now=NOW)), next_at=NOW)
    store.people.forget(kept.user_id)
    again = store.people.ensure(ANN, now=NOW)
    store.people.join(store.people.ensure_community(Community("terminal", "r", "room", "r")), again, now=NOW)
    hear(store, again, "late")
    connections.remove_late(kept)
    assert store.people.find("terminal", "ann") == again
    assert store.log.counts()["events"] == 0


def test_forgetting_erases_connections_and_sign_ins_and_an_export_shows_no_tokens(store):
    connections = Connections(store.db)
    ann = store.people.ensure(ANN, now=NOW)
    connections.add(connection(ann, "spotify"), next_at=NOW)
    assert connections.set_secret(ann, "spotify", b"sealed")
    SignIns(store.db).begin(ann, "state", b"verifier", now=NOW)
    (shown,) = store.people.export(ann)["connections"]
    assert shown == {
        "source": "spotify",
        "name": "rj",
        "connected_at": NOW,
        "newest_at": 0,
        "listens": 0,
        "has_tokens": 1,
    }
    assert store.people.forget(ann)["connections"] == 1
    assert store.db.execute("SELECT count(*) FROM sign_ins").fetchone() == (0,)
    assert not connections.set_secret(ann, "spotify", b"sealed")


def test_an_answer_is_kept_as_long_as_it_may_be(store):
    outside = Outside(store.db)
    outside.keep_answer("spotify", "search:low", [{"title": "Monkey"}], now=NOW, seconds=60)
    assert outside.answer("spotify", "search:low", now=NOW + 59) == [{"title": "Monkey"}]
    assert outside.answer("spotify", "search:low", now=NOW + 60) is None
    outside.expire(now=NOW + 60)
    assert store.db.execute("SELECT count(*) FROM answers").fetchone() == (0,)
