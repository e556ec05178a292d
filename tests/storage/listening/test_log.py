from itertools import product
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.errors import InvalidFactError
from storage.records import Account, Community, Event, HistoryLine, Impression, Kind, Slate, Subject
from storage.store import Store


@pytest.fixture
def world(store):
    return _populate(store)


class World(NamedTuple):
    ada: int
    bob: int
    room: int
    artist: Subject
    songs: tuple[Subject, Subject]


def _populate(store):
    ada = store.people.ensure(Account("terminal", "ada", "Ada"), now=1)
    bob = store.people.ensure(Account("terminal", "bob", "Bob"), now=1)
    room = store.people.ensure_community(Community("discord", "7", "server", "Room"))
    artist = store.music.ensure_artist("Can")
    songs = tuple(
        Subject(artist, store.music.ensure_track(artist, title)) for title in ("Vitamin C", "Spoon")
    )
    return World(ada, bob, room, Subject(artist), songs)


def _event(key, user, subject, kind=Kind.LIKE, **facts):
    return Event(key, user, subject, kind, **{"source": "terminal", **facts})


def test_an_event_delivered_twice_is_stored_once(store, world):
    song, other = world.songs
    first = store.log.append(_event("update 1", world.ada, song), now=5)
    again = store.log.append(_event("update 1", world.ada, other, Kind.DISLIKE), now=6)
    assert (first, again) == ((1, True), (1, False))
    assert store.log.standing(world.ada) == [(1, *song, "like", None, 5, None)]


def test_an_undo_is_not_appended_as_an_event(store, world):
    with pytest.raises(InvalidFactError, match=r"Log\.undo"):
        store.log.append(Event("k", world.ada, None, Kind.UNDO, "terminal", undoes=1), now=5)


def test_undo_takes_the_like_back_once(store, world):
    song, _ = world.songs
    like, _ = store.log.append(_event("k", world.ada, song), now=5)
    undone = [
        store.log.undo(like, key=f"u{n}", user_id=world.ada, source="terminal", now=6) for n in range(2)
    ]
    assert undone == [True, False]
    assert store.log.standing(world.ada) == []
    assert store.log.verdict(world.ada, song) is None


def test_nobody_undoes_what_is_not_theirs_or_an_undo_or_nothing(store, world):
    song, _ = world.songs
    like, _ = store.log.append(_event("k", world.ada, song), now=5)
    assert not store.log.undo(like, key="u1", user_id=world.bob, source="terminal", now=6)
    assert store.log.undo(like, key="u2", user_id=world.ada, source="terminal", now=6)
    (undo,) = store.db.execute("SELECT id FROM events WHERE kind = 'undo'").fetchone()
    assert not store.log.undo(undo, key="u3", user_id=world.ada, source="terminal", now=6)
    assert not store.log.undo(999, key="u4", user_id=world.ada, source="terminal", now=6)
    assert not store.log.undo(like, key="k", user_id=world.ada, source="terminal", now=6)


def test_the_latest_standing_verdict_on_exactly_this_subject_counts(store, world):
    song, other = world.songs
    store.log.append(_event("1", world.ada, song, Kind.LIKE), now=5)
    store.log.append(_event("2", world.ada, world.artist, Kind.LIKE), now=5)
    dislike, _ = store.log.append(_event("3", world.ada, song, Kind.DISLIKE), now=5)
    store.log.append(_event("4", world.ada, song, Kind.PLAY), now=5)
    assert store.log.verdict(world.ada, song) == (dislike, Kind.DISLIKE)
    assert store.log.verdict(world.ada, world.artist) == (2, Kind.LIKE)
    assert store.log.verdict(world.ada, other) is None
    assert store.log.verdict(world.bob, song) is None
    store.log.undo(dislike, key="5", user_id=world.ada, source="terminal", now=6)
    assert store.log.verdict(world.ada, song) == (1, Kind.LIKE)


_MOVES = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from([Kind.LIKE, Kind.DISLIKE, Kind.PLAY]), st.integers(0, 1), st.integers(0, 1)
        ),
        st.tuples(st.just(Kind.UNDO), st.integers(0, 1), st.integers(1, 12)),
    ),
    max_size=15,
)


def test_any_order_of_likes_dislikes_and_undos_leaves_what_a_list_of_them_would(database):
    with Store.open(database) as store:
        with store.db.atomic():
            world = _populate(store)

        @settings(max_examples=200)
        @given(_MOVES)
        def check(moves):
            store.db.execute("BEGIN")
            _compare_with_a_list(store, world, moves)
            store.db.rollback()

        check()


def _compare_with_a_list(store, world, moves):
    users = (world.ada, world.bob)
    model: dict[int, tuple[int, Subject, Kind]] = {}
    for number, (kind, who, what) in enumerate(moves):
        key = f"key {number}"
        if kind is Kind.UNDO:
            mine = what in model and model[what][0] == users[who]
            assert mine == store.log.undo(what, key=key, user_id=users[who], source="terminal", now=9)
            if mine:
                del model[what]
        else:
            event_id, _ = store.log.append(_event(key, users[who], world.songs[what], kind), now=9)
            model[event_id] = (users[who], world.songs[what], kind)
    assert [row[:4] for row in store.log.listening()] == [
        (user, *song, kind) for user, song, kind in model.values()
    ]
    for user, song in product(users, world.songs):
        verdicts = [
            (event_id, kind)
            for event_id, (whose, about, kind) in model.items()
            if (whose, about) == (user, song) and kind is not Kind.PLAY
        ]
        assert store.log.verdict(user, song) == max(verdicts, default=None)


def test_the_last_action_is_one_made_by_talking(store, world):
    song, other = world.songs
    store.log.append(_event("1", world.ada, song), now=5)
    like, _ = store.log.append(_event("2", world.ada, other), now=6)
    store.log.append(_event("3", world.ada, song, Kind.PLAY, source="plays", plays=9), now=7)
    assert store.log.last_action(world.ada) == [
        HistoryLine(like, Kind.LIKE, None, 6, other, "Can", "Spoon", plays=None, undone=False)
    ]
    store.log.undo(like, key="4", user_id=world.ada, source="terminal", now=8)
    assert [line.event_id for line in store.log.last_action(world.ada)] == [1]
    assert store.log.last_action(world.bob) == []


def test_the_last_action_is_all_that_one_message_said(store, world):
    song, other = world.songs
    keys = ("say:1:", "say:2:0", "say:2:1", "say:20:")
    subjects = (song, song, other, world.artist)
    for key, subject in zip(keys, subjects, strict=True):
        store.log.append(_event(key, world.ada, subject), now=5)
    store.log.append(_event("say:2:2", world.bob, song), now=5)
    store.log.undo(4, key="u", user_id=world.ada, source="terminal", now=6)
    assert [line.event_id for line in store.log.last_action(world.ada)] == [2, 3]


def test_history_is_newest_first_in_pages_with_the_undone_marked(store, world):
    song, other = world.songs
    for number, subject in enumerate((song, other, world.artist), start=1):
        store.log.append(_event(str(number), world.ada, subject, at=number), now=9)
    store.log.append(_event("bob's", world.bob, song), now=9)
    store.log.undo(2, key="u", user_id=world.ada, source="terminal", now=9)
    newest = store.log.history(world.ada, 2)
    assert [(line.event_id, line.title, line.undone) for line in newest] == [
        (3, None, False),
        (2, "Spoon", True),
    ]
    assert [line.event_id for line in store.log.history(world.ada, 2, before=2)] == [1]


def test_listening_streams_only_standing_events_after_a_point(store, world):
    song, _ = world.songs
    store.log.append(_event("1", world.ada, song), now=5)
    store.log.append(_event("2", world.bob, world.artist, Kind.PLAY, plays=7, at=3), now=6)
    store.log.append(_event("3", world.bob, song), now=6)
    store.log.undo(3, key="u", user_id=world.bob, source="terminal", now=7)
    assert list(store.log.listening(after=1)) == [(world.bob, *world.artist, "play", 3, 6, 7)]
    assert len(list(store.log.listening())) == 2


def test_an_undo_touches_its_user_too(store, world):
    song, _ = world.songs
    store.log.append(_event("1", world.ada, song), now=5)
    store.log.append(_event("2", world.bob, song), now=5)
    trained = store.log.last_event_id()
    store.log.undo(1, key="u", user_id=world.ada, source="terminal", now=6)
    assert store.log.touched_users(trained) == [world.ada]
    assert store.log.touched_users(0) == [world.ada, world.bob]
    assert store.log.last_event_id() == 3


def _slate(world, *subjects, user=None, community=None, created_at=10):
    impressions = tuple(
        Impression(position, subject, 0.5, {"als": 1.5}, {"kind": "start"})
        for position, subject in enumerate(subjects)
    )
    user = user or world.ada
    return Slate(user, community, {"n": 2, "tags": ["がく"]}, 7, "uniform", "s1", impressions, created_at)


def test_a_slate_comes_back_as_it_was_made(store, world):
    stored = store.slates.add(_slate(world, *world.songs, community=world.room))
    assert (stored.id, [one.id for one in stored.impressions]) == (1, [1, 2])
    assert store.slates.get(1) == stored
    assert store.slates.get(2) is None


def test_only_a_shown_slate_of_this_place_is_the_last(store, world):
    here = store.slates.add(_slate(world, world.artist, community=world.room))
    alone = store.slates.add(_slate(world, world.artist))
    unseen = store.slates.add(_slate(world, world.artist))
    store.slates.stamp_shown(here.id, now=11)
    store.slates.stamp_shown(alone.id, now=12)
    store.slates.stamp_shown(alone.id, now=13)
    last = store.slates.last(world.ada, None)
    assert (last.id, last.shown_at) == (alone.id, 12)
    assert store.slates.last(world.ada, world.room).id == here.id
    assert store.slates.last(world.bob, None) is None
    assert store.slates.get(unseen.id).shown_at is None


def test_recently_shown_is_what_the_user_saw_since_then(store, world):
    song, other = world.songs
    for created_at, *subjects in ((10, song), (20, other, world.artist), (30, other)):
        shown = store.slates.add(_slate(world, *subjects, created_at=created_at))
        store.slates.stamp_shown(shown.id, now=created_at)
    store.slates.add(_slate(world, song, created_at=40))  # never shown
    assert list(store.slates.shown_since(world.ada, since=10)) == [other, world.artist]
    assert store.slates.shown_since(world.bob, since=0) == {}


def test_counts_say_what_has_been_logged(store, world):
    store.log.append(_event("1", world.ada, world.artist), now=5)
    store.slates.add(_slate(world, *world.songs))
    assert store.log.counts() == {"users": 2, "communities": 1, "events": 1, "slates": 1, "impressions": 2}
