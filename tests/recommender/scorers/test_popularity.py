from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from recommender.scorers import Profile, TrainingData
from recommender.scorers.popularity import CommunityPopularity, Popularity

#        songs: 0   1  2  3
LISTENING = [[9.0, 1, 0, -4], [0.5, 0, 0, 2], [3.0, 0, 0, 0]]
PLACES = [[1, 1, 0], [0, 0, 0]]


def data() -> TrainingData:
    return TrainingData(
        csr_matrix(np.array(LISTENING, dtype=np.float32)),
        csr_matrix((4, 0), dtype=np.float32),
        np.zeros((4, 0), dtype=np.float32),
        csr_matrix(np.array(PLACES, dtype=np.float32)),
    )


def somebody_in(community: int | None) -> Profile:
    return Profile(np.array([1], dtype=np.int32), np.array([2], dtype=np.float32), community)


def test_people_are_counted_and_not_how_much_they_like_it_and_fewer_than_three_are_none():
    scores = Popularity.fit(data(), seed=0).score(somebody_in(None))
    assert scores == pytest.approx(np.log([4, 1, 1, 1]))


def test_a_dislike_is_no_listener():
    scorer = Popularity.fit(data(), seed=0)
    assert [scorer.listeners(item) for item in range(4)] == [3, 1, 0, 1]


def test_fame_decides_until_people_are_counted():
    known = replace(data(), item_fame=np.array([0, 3, 9, 0.5], dtype=np.float32))
    scorer = Popularity.fit(known, seed=0)
    assert scorer.score(somebody_in(None)) == pytest.approx(np.log([4, 4, 10, 1.5]))
    assert [scorer.listeners(item) for item in range(4)] == [3, 1, 0, 1]  # nobody is invented
    assert [scorer.trust(0), scorer.trust(30)] == [2.0, 1.5]
    assert Popularity.fit(data(), seed=0).trust(0) < 0.1


def test_a_place_knows_what_two_or_more_of_its_members_like():
    scorer = CommunityPopularity.fit(data(), seed=0)
    assert scorer.score(somebody_in(0)) == pytest.approx(np.log([3, np.nan, np.nan, np.nan]), nan_ok=True)
    assert [scorer.listeners(0, item) for item in range(4)] == [2, 1, 0, 1]


@pytest.mark.parametrize("community", [None, 1, 2])
def test_a_place_without_members_or_newer_than_the_training_has_no_say(community):
    scorer = CommunityPopularity.fit(data(), seed=0)
    assert np.isnan(scorer.score(somebody_in(community))).all()
    assert community is None or scorer.listeners(community, 0) == 0


def test_where_users_answer_a_rate_counts_and_not_how_often_a_song_was_asked_about():
    """Twenty answer: song 0 pleases 9 of 18, song 1 pleases 5 of 6; histories with song 2 are counted."""
    weights = np.zeros((24, 4), dtype=np.float32)
    weights[:18, 0] = np.where(np.arange(18) % 2, 4, -4)
    weights[14:20, 1] = [4, 4, 4, 4, 4, -4]
    weights[:20, 3] = -4
    weights[20:, 2] = 4

    def learned(rows):
        nowhere = csr_matrix((0, len(rows)), dtype=np.float32)
        return Popularity.fit(replace(data(), user_items=csr_matrix(rows), communities=nowhere), seed=0)

    scorer = learned(weights)
    scores = np.expm1(scorer.score(somebody_in(None)))
    assert scores[1] > scores[0] + 1
    assert scores[2] > 4
    assert scorer.listeners(0) == 9
    few = learned(weights[9:])
    assert few.wanted[3] == 0
