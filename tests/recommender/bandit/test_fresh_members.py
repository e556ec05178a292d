"""Members of a place whom the training has not seen: what they say counts for the others at once."""

import numpy as np
import pytest

from recommender.pipeline.user_profile import UserProfile
from recommender.request import Request
from recommender.scorers import Profile
from recommender.service import reactions
from recommender.slates.fresh_members import with_fresh_members
from recommender.types import Listener, Query
from storage.records import Account, Community, Kind, Subject

NOW = 1_700_000_000


@pytest.fixture
def place(store) -> int:
    return store.people.ensure_community(Community("terminal", "new", "room", "a new place"))


def newcomer(store, place, name) -> Listener:
    user = store.people.ensure(Account("terminal", name, name), now=NOW)
    store.people.join(place, user, now=NOW)
    return Listener(user, place, "terminal")


def likes(store, snapshot, listener, columns, kind=Kind.LIKE) -> None:
    for column in columns:
        subject = Subject(int(snapshot.artists.items.ids[column]))
        key = f"{listener.user_id}:{column}:{kind}"
        reactions.record(store, listener, subject, kind, key=key, now=NOW)


def asked(store, snapshot, listener, **query) -> Request:
    wanted = Query(listener.user_id, 5, listener.community_id, **query)
    profile = store.profiles.made(listener.user_id, UserProfile.read)
    return with_fresh_members(store, snapshot, profile.request(snapshot, wanted, NOW), NOW)


def expected(snapshot, request) -> np.ndarray:
    model = snapshot.artists.user_model
    return model.means(model.posterior(request.artists), request.artists.community)


def test_the_next_to_come_is_expected_to_share_the_taste_of_those_who_came(store, snapshot, place):
    ann, bo = newcomer(store, place, "ann"), newcomer(store, place, "bo")
    before = expected(snapshot, asked(store, snapshot, bo))
    camp = np.arange(0, 40, 4)
    likes(store, snapshot, ann, camp[:5])
    after = expected(snapshot, asked(store, snapshot, bo))
    assert after[camp[5:]].mean() > before[camp[5:]].mean() + 0.02
    other = np.arange(2, 40, 4)
    assert after[other].mean() < before[other].mean()


def test_only_what_stands_counts_and_neither_order_nor_twins(store, snapshot, place):
    ann, bo, cy = (newcomer(store, place, name) for name in ("ann", "bo", "cy"))
    likes(store, snapshot, ann, [0, 4, 8])
    likes(store, snapshot, bo, [8, 1])
    first = expected(snapshot, asked(store, snapshot, cy))
    likes(store, snapshot, ann, [8, 0, 4])
    np.testing.assert_array_equal(expected(snapshot, asked(store, snapshot, cy)), first)
    likes(store, snapshot, bo, [1], Kind.DISLIKE)
    weights = [member.weights[member.items == 1] for member in asked(store, snapshot, cy).artists.members]
    assert sorted(map(len, weights)) == [0, 1]
    assert np.concatenate(weights) < 0  # the last word stands


def test_neither_oneself_nor_the_trained_nor_other_places_are_fresh(store, snapshot, place, ann):
    trained = asked(store, snapshot, ann)  # in a place of the town, whose members were all learned from
    assert trained.artists.members == ()
    bo = newcomer(store, place, "bo")
    likes(store, snapshot, bo, [0])
    assert asked(store, snapshot, bo).artists.members == ()
    cy = newcomer(store, place, "cy")
    assert len(asked(store, snapshot, cy).artists.members) == 1
    seed = Subject(int(snapshot.artists.items.ids[3]))
    assert asked(store, snapshot, cy, seeds=(seed,)).artists.members == ()


def test_a_trained_place_keeps_its_say_and_gains_the_fresh(snapshot):
    model, nothing = snapshot.artists.user_model, np.zeros(0, dtype=np.int32)
    fresh = Profile(np.arange(0, 20, 4, dtype=np.int32), np.full(5, 4.0, dtype=np.float32))
    alone, together = (
        model.posterior(Profile(nothing, np.zeros(0, dtype=np.float32), 0, members=members))
        for members in ((), (fresh,))
    )
    assert together.similar.sum() == pytest.approx(1, abs=1e-5)
    assert together.similar != pytest.approx(alone.similar)
