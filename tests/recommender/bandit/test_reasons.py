"""Every reason that is stated is true: worked out again from the facts alone."""

import json

import numpy as np
import pytest

from recommender.bandit import arms
from recommender.bandit.policy import POLICIES, Bandit
from recommender.content.mood_tags import is_feeling
from recommender.pipeline.user_profile import UserProfile
from recommender.service import reactions
from recommender.slates import make_slate
from recommender.types import Listener, Query
from recommender.user_model.reward_model import SAID
from storage.records import Account, Community, Kind, Subject

NOW = 1_700_000_000
AROUND = 10  # people of the town in each place
_LIKE = "SELECT count(DISTINCT e.user_id) FROM standing_events e {} WHERE kind = 'like' AND artist_id = ?"
_HERE = "JOIN memberships m ON m.user_id = e.user_id AND m.community_id = ?"


def somebody(store, number: int, *, lonely: bool) -> Listener:
    """Return a newcomer who likes three songs and two artists and dislikes two, at random."""
    rng = np.random.default_rng([3, number])
    user = store.people.ensure(Account("t", str(number), "x"), now=NOW)
    place = None
    if not lonely:
        place = store.people.ensure_community(Community("town", f"c{number % 16}", "room", "a place"))
        store.people.join(place, user, now=NOW)
    listener = Listener(user, place, "t")
    for k, artist in enumerate(rng.choice(np.arange(1, 41), 7, replace=False).tolist()):
        track = 2 * artist - int(rng.integers(2)) if k < 3 else None
        kind = Kind.LIKE if k < 5 else Kind.DISLIKE
        reactions.record(store, listener, Subject(artist, track), kind, key=f"{number}/{k}", now=NOW + k)
    return listener


@pytest.mark.parametrize(
    ("policy", "kinds"),
    [
        (POLICIES["bandit"], {"artist", "because"}),
        # One that tries out everything says everything that could be said.
        (Bandit(explore=1.0, among=50), set(SAID) - {"start"}),
    ],
    ids=["as it is", "trying everything"],
)
def test_a_thousand_reasons_are_true_when_they_are_worked_out_again(store, snapshot, policy, kinds):
    stated = []
    for number in range(40):
        listener = somebody(store, number, lonely=number % 4 == 3)
        for seed in range(5):
            wish = ("dreamy",) if seed == 4 else ()
            query = Query(listener.user_id, 5, listener.community_id, tags=wish)
            slate = make_slate(store, snapshot, policy, query, seed=seed, now=NOW + 60)
            stated += [(listener, slate.query, impression) for impression in slate.impressions]
    assert len(stated) == 1000
    assert {impression.explanation["kind"] for *_, impression in stated} >= kinds
    untrue = [i.explanation for who, query, i in stated if not Truth(store, snapshot, who, query).holds(i)]
    assert untrue == []


def kinds_said(store, snapshot, listener) -> set[str]:
    """Return every kind of reason that is given to somebody by a policy that tries them all."""
    query, trying = Query(listener.user_id, 5, listener.community_id), Bandit(explore=1.0, among=50)
    slates = [make_slate(store, snapshot, trying, query, seed=s, now=NOW + 60) for s in range(12)]
    return {impression.explanation["kind"] for slate in slates for impression in slate.impressions}


def test_of_a_handful_of_people_it_is_not_said_what_they_do_not_know(store, snapshot, monkeypatch):
    listener = somebody(store, 0, lonely=False)
    assert "new" in kinds_said(store, snapshot, listener)
    monkeypatch.setattr(arms, "NEW_HERE_MIN_MEMBERS", AROUND + 1)
    assert "new" not in kinds_said(store, snapshot, listener)


def test_of_a_place_that_is_newer_than_what_was_learned_nothing_is_said(store, snapshot):
    user = somebody(store, 0, lonely=True).user_id
    place = store.people.ensure_community(Community("town", "brand new", "room", "a place"))
    assert not {"new", "community"} & kinds_said(store, snapshot, Listener(user, place, "t"))


class Truth:
    """What can be said to one listener, by the facts in the database."""

    def __init__(self, store, snapshot, listener, query):
        self.store, self.snapshot, self.listener, self.query = store, snapshot, listener, query

    def holds(self, impression) -> bool:
        """Tell whether the reason of an impression is true."""
        told, subject = impression.explanation, impression.subject
        check = {
            "because": self._because,
            "artist": self._artist,
            "mood": self._mood,
            "tempo": self._tempo,
            "tags": self._wished,
            "community": self._community,
            "popular": self._popular,
            "new": self._new,
        }[told["kind"]]
        return bool(check(json.loads(json.dumps(told)), subject))

    def _because(self, told, subject) -> bool:
        """Taking the cause away lowers what is expected of the song or its artist."""
        user, place = self.listener.user_id, self.listener.community_id
        taste = self.store.profiles.made(user, UserProfile.read)
        request = taste.request(self.snapshot, Query(user, 5, place), NOW + 60)
        model, profile, recency = self.snapshot.artists.user_model, request.artists, request.artist_recency
        column = self.snapshot.artists.items.column(subject.artist_id)
        cause = self.snapshot.artists.items.column(told["cause"][0])
        at = int(np.flatnonzero(profile.items == cause)[0])
        full = model.means(model.posterior(profile, recency), profile.community)[column]
        rest = model.posterior(profile.without(cause), np.delete(recency, at))
        return profile.weights[at] > 0 and full > model.means(rest, profile.community)[column]

    def _artist(self, told, subject) -> bool:
        cause = Subject(*told["cause"])
        return subject.track_id is not None and cause.artist_id == subject.artist_id and self._likes(cause)

    def _mood(self, told, subject) -> bool:
        cause = Subject(*told["cause"])
        both = self._tags(subject) & self._tags(cause)
        named = set(told["tags"])
        return len(named) >= 2 and named <= both and all(map(is_feeling, named)) and self._likes(cause)

    def _tempo(self, told, subject) -> bool:
        cause = Subject(*told["cause"])
        mine, theirs = self._tempo_of(subject), self._tempo_of(cause)
        return abs(mine - theirs) <= 0.03 * theirs and told["count"] == round(mine) and self._likes(cause)

    def _tags(self, subject) -> set[str]:
        sql = (
            "SELECT tags.name FROM track_tags t JOIN tags ON tags.id = t.tag_id JOIN tracks ON "
            "tracks.id = t.track_id WHERE tracks.artist_id = ? AND tracks.id = coalesce(?, tracks.id)"
        )
        return {name for (name,) in self.store.db.execute(sql, tuple(subject))}

    def _tempo_of(self, subject) -> float:
        sql = "SELECT tempo FROM audio_features WHERE track_id = ?"
        return self.store.db.execute(sql, (subject.track_id,)).fetchone()[0]

    def _likes(self, subject) -> bool:
        sql = (
            "SELECT 1 FROM standing_events WHERE user_id = ? AND kind = 'like' AND artist_id = ?"
            " AND (track_id IS ? OR ? IS NULL)"
        )
        row = (self.listener.user_id, subject.artist_id, subject.track_id, subject.track_id)
        return self.store.db.execute(sql, row).fetchone() is not None

    def _wished(self, told, subject) -> bool:
        return set(told["tags"]) == set(self.query["tags"]) <= self._tags(subject)

    def _count(self, artist_id: int, *, here: bool) -> int:
        """Return how many people of the town, as it was learned, like an artist: here or anywhere."""
        known = f"{_LIKE.format(_HERE if here else '')} AND e.source = 'town'"
        about = (self.listener.community_id, artist_id) if here else (artist_id,)
        return self.store.db.execute(known, about).fetchone()[0]

    def _community(self, told, subject) -> bool:
        return self._count(subject.artist_id, here=True) == told["count"] >= 3

    def _popular(self, told, subject) -> bool:
        return self._count(subject.artist_id, here=False) == told["count"] >= 3

    def _new(self, told, subject) -> bool:
        """Of ten people here nobody likes it; of a town of 160, one at most."""
        del told
        here = self.listener.community_id is not None
        return self._count(subject.artist_id, here=here) <= (0.05 * AROUND if here else 1.6)
