"""Sessions are cut where nothing was played for half an hour, and nowhere else."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recommender.next_song.sequences import GAP, PlayColumns, Sequences

PLAYS = st.lists(
    st.tuples(
        st.integers(1, 3), st.integers(-1, 4), st.integers(-1, 6), st.integers(0, 20).map(lambda n: n * 700)
    ),
    max_size=40,
)


def cut(plays) -> Sequences:
    columns = np.array(plays, dtype=np.int64).reshape(-1, 4).T
    return Sequences.cut(PlayColumns(*columns))


def by_hand(plays) -> list[tuple[int, list[tuple[int, int]]]]:
    """Sessions of at least two plays, as (user, [(artist, track)]), the one that ended first being first."""
    sessions = []
    for user in sorted({play[0] for play in plays}):
        mine = sorted((p for p in plays if p[0] == user and p[1] >= 0), key=lambda play: play[3])
        last = None
        for _, artist, track, at in mine:
            if last is None or at - last > GAP:
                sessions.append([user, at, []])
            sessions[-1][2].append((artist, track))
            sessions[-1][1] = last = at
    sessions = [one for one in sessions if len(one[2]) > 1]
    return [(user, songs) for user, _, songs in sorted(sessions, key=lambda one: one[1])]


@given(PLAYS)
def test_sessions_are_those_that_one_would_cut_by_hand(plays):
    found = cut(plays)
    sessions = [found.plays(n) for n in range(len(found))]
    shown = [
        (user, list(zip(one.artist.tolist(), one.track.tolist(), strict=True)))
        for user, one in zip(found.user.tolist(), sessions, strict=True)
    ]
    assert shown == by_hand(plays)
    assert list(found.ended) == sorted(found.ended)


def test_a_session_of_a_day_counts_as_several():
    found = cut([(1, 0, 0, 60 * n) for n in range(450)])
    assert np.diff(found.starts).tolist() == [200, 200, 50]


@given(PLAYS, st.data())
def test_some_sessions_are_the_same_sessions(plays, data):
    found = cut(plays)
    first = data.draw(st.integers(0, len(found)))
    last = data.draw(st.integers(first, len(found)))
    some = found.some(first, last)
    assert len(some) == last - first
    for n in range(len(some)):
        assert some.plays(n).track.tolist() == found.plays(first + n).track.tolist()
