"""Several people at terminals of one database listen together."""

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


async def test_an_evening_for_three(say, tmp_path):
    for who, line in (("Ann", "/like queen"), ("Bo", "/like queen"), ("Bo", "/like miles davis")):
        await say(who, line)
    assert "Nobody listens together here yet" in await say("Ann", "/session")
    assert "Friday begins" in await say("Ann", "/session start Friday")
    assert "Bo listens along." in await say("Bo", "/session join")
    await say("Cy", "/session join")
    first = await say("Ann", "/next")
    assert "▶ " in first
    assert "3 listeners: Ann (host), Bo, Cy" in first
    assert "for Ann and Bo: both like Queen" in first
    await say("Bo", "/session")
    assert "👍 1" in await say("Bo", "1")
    assert "That is for the host" in await say("Cy", "/next")
    asked = await say("Cy", "/session add Miles Davis - So What")
    assert "So What by Miles Davis comes when it is your turn." in asked
    assert "Cy asked for it" in await say("Ann", "/next 3")
    assert "Ann has left. Bo leads." in await say("Ann", "/session leave")
    assert "Style: discover" in await say("Bo", "/session style discover")
    assert "energy over 12 songs" in await say("Bo", "/session energy 12")
    assert "Cy leads now." in await say("Bo", "/session host cy")
    assert "(paused)" in await say("Cy", "/session pause")
    assert "paused" in await say("Cy", "/next")
    await say("Cy", "/session resume")
    ended = await say("Cy", "/session end")
    assert "Friday: 2 songs in 1 minute, 0 skipped." in ended
    assert "New to all of you and liked:" in ended
    assert "Saved as" in await say("Cy", "2")
    assert (tmp_path / "session.m3u8").read_text(encoding="utf-8").startswith("#EXTM3U\n#PLAYLIST:Friday\n")
    assert "Friday" in await say("Ann", "/session recap")


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("/session dance", '"/session dance" is nothing that I know. You can say:\n/session start [NAME]\n'),
        ("/session style loud", "There is no style loud. Choose one of: fair, crowd-pleaser"),
        ("/session energy much", '"much" is not a number: /session energy N'),
        ("/session energy 2", "Say over how many songs"),
        ("/session add", "Say which: /session add SONG, for example"),
        ("/session add queen", "Queen is an artist. Ask for a song"),
        ("/session add zzyzx qwghlm", 'I know no song or artist called "zzyzx qwghlm"'),
        ("/session veto", "Nothing is playing. Say which song"),
        ("/session host Zoe", "Say who leads from now on, one of: Ann."),
        ("/session export mp3", "Say in which form: m3u8, xspf, jspf, csv, links."),
        ("/session export csv", "Nothing was played in that session."),
        ("/session start Again", "Friday is running here already."),
    ],
)
async def test_what_cannot_be_done_says_what_can(say, line, answer):
    await say("Ann", "/session start Friday")
    assert answer in await say("Ann", line)
