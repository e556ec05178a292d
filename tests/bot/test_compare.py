"""Comparing tastes at terminals: asked once, and nobody is named who has not agreed."""

from io import StringIO

import pytest

from bot.adapters.terminal.chat import Conversation, Screen
from recommender.service import MusicService


@pytest.fixture
async def say(database, tmp_path):
    """Let somebody say a line; return the answer."""
    async with await MusicService.open(database, seed=7) as music:
        talks = {}

        async def said(who, line):
            out = StringIO()
            talk = talks.setdefault(who, Conversation(music, who, Screen(out), tmp_path))
            talk._screen = Screen(out)
            await talk.hear(line)
            return out.getvalue()

        yield said


async def test_consent_is_asked_once_and_both_sides_have_to_give_it(say):
    for who, artists in (("Ann", ("queen", "u2")), ("Bo", ("queen", "abba"))):
        for artist in artists:
            await say(who, f"/like {artist}")
    assert "Can people here see" in await say("Ann", "/compare Bo")
    assert "Can people here see" in await say("Ann", "/compare Bo"), "until it is answered"
    assert "You stay invisible there." in await say("Ann", "no")
    assert "Turn on /visible first" in await say("Ann", "/neighbours")
    assert "You are not visible here" in await say("Ann", "/visible")
    assert "You are visible here" in await say("Ann", "/visible on")
    assert "I compare only people who are visible here." in await say("Ann", "/compare Bo")
    assert "Nobody visible here has a taste like yours" in await say("Ann", "/neighbours")
    assert "Nobody visible here" in await say("Ann", "/who ABBA")
    assert "Can people here see" in await say("Bo", "/who queen")
    assert "You are visible there from now on." in await say("Bo", "yes")
    told = await say("Ann", "/compare @bo")
    assert told.startswith("Ann and Bo have ")
    assert "Both like: Queen.\nBo could show you: ABBA.\nYou could show Bo: U2.\nA song for both: " in told
    assert (await say("Ann", "/who Queen")).startswith("Queen: ")
    assert (await say("Ann", "/neighbours")).startswith("Bo: ")
    assert (await say("Ann", "/blend Bo")).startswith("For Ann and Bo")
    assert "A blend takes somebody else" in await say("Ann", "/blend Ann")
    await say("Bo", "/visible off")
    assert "I compare only people who are visible here." in await say("Ann", "/blend Bo")


async def test_who_is_nowhere_to_be_found_and_who_hides_are_told_apart_by_nobody(say):
    await say("Ann", "/visible on")
    await say("Bo", "/like queen")
    assert await say("Ann", "/compare Bo") == await say("Ann", "/compare Nobody")


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("/recommend 3 rock for Bo and me", "For Ann and Bo: rock"),
        ("/recommend rock für Bo", "For Ann and Bo: rock"),
        ("some rock for Bo", "For Ann and Bo: rock"),
        ("/recommend rock for dinner", "For you: rock and dinner"),
    ],
)
async def test_a_wish_says_for_whom_it_is(say, line, title):
    for name in ("Ann", "Bo"):
        await say(name, "/like queen")
        await say(name, "/visible on")
    assert title in await say("Ann", line)


async def test_a_wish_names_nobody_who_is_not_visible(say):
    for name in ("Ann", "Bo"):
        await say(name, "/like queen")
    await say("Ann", "/visible on")
    assert "Bo: rock" not in await say("Ann", "/recommend rock for Bo")
