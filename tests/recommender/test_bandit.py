"""Songs with their reasons, chosen by what is believed: true, replayable, logged, learned from as state."""

import time
from pathlib import Path

import numpy as np
import pytest

from recommender import reactions, rebuilding, training
from recommender.adventure import SETTING
from recommender.asking import make_slate
from recommender.policy import POLICIES
from recommender.promotion import compare
from recommender.rewards import ABOUT, Rewards, described, read_decisions
from recommender.serving import serve
from recommender.taste import Taste
from recommender.types import Listener, Query
from storage.decisions import Decisions
from storage.records import Account, Community, Event, Kind, Subject
from storage.store import Store

NOW = 1_700_000_000
BANDIT = POLICIES["bandit"]
CAMPS, PEOPLE = 4, 160


@pytest.fixture(scope="module")
def town(tmp_path_factory) -> Path:
    """Four camps of forty people, each with ten artists of two songs, who love their own."""
    path = tmp_path_factory.mktemp("town") / "town.db"
    rng = np.random.default_rng(0)
    with Store.open(path) as store, store.db.atomic():
        music, people = store.music, store.people
        artists = [music.ensure_artist(f"artist {n}") for n in range(10 * CAMPS)]
        for artist in artists:
            for song in range(2):
                music.ensure_track(artist, f"song {song} of {artist}", year=1990)
        for person in range(PEOPLE):
            user = people.ensure(Account("town", f"p{person}", f"p{person}"), now=NOW)
            place = people.ensure_community(Community("town", f"c{person % 16}", "room", "a place"))
            people.join(place, user, now=NOW)
            for n, artist in enumerate(artists):
                if rng.random() < (0.7 if n % CAMPS == person % CAMPS else 0.05):
                    event = Event(f"{person}-{n}", user, Subject(artist), Kind.LIKE, "town")
                    store.log.append(event, now=NOW)
    return path


@pytest.fixture(scope="module")
def snapshot(town):
    with Store.open(town, readonly=True) as store:
        return training.fit(training.read_facts(store, now=NOW), seed=0, now=NOW)


@pytest.fixture
def store(town, tmp_path):
    copy = tmp_path / "town.db"
    copy.write_bytes(town.read_bytes())
    with Store.open(copy) as store:
        yield store


@pytest.fixture
def ann(store) -> Listener:
    user = store.people.ensure(Account("terminal", "ann", "Ann"), now=NOW)
    place = store.people.ensure_community(Community("town", "c0", "room", "a place"))
    store.people.join(place, user, now=NOW)
    return Listener(user, place, "terminal")


def asked(store, snapshot, listener, seed=0, n=5, now=NOW + 10):
    slate = make_slate(
        store, snapshot, BANDIT, Query(listener.user_id, n, listener.community_id), seed=seed, now=now
    )
    stored = store.log.add_slate(slate)
    store.log.stamp_shown(stored.id, now=now)
    return stored


def press(store, listener, slate, position, kind, key, now=NOW + 20):
    return reactions.press(store, listener, slate.id, position, kind, key=key, now=now)


def rewards(store):
    return [(d.slate_id, d.position, d.reward) for d in Decisions(store.db).reacted()]


def test_a_like_is_felt_by_the_next_list(store, snapshot, ann):
    reactions.record(store, ann, Subject(1), Kind.LIKE, key="a", now=NOW)
    reactions.record(store, ann, Subject(5), Kind.LIKE, key="b", now=NOW)
    slate = asked(store, snapshot, ann)
    camps = [impression.subject.artist_id % CAMPS for impression in slate.impressions]
    assert camps.count(1) >= 4


def test_any_slate_can_be_replayed_from_its_seed(store, snapshot, ann):
    query = Query(ann.user_id, 5, ann.community_id)
    one, other = (make_slate(store, snapshot, BANDIT, query, seed=7, now=NOW) for _ in range(2))
    assert one == other


def test_the_first_song_of_a_first_session_is_no_experiment(store, snapshot, ann):
    query = Query(ann.user_id, 5, ann.community_id)
    slates = [make_slate(store, snapshot, BANDIT, query, seed=seed, now=NOW) for seed in range(40)]
    assert {slate.impressions[0].propensity for slate in slates} == {1.0}
    assert min(i.propensity for slate in slates for i in slate.impressions) < 0.05
    asked(store, snapshot, ann)
    later = [make_slate(store, snapshot, BANDIT, query, seed=s, now=NOW + 90_000) for s in range(10)]
    assert {round(slate.impressions[0].propensity, 6) for slate in later} <= {0.91, 0.01}


def test_an_experiment_is_told_as_one(store, snapshot, ann):
    query = Query(ann.user_id, 5, ann.community_id)
    told = set()
    for seed in range(40):
        slate = store.log.add_slate(make_slate(store, snapshot, BANDIT, query, seed=seed, now=NOW))
        for impression, pick in zip(slate.impressions, serve(store, slate, {}).picks, strict=True):
            told.add((impression.propensity < 0.5, pick.experiment))
    assert told == {(False, False), (True, True)}


def test_the_safe_are_never_experimented_on(store, snapshot, ann):
    store.people.set_setting("user", ann.user_id, SETTING, "0")
    query = Query(ann.user_id, 5, ann.community_id)
    for seed in range(20):
        slate = make_slate(store, snapshot, BANDIT, query, seed=seed, now=NOW)
        assert {impression.propensity for impression in slate.impressions} == {1.0}


def test_every_reason_is_true_when_it_is_worked_out_again(store, snapshot):
    """A thousand recommendations to forty people: no cause that did not help, no crowd that is not there."""
    rng, reasons = np.random.default_rng(3), []
    for person in range(40):
        user = store.people.ensure(Account("t", str(person), "x"), now=NOW)
        place = store.people.ensure_community(Community("town", f"c{person % 16}", "room", "a place"))
        listener = Listener(user, place, "t")
        for k, artist in enumerate(rng.choice(np.arange(1, 41), 6, replace=False).tolist()):
            kind = Kind.LIKE if k < 4 else Kind.DISLIKE
            reactions.record(store, listener, Subject(artist), kind, key=f"{person}/{k}", now=NOW + k)
        for seed in range(5):
            slate = make_slate(store, snapshot, BANDIT, Query(user, 5, place), seed=seed, now=NOW + 60)
            reasons += [(_holds(store, snapshot, user, place, i), i.explanation) for i in slate.impressions]
    assert len(reasons) == 1000
    assert {explanation["kind"] for _, explanation in reasons} >= {"because"}
    assert [explanation for holds, explanation in reasons if not holds] == []


def _holds(store, snapshot, user, place, impression) -> bool:
    explanation, artist = impression.explanation, impression.subject.artist_id
    column = snapshot.artists.items.column(artist)
    if explanation["kind"] == "because":
        request = Taste.read(store.log.standing(user)).request(snapshot, Query(user, 5, place), [], NOW + 60)
        beliefs, profile, recency = snapshot.artists.beliefs, request.artists, request.artist_recency
        cause = snapshot.artists.items.column(explanation["cause"][0])
        at = int(np.flatnonzero(profile.items == cause)[0])
        full = beliefs.means(beliefs.belief(profile, recency), profile.community)[column]
        rest = beliefs.belief(profile.without(cause), np.delete(recency, at))
        assert profile.weights[at] > 0
        return bool(full > beliefs.means(rest, profile.community)[column])
    likes = "SELECT count(DISTINCT e.user_id) FROM standing_events e {} WHERE kind = 'like' AND artist_id = ?"
    if explanation["kind"] == "community":
        members = "JOIN memberships m ON m.user_id = e.user_id AND m.community_id = ?"
        known = f"{likes.format(members)} AND e.source = 'town'"
        return store.db.execute(known, (place, artist)).fetchone()[0] == explanation["count"] >= 3
    known = f"{likes.format('')} AND e.source = 'town'"
    return store.db.execute(known, (artist,)).fetchone()[0] == explanation["count"] >= 3


def test_a_reward_is_the_last_word_of_whom_the_slate_was_made_for(store, snapshot, ann):
    slate = asked(store, snapshot, ann)
    bob = Listener(store.people.ensure(Account("terminal", "bob", "Bob"), now=NOW), None, "terminal")
    press(store, bob, slate, 0, Kind.DISLIKE, "b0")
    assert rewards(store) == []
    press(store, ann, slate, 0, Kind.LIKE, "a0")
    press(store, ann, slate, 0, Kind.LIKE, "a0")  # delivered twice
    press(store, ann, slate, 1, Kind.LIKE, "a1")
    press(store, ann, slate, 1, Kind.DISLIKE, "a2", now=NOW + 9999)
    press(store, ann, slate, 2, Kind.SKIP, "a3")
    press(store, ann, slate, 3, Kind.LIKE, "a4")
    press(store, ann, slate, 3, Kind.LIKE, "a5")  # taken back
    assert rewards(store) == [(slate.id, 0, 1.0), (slate.id, 1, 0.0), (slate.id, 2, 0.0)]


def test_a_slate_that_nobody_saw_teaches_nothing(store, snapshot, ann):
    slate = store.log.add_slate(make_slate(store, snapshot, BANDIT, Query(ann.user_id, 5), seed=0, now=NOW))
    press(store, ann, slate, 0, Kind.LIKE, "a")
    assert rewards(store) == []


def test_what_was_reacted_to_is_what_the_expected_reward_learns_from(store, snapshot, ann):
    slate = asked(store, snapshot, ann)
    for position in range(5):
        press(store, ann, slate, position, Kind.LIKE if position % 2 else Kind.DISLIKE, f"k{position}")
    learned = Rewards.fit(*read_decisions(Decisions(store.db).reacted()))
    assert learned.reactions == 5
    assert not np.allclose(learned.weights, Rewards.unlearned().weights)


def test_reasons_that_please_are_given_more_often():
    about = np.tile(np.array([[0.3, 0.0, 0.2, 0.3]], dtype=np.float32), (600, 1))
    said = np.arange(600) % 2
    learned = Rewards.fit(described(about, said), (said == 1).astype(float), np.ones(600))
    expected = learned.expected(about[:2], np.array([0, 1]))
    assert expected[1] > expected[0] + 0.3
    assert len(ABOUT) == about.shape[1]


def test_the_log_judges_other_policies_and_gives_no_verdict_on_little(store, snapshot, ann):
    for seed in range(6):
        now = NOW + 100_000 * (seed + 1)
        slate = asked(store, snapshot, ann, seed=seed, now=now)
        for position in range(5):
            press(store, ann, slate, position, Kind.LIKE, f"{seed}/{position}", now=now)
    found = compare(store, "certain")
    assert found.decisions == len(rewards(store)) > 5
    assert set(found.estimates) == {"IPS", "clipped IPS", "SNIPS", "DR"}
    assert not found.verdict.promote
    assert "needs 1000" in found.verdict.reason
    itself = compare(store, "bandit")
    assert itself.estimates["SNIPS"].value == pytest.approx(itself.earned.value)


def test_what_is_learned_is_a_function_of_the_log(town, snapshot):
    found = rebuilding.compare(town, snapshot)
    assert found["people"] == PEOPLE
    assert found["same"]
    assert found["posteriors"] <= 1e-6


def test_a_slate_of_five_out_of_a_thousand_takes_less_than_five_milliseconds():
    rng = np.random.default_rng(0)
    features = rng.random((1000, 5)).astype(np.float32)
    groups = np.arange(1000)
    spent = []
    for _ in range(20):
        began = time.process_time()
        rows, _ = BANDIT.choose(features, 5, rng, groups=groups)
        BANDIT.would(features, rows, groups=groups)
        spent.append(time.process_time() - began)
    assert sorted(spent)[10] < 0.005


def test_an_update_takes_less_than_a_millisecond(snapshot, store, ann):
    for k in range(30):
        reactions.record(store, ann, Subject(k + 1), Kind.LIKE, key=f"{k}", now=NOW + k)
    taste = Taste.read(store.log.standing(ann.user_id))
    request = taste.request(snapshot, Query(ann.user_id), [], NOW + 60)
    spent = []
    for _ in range(20):
        began = time.process_time()
        snapshot.artists.beliefs.belief(request.artists, request.artist_recency)
        spent.append(time.process_time() - began)
    assert sorted(spent)[10] < 0.001
