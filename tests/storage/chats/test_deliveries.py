"""What a platform has handed over is kept until it is handled, and never taken twice."""

import pytest

from storage.chats.deliveries import MOST_TRIES, Deliveries
from storage.store import Store


@pytest.fixture
def deliveries(database):
    with Store.open(database) as store:
        yield Deliveries(store.db)


def bodies(taken_up):
    return [delivery.body for delivery in taken_up]


def test_a_delivery_is_new_once_and_waits_until_it_is_done(deliveries):
    assert deliveries.keep("telegram:1", 10, "b", now=100)
    assert not deliveries.keep("telegram:1", 10, "b", now=101)
    assert deliveries.keep("telegram:2", 10, "another bot's", now=100)
    assert deliveries.keep("telegram:1", 9, "a", now=100)
    assert bodies(deliveries.taken_up("telegram:1", since=0)) == ["a", "b"]
    deliveries.done("telegram:1", 9)
    assert bodies(deliveries.taken_up("telegram:1", since=0)) == ["b"]
    assert not deliveries.keep("telegram:1", 9, "a", now=102), "handled, and known all the same"


def test_of_what_is_done_nothing_stays_but_its_number(deliveries):
    deliveries.keep("telegram:1", 1, "something private", now=100, sender="42")
    deliveries.done("telegram:1", 1)
    row = ("telegram:1", 1, None, 100, 0, None)
    assert deliveries.db.execute("SELECT * FROM deliveries").fetchall() == [row]


def test_waiting_through_any_number_of_starts_is_no_try(deliveries):
    deliveries.keep("telegram:1", 1, "patient", now=100)
    for _ in range(MOST_TRIES + 5):
        assert deliveries.taken_up("telegram:1", since=0) == [(1, "patient", 0)]


def test_what_ends_the_process_every_time_is_set_aside_and_takes_nothing_along(deliveries):
    deliveries.keep("telegram:1", 1, "poison", now=100)
    deliveries.keep("telegram:1", 2, "innocent", now=100)
    for tries in range(MOST_TRIES):
        assert deliveries.taken_up("telegram:1", since=0) == [(1, "poison", tries), (2, "innocent", 0)]
        deliveries.begin("telegram:1", 1)
    assert deliveries.taken_up("telegram:1", since=0) == [(2, "innocent", 0)]
    assert deliveries.set_aside("telegram:1") == [1]


def test_a_process_that_ends_by_itself_was_not_ended_by_what_it_leaves(deliveries):
    deliveries.keep("telegram:1", 1, "a long import", now=100)
    deliveries.begin("telegram:1", 1)
    deliveries.rest("telegram:1")
    assert deliveries.taken_up("telegram:1", since=0) == [(1, "a long import", 0)]


def test_what_was_handled_long_ago_is_forgotten_and_what_waits_is_not(deliveries):
    for number, body in ((1, "handled"), (2, "waits since a long stop"), (3, "new")):
        deliveries.keep("telegram:1", number, body, now=100 * number)
    deliveries.done("telegram:1", 1)
    assert bodies(deliveries.taken_up("telegram:1", since=250)) == ["waits since a long stop", "new"]
    assert deliveries.keep("telegram:1", 1, "numbers begin anew", now=300)
