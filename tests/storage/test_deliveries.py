"""What a platform has handed over is kept until it is handled, and never taken twice."""

import pytest

from storage.deliveries import MOST_TRIES, Deliveries
from storage.store import Store


@pytest.fixture
def deliveries(tmp_path):
    with Store.open(tmp_path / "segue.db") as store:
        yield Deliveries(store.db)


def test_a_delivery_is_new_once_and_waits_until_it_is_done(deliveries):
    assert deliveries.keep("telegram:1", 10, "b", now=100)
    assert not deliveries.keep("telegram:1", 10, "b", now=101)
    assert deliveries.keep("telegram:2", 10, "another bot's", now=100)
    assert deliveries.keep("telegram:1", 9, "a", now=100)
    assert deliveries.taken_up("telegram:1", since=0) == ["a", "b"]
    deliveries.done("telegram:1", 9)
    assert deliveries.taken_up("telegram:1", since=0) == ["b"]
    assert not deliveries.keep("telegram:1", 9, "a", now=102), "handled, and known all the same"


def test_of_what_is_done_nothing_stays_but_its_number(deliveries):
    deliveries.keep("telegram:1", 1, "something private", now=100)
    deliveries.done("telegram:1", 1)
    assert deliveries.db.execute("SELECT * FROM deliveries").fetchall() == [("telegram:1", 1, None, 100, 0)]


def test_what_ends_the_process_every_time_is_given_up(deliveries):
    deliveries.keep("telegram:1", 1, "poison", now=100)
    tried = [deliveries.taken_up("telegram:1", since=0) for _ in range(MOST_TRIES + 1)]
    assert tried == [["poison"]] * MOST_TRIES + [[]]


def test_what_is_old_is_forgotten(deliveries):
    deliveries.keep("telegram:1", 1, "old", now=100)
    deliveries.keep("telegram:1", 2, "new", now=200)
    assert deliveries.taken_up("telegram:1", since=150) == ["new"]
    assert deliveries.keep("telegram:1", 1, "numbers begin anew", now=300)
