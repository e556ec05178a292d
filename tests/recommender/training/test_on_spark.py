"""Training on Spark: the same snapshot as here, of whoever may be learned from."""

import numpy as np
import pyarrow.parquet as pq
import pytest

from recommender import training
from recommender.errors import MusicError, NotReady
from recommender.feedback.matrix import read_listening
from recommender.training import on_spark
from recommender.training.facts import read_facts
from recommender.training.on_spark import SparkEngine
from storage.errors import StorageError
from storage.records import Account, Community, Event, Kind, Subject
from storage.replica import log_slices
from storage.store import Store

NOW = 1_700_000_000
HOME = Community("discord", "home", "server", "Home")
USERS, ARTISTS = 60, 40


@pytest.fixture
def store(tmp_path):
    """60 users, some of whom took things back; a third are at home in one server."""
    rng = np.random.default_rng(3)
    with Store.open(tmp_path / "segue.db") as opened:
        opened.db.execute("BEGIN IMMEDIATE")
        bands = [opened.music.ensure_artist(f"Band {n}") for n in range(ARTISTS)]
        songs = [Subject(band, opened.music.ensure_track(band, f"Song {n}")) for n, band in enumerate(bands)]
        home = opened.people.ensure_community(HOME)
        for n in range(USERS):
            user = opened.people.ensure(Account("discord", str(n), f"User {n}"), now=NOW)
            if n % 3 == 0:
                opened.people.join(home, user, now=NOW)
            for place in rng.permutation(ARTISTS)[:9].tolist():
                _say(opened, user, songs[place], place, rng)
        opened.db.commit()
        yield opened


def _say(store, user, song, place, rng):
    kind = Kind(rng.choice([Kind.LIKE, Kind.PLAY, Kind.DISLIKE, Kind.SKIP], p=[0.5, 0.3, 0.1, 0.1]))
    at = None if place % 4 == 0 else NOW - 100_000 * place
    told, _ = store.log.append(Event(f"{user}:{place}", user, song, kind, "t", at), now=NOW)
    if place % 5 == 0:
        store.log.undo(told, key=f"undo:{user}:{place}", user_id=user, source="t", now=NOW)


def export(store, folder):
    key = log_slices.make_key(store)
    return key, log_slices.write(store, folder, key)


def tables(folder):
    return [pq.read_table(path) for path in sorted((folder / log_slices.EVENTS).glob("*.parquet"))]


def test_slices_hold_the_standing_events_and_no_user(store, tmp_path, monkeypatch):
    monkeypatch.setattr(log_slices, "SLICE", 100)
    key, _ = export(store, tmp_path / "slices")
    there = on_spark.standing(tables(tmp_path / "slices"))
    here = read_listening(store.log.listening())
    assert np.array_equal(there.user, [log_slices.pseudonym(key, user) for user in here.user.tolist()])
    for name in ("artist", "track", "kind", "plays"):
        assert np.array_equal(getattr(there, name), getattr(here, name)), name
    assert np.array_equal(there.at, here.at, equal_nan=True)
    assert not set(there.user.tolist()) & set(store.people.user_ids())


def test_an_export_writes_what_is_new_and_what_has_changed(store, tmp_path, monkeypatch):
    monkeypatch.setattr(log_slices, "SLICE", 100)
    folder = tmp_path / "slices"
    first = export(store, folder)[1]
    assert (first.written > 5, first.kept) == (True, 0)
    again = export(store, folder)[1]
    assert (again.written, again.kept) == (0, first.written)
    store.db.execute("UPDATE events SET user_id = 1 WHERE id = 150")  # as linked accounts do
    assert export(store, folder)[1].written == 1


def test_who_is_forgotten_is_gone_from_the_slices(store, tmp_path):
    folder, user = tmp_path / "slices", store.people.user_ids()[4]
    key, before = export(store, folder)
    name = log_slices.pseudonym(key, user)
    assert name in tables(folder)[0]["user"].to_pylist()
    store.people.forget(user)
    with pytest.raises(NotReady, match="forgotten"):
        SparkEngine(folder).populations(read_facts(store, now=NOW), now=NOW, seed=0)
    after = export(store, folder)[1]
    assert after.rows < before.rows
    assert name not in tables(folder)[0]["user"].to_pylist()
    assert name not in pq.read_table(folder / log_slices.MEMBERS)["user"].to_pylist()


def test_slices_of_another_database_are_refused(store, tmp_path):
    folder = tmp_path / "slices"
    export(store, folder)
    with Store.open(tmp_path / "other.db") as other:
        key = log_slices.make_key(other)
        with pytest.raises(StorageError, match="another database"):
            log_slices.write(other, folder, key)
        with pytest.raises(NotReady, match="another database"):
            SparkEngine(folder).populations(read_facts(other, now=NOW), now=NOW, seed=0)


def test_a_damaged_manifest_and_no_slices_are_sentences(store, tmp_path):
    with pytest.raises(NotReady, match="segue export parquet"):
        SparkEngine(tmp_path / "none").populations(read_facts(store, now=NOW), now=NOW, seed=0)
    export(store, tmp_path / "slices")
    (tmp_path / "slices" / log_slices.MANIFEST).write_text("{")
    with pytest.raises(StorageError, match="delete the folder"):
        export(store, tmp_path / "slices")


def test_without_java_there_is_one_sentence(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(MusicError, match="openjdk-17"):
        on_spark.check_installed()


def test_a_sample_reads_so_many_users_and_the_same_each_time(store):
    some, again = (read_facts(store, now=NOW, sample=20) for _ in range(2))
    assert 15 <= len(some.artists.users) <= 20  # whoever took back everything has no row
    assert np.array_equal(some.artists.users.ids, again.artists.users.ids)
    whole = read_facts(store, now=NOW)
    rows = np.searchsorted(whole.artists.users.ids, some.artists.users.ids)
    assert abs(whole.artists.user_items[rows] - some.artists.user_items).max() < 1e-6
    assert len(read_facts(store, now=NOW, sample=USERS).artists.users) == len(whole.artists.users)


@pytest.mark.slow  # starts a Java machine
def test_spark_adds_up_what_the_trainer_would(store, tmp_path):
    try:
        on_spark.check_installed()
    except MusicError as reason:
        pytest.skip(str(reason))
    export(store, tmp_path / "slices")
    facts = read_facts(store, now=NOW)
    populations = SparkEngine(tmp_path / "slices").populations(facts, now=NOW, seed=0)
    summed = training.fit(facts, seed=0, now=NOW, populations=populations)
    whole = training.fit(facts, seed=0, now=NOW)
    for axis in ("artists", "tracks"):
        mine, theirs = getattr(summed, axis), getattr(whole, axis)
        assert np.array_equal(mine.eligibility.people, theirs.eligibility.people)
        assert abs(mine.eligibility.members - theirs.eligibility.members).max() == 0
        blends = [next(s for s in each.scorers if s.name == "blend") for each in (mine, theirs)]
        assert abs(blends[0].neighbours - blends[1].neighbours).max() < 1e-5
        assert np.array_equal(blends[0].log_popularity, blends[1].log_popularity)
