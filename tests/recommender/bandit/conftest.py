"""A town of four camps, large enough for beliefs, whose songs have moods and a tempo."""

from pathlib import Path

import numpy as np
import pytest

from recommender import training
from recommender.asking import make_slate
from recommender.policy import POLICIES
from recommender.types import Listener, Query
from storage.records import Account, Community, Event, Kind, Subject
from storage.store import Store

NOW = 1_700_000_000
CAMPS, PEOPLE, UNHEARD = 4, 160, 4
MOODS = ("calm", "dark", "dreamy", "energetic", "happy", "sad")


@pytest.fixture(scope="session")
def town(tmp_path_factory) -> Path:
    """Four camps of forty people, each with ten artists of two songs, who love their own; four unheard."""
    path = tmp_path_factory.mktemp("town") / "town.db"
    rng = np.random.default_rng(0)
    with Store.open(path) as store, store.db.atomic():
        music, people = store.music, store.people
        artists = [music.ensure_artist(f"artist {n}") for n in range(10 * CAMPS + UNHEARD)]
        for n, artist in enumerate(artists):
            for song in range(2):
                track = music.ensure_track(artist, f"song {song} of {artist}", year=1990)
                music.tag_track(track, music.ensure_tag(f"genre {n % CAMPS}", "genre"), "town", 1.0)
                for mood in rng.choice(MOODS, 2, replace=False).tolist():
                    music.tag_track(track, music.ensure_tag(mood, "mood"), "town", 1.0)
                music.set_features(track, {"tempo": float(rng.uniform(70, 180))})
        for person in range(PEOPLE):
            user = people.ensure(Account("town", f"p{person}", f"p{person}"), now=NOW)
            place = people.ensure_community(Community("town", f"c{person % 16}", "room", "a place"))
            people.join(place, user, now=NOW)
            for n, artist in enumerate(artists[: 10 * CAMPS]):
                if rng.random() < (0.7 if n % CAMPS == person % CAMPS else 0.05):
                    event = Event(f"{person}-{n}", user, Subject(artist), Kind.LIKE, "town")
                    store.log.append(event, now=NOW)
    return path


@pytest.fixture(scope="session")
def snapshot(town):
    with Store.open(town, readonly=True) as store:
        return training.fit(training.read_facts(store, now=NOW), seed=0, now=NOW)


@pytest.fixture
def store(town, tmp_path):
    copy = tmp_path / "town.db"
    copy.write_bytes(town.read_bytes())
    with Store.open(copy) as store:
        yield store


@pytest.fixture
def ann(store) -> Listener:
    user = store.people.ensure(Account("terminal", "ann", "Ann"), now=NOW)
    place = store.people.ensure_community(Community("town", "c0", "room", "a place"))
    store.people.join(place, user, now=NOW)
    return Listener(user, place, "terminal")


@pytest.fixture
def asked(store, snapshot):
    """Bring a list and show it."""

    def bring(listener, seed=0, n=5, now=NOW + 10):
        query = Query(listener.user_id, n, listener.community_id)
        slate = make_slate(store, snapshot, POLICIES["bandit"], query, seed=seed, now=now)
        stored = store.log.add_slate(slate)
        store.log.stamp_shown(stored.id, now=now)
        return stored

    return bring
