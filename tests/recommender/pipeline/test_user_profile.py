"""What a kept profile weighs is what the whole log of that user weighs."""

import numpy as np
import pytest

from recommender.feedback import CODES, NO_TRACK, amounts, latest_verdicts
from recommender.feedback.matrix import Grouped, IdIndex, read_listening
from recommender.pipeline.user_profile import MOST_ITEMS, PlacedItems, UserProfile, strongest
from storage.records import Account, Event, Kind, ProfileRow, Subject
from storage.store import Store

DAY = 86_400
NOW = 1_700_000_000


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Two users' logs: every kind of event on some artists and songs, in any order."""
    with Store.open(tmp_path_factory.mktemp("profile") / "segue.db") as store:
        rng, users = np.random.default_rng(5), [store.people.ensure(Account("a", n, n), now=1) for n in "xy"]
        kinds = [kind for kind in Kind if kind is not Kind.UNDO] + 5 * [Kind.PLAY]
        for n in range(300):
            artist = store.music.ensure_artist(f"artist {rng.integers(20)}")
            track = store.music.ensure_track(artist, f"song {rng.integers(3)}") if n % 3 else None
            at = None if n % 7 == 0 else NOW - int(rng.integers(0, 3000)) * DAY
            event = Event(
                f"k{n}",
                users[n % 2],
                Subject(artist, track),
                kinds[rng.integers(len(kinds))],
                "a",
                at,
                [None, 3][n % 2],
            )
            store.log.append(event, now=NOW - 5)
        for event in (3, 50, 51, 200):
            store.log.undo(event, key=f"u{event}", user_id=users[(event - 1) % 2], source="a", now=NOW)
        yield store


def axes(store):
    return [
        IdIndex(np.array([row for (row,) in store.db.execute(f"SELECT id FROM {table} ORDER BY id")]))
        for table in ("artists", "tracks")
    ]


def whole_log(store, user):
    """What one user's standing events are, with the latest verdicts alone."""
    log = read_listening(store.log.standing(user))  # their first field is an event's id
    return latest_verdicts(log._replace(user=np.zeros_like(log.user)))


@pytest.mark.parametrize("user", [1, 2])
@pytest.mark.parametrize("later", [0, 400 * DAY])
def test_a_kept_profile_weighs_what_the_whole_log_weighs(store, user, later):
    artists, tracks = axes(store)
    log = whole_log(store, user)
    items = store.profiles.made(user, UserProfile.read).items
    placed = PlacedItems(items, artists.columns(items.artist), tracks.columns(items.track))
    counted = amounts(log, NOW + later)
    for kept, axis, ids, by_artist in zip(
        placed.rows(NOW + later), (artists, tracks), (log.artist, log.track), (True, False), strict=True
    ):
        columns, values = Grouped.by(axis.columns(ids)).row(counted, by_artist=by_artist)
        assert kept[0].tolist() == columns.tolist()
        np.testing.assert_allclose(kept[1], values, rtol=1e-6)
        assert len(set(values.tolist())) > 3


@pytest.mark.parametrize("user", [1, 2])
def test_a_kept_profile_tells_when_each_item_was_last_judged(store, user):
    log = whole_log(store, user)
    judged = ~np.isin(log.kind, (CODES[Kind.PLAY], CODES[Kind.SAVE]))
    latest = {}
    for artist, track, at in zip(log.artist[judged], log.track[judged], log.at[judged], strict=True):
        latest[artist, track] = max(latest.get((artist, track), 0), at)
    items = store.profiles.made(user, UserProfile.read).items
    said = np.isfinite(items.judged_at)
    kept = zip(items.artist[said], items.track[said], items.judged_at[said], strict=True)
    assert {(artist, track): at for artist, track, at in kept} == latest


def test_an_artist_who_is_only_blocked_is_no_item():
    rows = [(745, 0, 1, None), (745, 1517, 0, "like"), (664, 1000, 0, None)]
    with_blocks = [
        _row(artist, track, blocked=blocked or None, verdict=verdict, listens=int(artist == 664))
        for artist, track, blocked, verdict in rows
    ]
    profile = UserProfile.read(with_blocks)
    assert profile.items.artist.tolist() == [745, 664]
    assert profile.items.track.tolist() == [1517, 1000]
    assert profile.said.blocked == {745}
    assert NO_TRACK not in profile.items.track


def _row(artist, track, **fields):
    nothing = dict.fromkeys(ProfileRow._fields, 0) | dict.fromkeys(
        ("played_at", "saved_at", "skipped_at", "verdict", "verdict_at", "blocked")
    )
    return ProfileRow(**{**nothing, "artist_id": artist, "track_id": track, **fields})


def test_of_a_long_history_the_strongest_likes_and_dislikes_are_gone_by():
    items = np.arange(1000, dtype=np.int32)
    weights = np.where(items % 2, -4.0, items / 100).astype(np.float32)  # 500 dislikes, likes up to 9.98
    kept, left = strongest((items, weights))
    assert kept.tolist() == sorted(kept.tolist())
    assert np.count_nonzero(left < 0) == np.count_nonzero(left > 0) == MOST_ITEMS
    assert left[left > 0].min() == pytest.approx((1000 - 2 * MOST_ITEMS) / 100)
    assert (weights[kept] == left).all()


def test_a_short_history_is_gone_by_whole():
    row = np.arange(MOST_ITEMS, dtype=np.int32), np.ones(MOST_ITEMS, dtype=np.float32)
    assert strongest(row) is row
