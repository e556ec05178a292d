"""Songs that were shown and not answered: what is read of them, and that they sink for newcomers."""

import numpy as np
import pytest

from recommender import training
from recommender.bandit.policy import POLICIES
from recommender.slates import make_slate
from recommender.training.facts import read_facts
from recommender.types import Query
from storage.records import Account, Event, Impression, Kind, Slate, Subject
from storage.store import Store

NOW = 1_700_000_000
PEOPLE, OTHERS = 120, 30  # people, and songs that nobody knows


def shown(store, user, subject, *, at=NOW):
    impressions = (Impression(0, subject, 1.0, {}, {"kind": "start"}),)
    slate = store.slates.add(Slate(user, None, {"n": 1}, 0, "bandit", "v", impressions, NOW))
    if at is not None:
        store.slates.stamp_shown(slate.id, now=at)


@pytest.fixture
def store(tmp_path):
    """All like a song, four in ten a second and three in ten a third."""
    with Store.open(tmp_path / "m.db") as store:
        songs = [
            Subject(a := store.music.ensure_artist(f"artist {n}"), store.music.ensure_track(a, f"song {n}"))
            for n in range(3 + OTHERS)
        ]
        for n in range(PEOPLE):
            user = store.people.ensure(Account("terminal", f"u{n}", f"u{n}"), now=NOW)
            liked = [songs[0], *(songs[1 + k] for k in (0, 1) if n % 10 in ((0, 1, 2, 3), (4, 5, 6))[k])]
            for subject in liked:
                store.log.append(Event(f"{n}:{subject}", user, subject, Kind.LIKE, "test"), now=NOW)
        yield store, songs


def people(store):
    return store.people.user_ids()


def test_what_was_shown_and_not_answered_is_counted_and_nothing_else(store):
    store, songs = store
    one, other, *_ = people(store)
    stranger = store.people.ensure(Account("terminal", "new", "new"), now=NOW)
    for _ in range(3):
        shown(store, one, songs[2])
    shown(store, one, songs[0])  # answered
    shown(store, other, songs[2], at=None)  # never seen
    shown(store, stranger, songs[2])  # by somebody who has said nothing of anything
    facts = read_facts(store, now=NOW)
    for unanswered, listening, item in (
        (facts.unanswered[0], facts.artists, songs[2].artist_id),
        (facts.unanswered[1], facts.tracks, songs[2].track_id),
    ):
        assert unanswered.shape == listening.user_items.shape
        assert unanswered.nnz == 1
        assert unanswered[listening.users.column(one), listening.items.column(item)] == 3


@pytest.mark.parametrize("users", [PEOPLE, 40])  # with and without a population
def test_a_song_shown_often_and_never_answered_sinks_for_newcomers(store, users):
    store, songs = store
    for user in people(store)[users:]:
        store.db.execute("DELETE FROM events WHERE user_id = ?", (user,))
    newcomer = store.people.ensure(Account("terminal", "new", "new"), now=NOW)

    def order():
        snapshot = training.fit(read_facts(store, now=NOW), seed=0, now=NOW)
        places = []
        for seed in range(8):
            slate = make_slate(
                store, snapshot, POLICIES["certain"], Query(newcomer, 3), seed=seed, now=NOW + 1
            )
            found = [one.subject.artist_id for one in slate.impressions]
            places.append(
                [found.index(song.artist_id) if song.artist_id in found else 3 for song in songs[1:3]]
            )
        return np.mean(places, axis=0)

    second, third = order()
    assert second < third
    for user in people(store)[:users]:
        for _ in range(30):
            shown(store, user, songs[1])
    second, third = order()
    assert third < second
