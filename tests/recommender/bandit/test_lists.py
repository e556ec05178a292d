"""Lists of several songs ordered by expected reward: new, different artists, in proportion."""

from collections import Counter

import numpy as np
import pytest

from recommender import training
from recommender.bandit.policy import POLICIES
from recommender.pipeline.diversity import SETTING
from recommender.service import reactions
from recommender.slates import make_slate
from recommender.training.facts import read_facts
from recommender.types import Listener, Query
from storage.records import Account, Kind, Subject

NOW = 1_700_000_000
CAMPS = 4


LIKED = (1, 5, 9, 13, 2, 6, 3)  # four of camp 1, two of camp 2, one of camp 3


@pytest.fixture
def fan(store, ann):
    for artist in LIKED:
        reactions.record(store, ann, Subject(artist), Kind.LIKE, key=str(artist), now=NOW)
    return ann


def artists(slate):
    return [impression.subject.artist_id for impression in slate.impressions]


@pytest.mark.parametrize(("n", "most"), [(3, 0), (5, 1), (10, 2)])
def test_one_song_in_five_is_of_an_artist_who_is_liked_already(asked, fan, n, most):
    for seed in range(5):
        familiar = set(LIKED).intersection(artists(asked(fan, seed=seed, n=n)))
        assert len(familiar) <= most


def test_a_list_has_one_song_of_an_artist(asked, fan):
    for seed in range(5):
        assert max(Counter(artists(asked(fan, seed=seed, n=5))).values()) == 1


def test_a_list_has_room_for_the_smaller_half_of_a_taste(asked, fan):
    slates = [asked(fan, seed=seed, n=5, now=NOW + 10 + 10**6 * seed) for seed in range(4)]
    camps = Counter(artist % CAMPS for slate in slates for artist in artists(slate))
    assert camps[1] > camps[2] >= 3
    assert camps[0] == 0


def test_what_was_shown_and_left_unanswered_makes_room_for_others(asked, fan):
    first = asked(fan)
    tomorrow = asked(fan, now=NOW + 10 + 25 * 3600)
    shown = {impression.subject for impression in first.impressions}
    assert len(shown.intersection(impression.subject for impression in tomorrow.impressions)) <= 2


def test_the_dial_brings_what_fewer_know(store, snapshot, asked, fan):
    known = {}
    for dial in ("0", "10"):
        store.people.set_setting("user", fan.user_id, SETTING, dial)
        columns = snapshot.artists.items.columns
        people = snapshot.artists.listening.user_items.getnnz(axis=0)
        lists = [asked(fan, seed=seed, n=4, now=NOW + 10**7 * (seed + 1)) for seed in range(6)]
        known[dial] = sum(people[columns(np.array(artists(one)))].sum() for one in lists)
    assert known["10"] < known["0"]


def wished(store, fan, *tags):
    """Return the artists of a list of what carries these tags, from a snapshot that knows them."""
    learned = training.fit(read_facts(store, now=NOW), seed=0, now=NOW)
    query = Query(fan.user_id, 4, None, tags=tags)
    return artists(make_slate(store, learned, POLICIES["certain"], query, seed=1, now=NOW + 10))


def test_what_is_hardly_the_genre_asked_for_comes_after_what_is(store, ann):
    music = store.music
    jazz = music.ensure_tag("jazz", "genre")
    for artist in (17, 21, 25, 29, 4, 8, 12, 16):  # four that somebody once called jazz, and four that are
        for track in store.db.execute("select id from tracks where artist_id = ?", [artist]).fetchall():
            music.tag_track(track[0], jazz, "town", 0.3 if artist % CAMPS == 1 else 5.0)
    assert {artist % CAMPS for artist in wished(store, ann, "jazz")} == {0}


def test_a_decade_is_when_a_song_came_out_and_not_what_somebody_calls_an_artist(store, fan):
    said = store.music.ensure_tag("1990s", "genre")
    store.music.tag_artist(41, said, "town", 10.0)
    assert 41 not in wished(store, fan, "1990s")


def test_a_list_for_two_is_made_from_both_however_much_each_has_said(store, snapshot, fan):
    other = store.people.ensure(Account("terminal", "bo", "Bo"), now=NOW)
    bo = Listener(other, None, "terminal")
    reactions.record(store, bo, Subject(30), Kind.LIKE, key="bo", now=NOW)
    query = Query(fan.user_id, 5, others=(other,))
    slate = make_slate(store, snapshot, POLICIES["bandit"], query, seed=0, now=NOW + 60)
    assert len(set(artists(slate))) == 5


def test_what_was_just_shown_comes_again_only_when_too_little_else_is_left(snapshot, ann, asked):
    n_songs = len(snapshot.tracks.items)
    shown = []
    while len(shown) <= n_songs - 10:
        new = [impression.subject for impression in asked(ann, seed=len(shown), n=10).impressions]
        assert len(new) == 10
        if set(new) & set(shown):  # of each artist two songs at most: some may be left
            break
        shown += new
    assert len(shown) >= n_songs // 2
    again = [impression.subject for impression in asked(ann, seed=99, n=10).impressions]
    assert len(again) == 10
    assert set(again) & set(shown)
