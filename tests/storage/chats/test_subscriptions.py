"""Whatever is due comes once: each week has one instant, and of each there is one claim at a time."""

from datetime import date, timedelta
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.chats import local_time
from storage.chats.cards import Cards
from storage.chats.subscriptions import LEASE, Owner, Subscription, Subscriptions
from storage.records import Account, Community
from storage.users.linking import Linking

NOW, DAY = 1_700_000_000, 86_400
ZONES = sorted(available_timezones())


@given(
    st.sampled_from(ZONES),
    st.integers(0, 6),
    st.integers(0, 23),
    st.integers(1_500_000_000, 2_000_000_000),
    st.lists(st.integers(1, 9 * DAY), min_size=1, max_size=12),
)
def test_of_whatever_zone_each_week_has_one_instant_at_its_hour(zone, weekday, hour, start, steps):
    now, seen = start, {}
    for step in steps:
        due = local_time.last_due(now, weekday, hour, zone)
        after = local_time.next_due(now, weekday, hour, zone)
        assert due.at <= now < after.at
        assert 6 * DAY < after.at - due.at < 8 * DAY
        assert seen.setdefault(due.week, due.at) == due.at
        there = local_time.local(due.at, zone)
        if there.date().weekday() == weekday:  # else the clock skipped that hour, or that whole day
            assert local_time.week_of(there.date()) == due.week
            assert there.hour >= hour
        assert local_time.last_due(after.at, weekday, hour, zone) == after
        now += step


@pytest.mark.parametrize(
    ("zone", "day", "hour", "told"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 2, "03:00"),  # the hour that spring leaves out
        ("Europe/Berlin", date(2026, 10, 25), 2, "02:00"),  # the hour that comes twice: the first
        ("Australia/Lord_Howe", date(2026, 10, 4), 2, "02:30"),  # half an hour is left out
        ("America/St_Johns", date(2026, 11, 1), 1, "01:00"),
    ],
)
def test_the_changes_of_the_clock_have_one_instant_each(zone, day, hour, told):
    at = local_time.instant(day, hour, zone)
    assert f"{local_time.local(at, zone):%H:%M}" == told
    before = local_time.last_due(at - 1, day.weekday(), hour, zone)
    assert local_time.last_due(at, day.weekday(), hour, zone).at == at
    assert local_time.local(before.at, zone).date() == day - timedelta(days=7)


def test_a_zone_is_found_by_its_city():
    assert [local_time.find_zone(name) for name in ("lisbon", "Sao Paulo", "UTC", "nowhere")] == [
        "Europe/Lisbon",
        "America/Sao_Paulo",
        "UTC",
        None,
    ]


@pytest.fixture
def ann(store):
    return Owner(store.people.ensure(Account("chat", "7", "Ann"), now=1))


@pytest.fixture
def known(store):
    return Subscriptions(store.db)


def weekly(owner, kind="weekly", **more):
    return Subscription(owner, kind, "chat", "7", "en", 0, 9, NOW, **more)


def turned_on(known, owner, kind="weekly"):
    known.turn_on(weekly(owner, kind))
    return known.find(owner, kind)


def test_a_mailing_is_claimed_once_and_ended_once(known, ann):
    one = turned_on(known, ann)
    mailing = known.claim(one, "2026-W49", day=1, now=NOW)
    assert mailing is not None
    assert known.claim(one, "2026-W49", day=1, now=NOW + LEASE - 1) is None
    known.end(mailing.id, "sent", now=NOW)
    assert known.claim(one, "2026-W49", day=2, now=NOW + 9 * LEASE) is None
    assert known.claim(one, "2026-W50", day=8, now=NOW + 9 * LEASE) is not None


def test_a_crash_before_the_platform_is_asked_leaves_it_to_be_sent(known, ann):
    one = turned_on(known, ann)
    known.claim(one, "2026-W49", day=1, now=NOW)
    again = known.claim(one, "2026-W49", day=1, now=NOW + LEASE)
    assert again is not None
    assert not again.is_repeated


def test_a_crash_while_the_platform_is_asked_is_never_sent_twice(known, ann):
    one = turned_on(known, ann)
    mailing = known.claim(one, "2026-W49", day=1, now=NOW)
    known.began(mailing.id, now=NOW)
    assert known.claim(one, "2026-W49", day=1, now=NOW + LEASE) is None
    assert known.is_over(one, "2026-W49")
    # Its day counts: it may have come.
    other = turned_on(known, ann, "releases")
    assert known.claim(other, "2026-W49", day=1, now=NOW + LEASE) is None


def test_a_platform_that_knows_a_repetition_may_be_asked_again_for_a_while(known, ann):
    one = turned_on(known, ann)
    mailing = known.claim(one, "2026-W49", day=1, now=NOW)
    known.began(mailing.id, now=NOW)
    again = known.claim(one, "2026-W49", day=1, now=NOW + 100, repeats_within=120)
    assert (again.id, again.is_repeated) == (mailing.id, True)
    assert known.claim(one, "2026-W49", day=1, now=NOW + 9 * LEASE, repeats_within=120) is None


def test_a_clock_that_ran_ahead_holds_nothing_up(known, ann):
    one = turned_on(known, ann)
    known.claim(one, "2026-W49", day=1, now=NOW + 90 * DAY)
    assert known.claim(one, "2026-W49", day=1, now=NOW) is not None


def test_of_all_kinds_one_message_comes_a_day(known, ann):
    first, second = turned_on(known, ann), turned_on(known, ann, "releases")
    mailing = known.claim(first, "2026-W49", day=1, now=NOW)
    assert known.claim(second, "2026-W49", day=1, now=NOW) is None
    assert known.claim(second, "2026-W49", day=2, now=NOW) is not None
    known.end(mailing.id, "nothing", now=NOW)  # nothing was sent, so the day is free again
    third = turned_on(known, ann)
    assert known.claim(third, "2026-W50", day=1, now=NOW) is not None


def test_what_is_given_back_is_free_after_the_pause(known, ann):
    one = turned_on(known, ann)
    mailing = known.claim(one, "2026-W49", day=1, now=NOW)
    known.began(mailing.id, now=NOW)
    known.release(mailing.id, now=NOW, pause=600)
    assert known.claim(one, "2026-W49", day=1, now=NOW + 599) is None
    assert known.claim(one, "2026-W49", day=1, now=NOW + 600) is not None


def test_off_and_on_in_one_week_sends_nothing_again(known, ann):
    mailing = known.claim(turned_on(known, ann), "2026-W49", day=1, now=NOW)
    known.end(mailing.id, "sent", now=NOW)
    known.turn_off(ann)
    assert known.claim(turned_on(known, ann), "2026-W49", day=3, now=NOW) is None


def test_a_closed_chat_ends_all_and_is_told_once(known, ann):
    one = turned_on(known, ann)
    turned_on(known, ann, "releases")
    known.close(ann, now=NOW)
    assert known.on("chat") == []
    assert known.claim(one, "2026-W49", day=1, now=NOW) is None
    assert {gone.kind for gone in known.take_closed(ann)} == {"weekly", "releases"}
    assert known.take_closed(ann) == []


def test_two_people_who_become_one_get_one(store, known, ann):
    bo = Owner(store.people.ensure(Account("mail", "8", "Bo"), now=1))
    for owner in (ann, bo):
        mailing = known.claim(turned_on(known, owner), "2026-W49", day=1, now=NOW)
        known.end(mailing.id, "sent", now=NOW)
    linking = Linking(store.db)
    linking.offer(ann.user_id, "CODE", now=1)
    linking.join(ann.user_id, bo.user_id, "CODE", now=2)
    [one] = known.on("chat")[:1]
    assert one.owner == ann
    assert known.claim(one, "2026-W49", day=2, now=NOW) is None


def test_a_group_that_moves_is_written_to_at_its_new_address(store, known):
    place = store.people.ensure_community(Community("chat", "-1", "group", "Us"))
    known.turn_on(Subscription(Owner(None, place), "weekly", "chat", "-1", "en", 0, 9, NOW))
    Cards(store.db).move("chat", "-1", "-100")
    assert [one.chat for one in known.on("chat")] == ["-100"]
