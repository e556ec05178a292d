"""What is believed is a function of what stands: no order, twin, removal or second process can change it."""

import subprocess
import sys
import time
from itertools import groupby

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommender.pipeline.user_profile import UserProfile
from recommender.service import reactions
from recommender.types import Listener, Query
from recommender.user_model.recency import BOOST, BOOSTED, LEAST_HISTORY, SESSION_SECONDS, session_boost
from storage.listening.decisions import Decisions
from storage.records import Account, Impression, Kind, Slate, Subject

NOW = 1_700_000_000
SONGS = [Subject(3, 5), Subject(8, 15), Subject(14, 27), Subject(22, 43), Subject(31, 61)]
VERDICTS = [Kind.LIKE, Kind.DISLIKE, Kind.SKIP]

presses = st.lists(
    st.tuples(st.integers(0, len(SONGS) - 1), st.sampled_from(VERDICTS), st.integers(0, 20_000)), max_size=12
)


def newcomer(store, name: str) -> tuple[Listener, int]:
    """Return somebody with a list that was shown."""
    user = store.people.ensure(Account("t", name, name), now=NOW)
    about = {"belief": 0.2, "fused": 0.1, "fame": 0.1, "experience": 0.1}
    shown = tuple(Impression(k, song, 0.5, about, {"kind": "because"}) for k, song in enumerate(SONGS))
    slate = store.slates.add(Slate(user, None, {"n": 5}, 1, "bandit", "s", shown, NOW))
    store.slates.stamp_shown(slate.id, now=NOW)
    return Listener(user, None, "t"), slate.id


def posterior(store, snapshot, listener):
    """Return what is believed of somebody, and what the reward model is told."""
    request = store.profiles.made(listener.user_id, UserProfile.read).request(
        snapshot, Query(listener.user_id), NOW + 20_000
    )
    belief = snapshot.artists.user_model.posterior(request.artists, request.artist_recency)
    told = [
        (d.position, d.kind, d.reward) for d in Decisions(store.db).reacted() if d.user_id == listener.user_id
    ]
    return belief.gaussian.mean, told


@pytest.fixture
def counter():
    numbers = iter(range(10_000))
    return lambda: next(numbers)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(presses, st.randoms(use_true_random=False))
def test_any_order_of_arrival_and_any_twins_give_the_same_belief(store, snapshot, counter, said, random):
    """What is said of different songs may arrive late and reversed, and every press any number of times."""
    number = counter()
    pressed = [(position, kind, NOW + when, str(k)) for k, (position, kind, when) in enumerate(said)]
    one, slate = newcomer(store, f"{number} in order")
    for position, kind, when, key in pressed:
        reactions.press(store, one, slate, position, kind, key=f"{number}/{key}", now=when)

    other, slate = newcomer(store, f"{number} mixed")
    waiting = [list(of) for _, of in groupby(sorted(pressed, key=lambda press: press[0]), lambda p: p[0])]
    arrived = []
    while waiting:
        song = random.choice(waiting)
        arrived.append(song.pop(0))
        waiting = [left for left in waiting if left]
        if random.random() < 0.5:
            arrived.append(random.choice(arrived))
    for position, kind, when, key in arrived:
        reactions.press(store, other, slate, position, kind, key=f"{number}:{key}", now=when)

    (mean, told), (mixed_mean, mixed_told) = (posterior(store, snapshot, who) for who in (one, other))
    np.testing.assert_allclose(mixed_mean, mean, atol=1e-9)
    assert mixed_told == told


def test_what_is_taken_back_was_never_said(store, snapshot):
    one, slate = newcomer(store, "one")
    reactions.press(store, one, slate, 0, Kind.LIKE, key="a", now=NOW)
    before = posterior(store, snapshot, one)
    for key in ("b", "c"):
        reactions.press(store, one, slate, 1, Kind.DISLIKE, key=key, now=NOW + 5)
    in_chat = Listener(one.user_id, None, "terminal")
    reactions.press(store, in_chat, slate, 2, Kind.LIKE, key="d", now=NOW + 9)
    reactions.undo(store, in_chat, key="e", now=NOW + 7_200)
    after = posterior(store, snapshot, one)
    np.testing.assert_allclose(after[0], before[0])
    assert after[1] == before[1]


def test_several_people_on_one_card_each_have_their_own_word(store, snapshot):
    ann, slate = newcomer(store, "ann of the card")
    bo, _ = newcomer(store, "bo of the card")
    reactions.press(store, ann, slate, 0, Kind.LIKE, key="a", now=NOW)
    before = posterior(store, snapshot, ann)
    assert reactions.press(store, bo, slate, 0, Kind.DISLIKE, key="b", now=NOW) is Kind.DISLIKE
    assert reactions.press(store, bo, slate, 1, Kind.LIKE, key="c", now=NOW + 7_200) is Kind.LIKE
    mean, told = posterior(store, snapshot, ann)
    np.testing.assert_array_equal(mean, before[0])
    assert told == before[1] == [(0, Kind.LIKE, 1.0)]
    assert posterior(store, snapshot, bo)[1] == []
    standing = [(row[1], row[3]) for row in store.log.standing(bo.user_id)]
    assert standing == [(SONGS[0].artist_id, "dislike"), (SONGS[1].artist_id, "like")]


_PRESSING = """
import sys, time
from pathlib import Path
from recommender.service import reactions
from recommender.types import Listener
from storage.records import Kind
from storage.writer import Writer
database, user, slate, now, start = Path(sys.argv[1]), *map(int, sys.argv[2:])
with Writer(database) as writer:
    listener = Listener(user, None, "t")
    time.sleep(max(0, start - time.time()))
    for k in range(40):
        kind = Kind.LIKE if k % 3 else Kind.DISLIKE
        writer.write(
            lambda store: reactions.press(store, listener, slate, k % 5, kind, key=f"press {k}", now=now + k)
        ).result()
"""


def test_two_processes_that_handle_the_same_presses_count_each_once(store, snapshot, tmp_path):
    """Both are handed forty presses at the same time, as when Telegram or Discord delivers twice."""
    (one, slate), (alone, other) = newcomer(store, "pressed twice"), newcomer(store, "pressed once")
    store.db.conn.commit()
    for k in range(40):
        kind = Kind.LIKE if k % 3 else Kind.DISLIKE
        reactions.press(store, alone, other, k % 5, kind, key=f"once {k}", now=NOW + k)
    store.db.conn.commit()
    arguments = [str(tmp_path / "town.db"), str(one.user_id), str(slate), str(NOW), str(int(time.time()) + 4)]
    command = [sys.executable, "-c", _PRESSING, *arguments]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    assert [(process.communicate(timeout=60)[1], process.returncode) for process in both] == [("", 0)] * 2
    keys = store.db.execute("SELECT count(*) FROM events WHERE key LIKE 'press %'").fetchone()[0]
    assert keys == store.db.execute("SELECT count(*) FROM events WHERE key LIKE 'once %'").fetchone()[0]
    (mean, told), (mean_once, told_once) = (posterior(store, snapshot, who) for who in (one, alone))
    assert told == told_once != []
    np.testing.assert_allclose(mean, mean_once, atol=1e-9)


def test_the_last_few_of_this_sitting_make_its_mood():
    latest = np.array([NOW - 3600.0, *(NOW - 600.0 + 60 * k for k in range(BOOSTED + 1)), -np.inf])
    newer = np.array([BOOSTED + 1, *range(BOOSTED, -1, -1), 0])
    factors = session_boost(latest, newer, float(NOW)).tolist()
    assert factors == [1.0, 1.0, *[BOOST] * BOOSTED, 1.0]
    assert session_boost(latest, newer, NOW + SESSION_SECONDS + 60).tolist() == [1.0] * len(latest)


def test_in_a_first_sitting_there_is_no_mood_until_there_is_a_taste():
    for said, most in ((LEAST_HISTORY, 1.0), (LEAST_HISTORY + 1, BOOST)):
        factors = session_boost(NOW - 10.0 * np.arange(said), np.arange(said), float(NOW))
        assert factors.max() == most


def test_the_mood_of_a_sitting_bends_the_next_list_and_is_gone_tomorrow(store, snapshot):
    """Years of one camp, then three songs of another: it counts for more in this sitting than next day."""
    listener, _ = newcomer(store, "moody")
    for k, artist in enumerate([1, 5, 9, 13, 17]):
        reactions.record(store, listener, Subject(artist), Kind.LIKE, key=f"m{k}", now=NOW - 90_000 + k)
    for k, artist in enumerate([2, 6, 10]):
        reactions.record(store, listener, Subject(artist), Kind.LIKE, key=f"n{k}", now=NOW + k)
    profile, model = store.profiles.made(listener.user_id, UserProfile.read), snapshot.artists.user_model

    def wanted(now: float) -> float:
        """Return by how much more is expected of the new camp than of the old one."""
        request = profile.request(snapshot, Query(listener.user_id), now)
        means = model.means(model.posterior(request.artists, request.artist_recency), None)
        return float(means[[13, 17, 21, 25]].mean() - means[[20, 24, 28, 32]].mean())

    assert wanted(NOW + 60) > wanted(NOW + SESSION_SECONDS + 60) + 0.01


def test_what_the_learner_chose_is_among_the_figures(snapshot):
    learner = snapshot.figures()["learner"]
    assert learner["artists"] == vars(snapshot.artists.user_model.settings)
    assert learner["artists"]["held_out"] >= 20
    assert 0 < learner["artists"]["foreseen"] <= 1
