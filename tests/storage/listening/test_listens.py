from hashlib import blake2b

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import copied

from storage.imports import ListenRow
from storage.ingest.importer import run_import
from storage.listening.listens import SAME_SECONDS, Listen
from storage.records import Account, Event, Kind, Subject
from storage.store import Store
from storage.writer import Writer

NOON = 1_600_000_000


class Rows:
    """A reader of rows that the test made up, all from one source."""

    platform = "terminal"

    def __init__(self, source, *rows):
        self.source = source
        self._rows = rows

    def rows(self):
        yield from self._rows

    def progress(self):
        return 1.0

    def digest(self):
        return "the only file"


def heard(at=None, title="SOS", **facts):
    return ListenRow(1, "ann", "ABBA", title, at, **facts)


@pytest.fixture
def bring(database):
    def bring(source, *rows):
        with Writer(database) as writer:
            return run_import(writer, Rows(source, *rows))

    return bring


@pytest.fixture
def plays(database):
    """Return what counts of Ann's log: (title, kind, at, plays, source)."""

    def plays():
        with Store.open(database, readonly=True) as store:
            return store.db.execute(
                "SELECT title, kind, at, plays, source FROM standing_events"
                " JOIN tracks ON tracks.id = track_id ORDER BY standing_events.id"
            ).fetchall()

    return plays


@pytest.fixture
def ann(database):
    with Store.open(database) as store:
        return store.people.ensure(Account("terminal", "ann", "Ann"), now=1)


def test_the_same_listen_from_two_sources_is_one(bring, plays):
    bring("spotify-file", heard(NOON))
    report = bring("lastfm", heard(NOON + SAME_SECONDS), heard(NOON + SAME_SECONDS + 1))
    assert (report.kept, report.merged) == (1, 1)
    assert [(at, source) for _, _, at, _, source in plays()] == [
        (NOON, "spotify-file"),
        (NOON + SAME_SECONDS + 1, "lastfm"),
    ]


def test_other_songs_other_people_and_skips_are_not_the_same_listen(bring, plays):
    bring("a", heard(NOON), heard(NOON, "Waterloo"), heard(NOON, kind=Kind.SKIP))
    bring("b", ListenRow(1, "bea", "ABBA", "SOS", NOON))
    assert len(plays()) == 4


def test_a_listen_without_a_title_is_the_same_as_another_without(bring):
    bring("a", heard(NOON, None))
    assert bring("b", heard(NOON + 5, None), heard(NOON + 5)).kept == 1


def test_a_source_that_goes_leaves_what_another_tells_too(bring, plays, database, ann):
    bring("spotify-file", heard(NOON), heard(NOON + 500))
    bring("lastfm", heard(NOON + 3))
    with Store.open(database) as store, store.db.atomic():
        assert store.listens.sources(ann) == {"lastfm": (1, NOON), "spotify-file": (2, NOON + 500)}
        assert store.listens.erase(ann, "spotify-file") == 1
        assert store.listens.sources(ann) == {"lastfm": (1, NOON)}
    assert [(at, source) for _, _, at, _, source in plays()] == [(NOON, "lastfm")]
    assert bring("spotify-file", heard(NOON), heard(NOON + 500)).kept == 1
    with Store.open(database) as store, store.db.atomic():
        assert store.listens.erase(ann, "lastfm") == 0
    assert [row[4] for row in plays()] == ["spotify-file", "spotify-file"]


def test_a_later_export_with_a_higher_total_raises_it_and_an_older_one_changes_nothing(bring, plays):
    def total():
        return sum(row[3] for row in plays())

    bring("totals", heard(plays=10))
    bring("totals", heard(plays=25))
    assert total() == 25
    assert bring("totals", heard(plays=10), heard(plays=25)).kept == 0
    assert total() == 25
    bring("totals", heard(plays=5, album="Greatest Hits"))
    assert total() == 30


def test_a_total_stored_by_an_earlier_version_is_known(bring, database, ann):
    def digest(words, size):
        return blake2b(words.encode(), digest_size=size).hexdigest()

    listener = "terminal\0totals\0ann"
    key = digest(listener, 4) + "0" * 8 + digest(f"{listener}\0total\x0010\0ABBA\0SOS", 10)
    with Store.open(database) as store, store.db.atomic():
        subject = Subject(store.music.ensure_artist("ABBA"))
        store.log.append(Event(key, ann, subject, Kind.PLAY, "totals", plays=10), now=1)
    assert bring("totals", heard(plays=10)).kept == 0


def test_an_imported_verdict_never_overrules_what_was_said(bring, plays):
    bring("lastfm", heard(NOON, kind=Kind.DISLIKE))
    report = bring("listenbrainz", heard(NOON + 900, kind=Kind.LIKE), heard(NOON, "Waterloo", kind=Kind.LIKE))
    assert report.kept == 1
    assert [(title, kind) for title, kind, *_ in plays()] == [("SOS", "dislike"), ("Waterloo", "like")]


@given(st.lists(st.integers(0, 400), max_size=30), st.randoms())
def test_told_again_in_any_order_nothing_is_added(empty, tmp_path_factory, times, random):
    with Store.open(copied(empty, tmp_path_factory.mktemp("any"))) as store:
        user = store.people.ensure(Account("terminal", "ann", "Ann"), now=1)
        artist = store.music.ensure_artist("ABBA")

        def add(source):
            listens = [
                Listen(f"{source}:{at}", user, artist, None, Kind.PLAY, NOON + at, 1, None, source)
                for at in times
            ]
            return store.listens.add(listens, now=1)

        first = add("one")
        assert (first > 0) == bool(times)
        random.shuffle(times)
        assert add("two") == 0
        assert len(store.log.standing(user)) == first
