"""What a button carries survives the trip through any platform, and nothing else is taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.buttons import MAX_BYTES, PATTERN, Act, Feedback, Yes, parse
from bot.commands import COMMANDS
from recommender.errors import NotKnown
from storage.records import Subject

ids = st.integers(0, 10**18 - 1)
buttons = st.one_of(
    st.builds(
        Feedback, ids, st.integers(0, 999), st.sampled_from(["like", "dislike", "skip", "more", "why"])
    ),
    st.builds(Act, st.sampled_from(sorted(COMMANDS)), st.builds(Subject, ids, st.none() | ids)),
    st.just(Yes("forget")),
)


@given(buttons)
def test_a_button_says_after_the_trip_what_it_said_before(button):
    assert parse(str(button)) == button
    assert len(str(button).encode()) <= MAX_BYTES


@given(st.text(max_size=70) | st.from_regex(PATTERN).map(lambda text: f"{text}x"))
def test_garbage_is_refused_with_a_sentence(payload):
    if PATTERN.fullmatch(payload) is None:
        with pytest.raises(NotKnown, match="I do not know that button"):
            parse(payload)


@pytest.mark.parametrize(
    "payload",
    [
        "",
        "fb:1:1:block",
        "fb:-1:0:like",
        "fb:1:0:like\n",
        " fb:1:0:like",
        "fb:\u0661:0:like",
        "do:like:t1",
        "ok:yes",
        "fb:1234567890123456789:0:like",
        "do:like:a1t",
    ],
)
def test_what_is_almost_a_button_is_none(payload):
    with pytest.raises(NotKnown):
        parse(payload)
