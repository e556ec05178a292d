"""Somebody new in the town of `tests/conftest.py`, and what is learned of it."""

import pytest

from recommender import training
from recommender.bandit.policy import POLICIES
from recommender.slates import make_slate
from recommender.training.facts import read_facts
from recommender.types import Listener, Query
from storage.records import Account, Community
from storage.store import Store

NOW = 1_700_000_000


@pytest.fixture(scope="session")
def snapshot(town):
    with Store.open(town, readonly=True) as store:
        return training.fit(read_facts(store, now=NOW), seed=0, now=NOW)


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
        stored = store.slates.add(slate)
        store.slates.stamp_shown(stored.id, now=now)
        return stored

    return bring
