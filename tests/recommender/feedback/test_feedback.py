"""What a reaction is worth, and that its order and repetition do not matter where they should not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.feedback import DISLIKE, amounts, latest_verdicts
from recommender.feedback.matrix import Grouped, IdIndex, ListeningMatrix, read_listening

DAY = 86_400
NOW = 1_000 * DAY
ARTISTS = IdIndex(np.array([10, 20, 30]))
TRACKS = IdIndex(np.array([100, 101, 200]))  # 100 and 101 are artist 10's, 200 is artist 20's


def row(kind, artist=10, track=100, at=NOW, plays=None, user=1):
    return (user, artist, track, kind, at, NOW, plays)


def weights(*rows, by_artist=False):
    items, log = ARTISTS if by_artist else TRACKS, latest_verdicts(read_listening(rows))
    of_events = items.columns(log.artist if by_artist else log.track)
    columns, values = Grouped.by(of_events).row(amounts(log, NOW), by_artist=by_artist)
    return dict(zip(items.ids[columns].tolist(), values.tolist(), strict=True))


def test_a_like_alone_weighs_four():
    assert weights(row("like")) == {100: 4.0}


def test_plays_count_on_a_log_scale():
    assert weights(row("play", plays=7)) == {100: 3.0}
    assert weights(row("play"), row("play"), row("play")) == {100: 2.0}


def test_a_dislike_outweighs_every_play_and_does_not_age():
    assert weights(row("play", plays=1_000_000), row("dislike", at=0)) == {100: DISLIKE}


def test_the_latest_verdict_counts():
    assert weights(row("dislike"), row("like")) == {100: 4.0}
    assert weights(row("like"), row("dislike")) == {100: DISLIKE}


def test_a_skip_takes_half_a_point_and_fades_within_months():
    assert weights(row("play", plays=7), row("skip")) == {100: 2.5}
    old = weights(row("play", plays=7), row("skip", at=NOW - 30 * DAY))
    assert old == {100: pytest.approx(2.75)}


def test_plays_fade_by_half_in_a_year_and_totals_without_a_time_do_not():
    assert weights(row("play", at=NOW - 365 * DAY, plays=6)) == {100: 2.0}
    assert weights(row("play", at=None, plays=3)) == {100: 2.0}


def test_songs_count_for_their_artist():
    both = weights(row("like", track=100), row("like", track=101), by_artist=True)
    assert both == {10: pytest.approx(np.log2(31.0))}


def test_a_disliked_song_is_not_a_disliked_artist():
    assert weights(row("like", track=100), row("dislike", track=101), by_artist=True) == {10: 3.0}
    assert weights(row("dislike", track=None), by_artist=True) == {10: DISLIKE}


def test_events_of_an_artist_alone_do_not_touch_the_track_axis():
    assert weights(row("like", track=None)) == {}


def test_blocks_weigh_nothing():
    assert weights(row("block", track=None), by_artist=True) == {}


EVENTS = st.builds(
    row,
    kind=st.sampled_from(["play", "like", "dislike", "skip"]),
    artist=st.just(10),
    track=st.sampled_from([100, 101]),
    at=st.integers(0, 2 * NOW),
    plays=st.one_of(st.none(), st.integers(0, 10**9)),
    user=st.integers(1, 3),
)


@given(st.lists(EVENTS, max_size=30))
def test_weights_stay_bounded_and_finite(events):
    matrix = ListeningMatrix.build(read_listening(events), TRACKS, by_artist=False, now=NOW).user_items
    assert np.isfinite(matrix.data).all()
    assert (matrix.data >= DISLIKE).all()
    assert (matrix.data <= 20).all()


@given(st.lists(EVENTS, max_size=30), st.lists(EVENTS, max_size=10))
def test_following_the_log_row_by_row_equals_reading_it_whole(before, after):
    items = TRACKS
    old = ListeningMatrix.build(read_listening(before), items, by_artist=False, now=NOW)
    touched = np.unique(np.array([event[0] for event in after], dtype=np.int64))
    theirs = [event for event in [*before, *after] if event[0] in touched]
    newer = ListeningMatrix.build(read_listening(theirs), items, by_artist=False, now=NOW)
    whole = ListeningMatrix.build(read_listening([*before, *after]), items, by_artist=False, now=NOW)

    followed = old.with_rows(newer, touched)

    assert followed.users.ids.tolist() == whole.users.ids.tolist()
    np.testing.assert_array_equal(followed.user_items.toarray(), whole.user_items.toarray())


def test_a_growing_catalogue_keeps_the_old_rows():
    few, more = IdIndex(np.array([100])), IdIndex(np.array([100, 101]))

    def built(event, items):
        return ListeningMatrix.build(read_listening([event]), items, by_artist=False, now=NOW)

    old, new = built(row("like", user=1), few), built(row("like", track=101, user=2), more)
    assert old.with_rows(new, np.array([2])).user_items.toarray().tolist() == [[4.0, 0.0], [0.0, 4.0]]


def test_unknown_ids_have_no_column():
    assert TRACKS.columns(np.array([200, 7, 999, 100])).tolist() == [2, -1, -1, 0]
    assert IdIndex(np.zeros(0, dtype=np.int64)).column(5) == -1
