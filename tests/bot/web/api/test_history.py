"""Pages of the history: every event once, in order, while new ones arrive."""

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from storage.records import Event, Kind, Subject


def say(api, ann, number: int) -> None:
    """Append an event to the log of a person."""
    event = Event(f"{ann.account.external_id}:{number}", ann.listener.user_id, Subject(1), Kind.PLAY, "test")
    api.do(api.music._write(lambda store: store.log.append(event, now=int(time.time()))))


@settings(max_examples=15, derandomize=True)
@given(
    before=st.integers(0, 12),
    limit=st.integers(1, 5),
    arriving=st.lists(st.integers(0, 3), max_size=4),
)
def test_following_the_cursor_gives_every_event_once_and_newest_first(api, before, limit, arriving):
    ann = api.person("read")
    for number in range(before):
        say(api, ann, number)
    seen, cursor, late, pages = [], None, before, 0
    with ann.client as client:
        while True:
            query = {"limit": limit} | ({"cursor": cursor} if cursor else {})
            page = client.get("/api/v1/history", params=query).json()
            seen += [event["id"] for event in page["events"]]
            pages += 1
            for _ in range(arriving[pages - 1] if pages <= len(arriving) else 0):
                late += 1
                say(api, ann, late)
            if (cursor := page.get("next")) is None:
                break
    assert len(seen) == before
    assert seen == sorted(set(seen), reverse=True)
    assert pages == max(1, -(-before // limit))


def test_a_cursor_of_nobody_is_refused(person):
    client = person("read").client
    for cursor in ("x", "ZTow", "ZTotMQ", "ZTo5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "€"):
        assert client.get("/api/v1/history", params={"cursor": cursor}).status_code == 422
