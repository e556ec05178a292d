"""Figures over time, against histories whose answer is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.service.listening_stats import (
    DAY,
    NO_TRACK,
    DatedPlays,
    Streak,
    clock,
    current_streak,
    longest_streak,
    surprises,
    top,
    trends,
)

START = 18_000  # a day


def history(*plays):
    """Return plays given as (artist, day, hour) or (artist, day, hour, track)."""
    rows = [
        (play[0], play[3] if len(play) > 3 else NO_TRACK, (START + play[1]) * DAY + play[2] * 3600, 0)
        for play in plays
    ]
    rows.sort(key=lambda row: row[2])
    return DatedPlays(*np.array(rows, dtype=np.int64).reshape(-1, 4).T)


def kinds(plays, now=(START + 400) * DAY):
    return {fact.kind: fact for fact in surprises(plays, now, n=7)}


def test_the_clock_counts_hours_of_the_day():
    assert clock(history((1, 0, 7), (1, 1, 7), (1, 0, 23))).tolist() == [0] * 7 + [2] + [0] * 15 + [1]


def test_streaks_are_days_without_a_gap():
    plays = history(*((1, day, 12) for day in (0, 1, 2, 5, 6, 6)))
    assert longest_streak(plays) == Streak(3, START)
    assert [current_streak(plays, START + today) for today in (6, 7, 8)] == [2, 2, 0]
    assert longest_streak(history()) == Streak(0, 0)


@given(st.sets(st.integers(0, 60)))
def test_no_streak_is_longer_than_its_days(days):
    plays = history(*((1, day, 12) for day in days))
    run = longest_streak(plays)
    expected = max(
        (n for n in range(1, 62) for first in days if set(range(first, first + n)) <= days), default=0
    )
    assert run.days == expected


def test_the_most_frequent_come_first_and_no_track_is_none():
    assert top(np.array([3, 1, 1, NO_TRACK, NO_TRACK, NO_TRACK, 3, 2]), 2) == [(1, 2), (3, 2)]


def test_an_artist_who_is_heard_lately_rises_and_one_who_is_not_falls():
    early = [(1, day, 12) for day in range(40)] + [(3, day, 13) for day in range(40)]
    late = [(2, day, 12) for day in range(300, 340)] + [(3, day, 13) for day in range(300, 340)]
    rising, falling = trends(history(*early, *late), (START + 350) * DAY)
    assert [change.artist_id for change in rising] == [2]
    assert [(change.artist_id, change.share) for change in falling] == [(1, 0.0)]


def test_what_stands_out_is_found():
    usual = [(artist, day, 18 + artist % 3, artist) for day in range(0, 390, 3) for artist in range(1, 9)]
    binge = [(9, 100, hour % 24, 90 + hour) for hour in range(48)] + [(9, day, 12, 99) for day in range(20)]
    found = kinds(history(*usual, *binge))
    assert (found["binge"].subject.artist_id, found["binge"].count, found["binge"].day) == (
        9,
        48,
        START + 100,
    )
    looped = kinds(history(*usual, *((4, 50, 12, 7) for _ in range(30))))
    assert (looped["repeat"].subject.track_id, looped["repeat"].count) == (7, 30)
    gone = kinds(
        history(*usual, *((5, -900 + day, 12) for day in range(5)), *((6, -800, 12) for _ in range(200)))
    )
    assert gone["comeback"].count > 700


def test_an_artist_who_was_loved_and_left_is_remembered():
    plays = history(*((1, day % 40, 12) for day in range(300)), *((a, 800, 12) for a in range(2, 30)))
    fact = kinds(plays, (START + 801) * DAY)["faded"]
    assert (fact.subject.artist_id, fact.count, fact.day) == (1, 300, START + 39)


def test_the_strongest_comes_first_one_of_a_kind_and_few_plays_say_nothing():
    plays = history(*((a % 5, a % 30, a % 6, a % 7) for a in range(400)))
    found = surprises(plays, (START + 31) * DAY)
    assert len(found) == len({fact.kind for fact in found}) <= 3
    assert [fact.doublings for fact in found] == sorted((fact.doublings for fact in found), reverse=True)
    assert surprises(history((1, 0, 1)), 0) == []


@pytest.mark.parametrize("seed", range(3))
def test_any_history_gives_finite_figures(seed):
    rng = np.random.default_rng(seed)
    plays = history(*zip(*(rng.integers(0, n, 60).tolist() for n in (5, 900, 24, 9)), strict=True))
    assert all(np.isfinite(fact.doublings) for fact in surprises(plays, (START + 901) * DAY))
