"""What a list of several songs is made of where beliefs order it: new, different artists, in proportion."""

from collections import Counter

import numpy as np
import pytest

from recommender import reactions
from recommender.adventure import SETTING
from storage.records import Kind, Subject

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
