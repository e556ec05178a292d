"""Shards over processes: who serves which server, and when each may identify."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.discord.shards import IDENTIFY_SECONDS, Shards
from recommender.errors import MusicError


@pytest.mark.parametrize("text", ["", "3", "4-3/8", "0-8/8", "0/0", "-1/8", "a-b/c"])
def test_what_names_no_shards_is_refused_with_an_example(text):
    with pytest.raises(MusicError, match="0-3/8"):
        Shards.read(text)


def test_each_server_has_one_process():
    halves = Shards.read("0-3/8"), Shards.read("4-7/8")
    for number in range(64):
        assert sum(half.has(str((number << 22) + 5)) for half in halves) == 1


@given(
    st.integers(1, 20).flatmap(lambda n: st.tuples(st.just(n), *[st.integers(0, n - 1)] * 2)),
    st.floats(0, 2e9),
)
def test_two_shards_never_identify_within_the_limit_of_discord(numbers, now):
    count, one, other = numbers
    shards = Shards(0, count - 1, count)
    turn = now + shards.wait(one, now)
    assert turn - now <= count * (IDENTIFY_SECONDS + 1)
    later = turn + shards.wait(other, turn + 1e-3)
    if one != other:
        assert later - turn >= IDENTIFY_SECONDS - 1e-2
