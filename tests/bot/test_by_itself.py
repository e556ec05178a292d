"""What comes by itself and what is kept out of the taste, as it is talked about."""

import re

import pytest

from bot.adapters.terminal.chat import ROOM, Conversation, account
from bot.commands import aside, dispatch, press
from bot.context import Context
from bot.courier import Courier
from bot.handlers.times import WeeklyTime, read_moment
from bot.replies import Confirm, SlateReply
from recommender.errors import NotKnown
from recommender.service import MusicService
from recommender.slates.weekly import WEEKLY
from recommender.types import Query
from storage.listening.listens import Listen
from storage.records import Account, Kind

NOW = 1_790_000_000  # a Monday, 13:33 in London
ANN = Account("echo", "7", "Ann")


@pytest.fixture
def clock():
    return [NOW]


@pytest.fixture
async def music(database, clock):
    async with await MusicService.open(database, seed=3, clock=lambda: clock[0]) as service:
        yield service


@pytest.fixture
def say(music):
    async def said(line: str):
        context = Context(music, ANN, None, f"echo:{line}:{music._now()}")
        return await dispatch(context, line, chatty=True)

    return said


async def text(say, line: str) -> str:
    reply = await say(line)
    return getattr(reply, "text", None) or reply.sentence


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("", WeeklyTime()),
        ("fri 18", WeeklyTime(4, 18)),
        ("Freitags um 18 Uhr", WeeklyTime(4, 18)),
        ("sábado 9pm", WeeklyTime(5, 21)),
        ("12am", WeeklyTime(None, 0)),
        ("sun 7:00 New York", WeeklyTime(6, 7, "America/New_York")),
        ("do 9", WeeklyTime(3, 9)),
    ],
)
def test_days_and_hours_are_read_as_people_type_them(typed, meant):
    assert read_moment(typed) == meant


@pytest.mark.parametrize("typed", ["fri 25", "someday", "fri 18 Atlantis"])
def test_what_is_no_time_is_named(typed):
    with pytest.raises(NotKnown):
        read_moment(typed)


async def test_a_weekly_list_is_turned_on_changed_shown_and_ended(say):
    on = await text(say, "/weekly on fri 18 lisbon")
    assert "Fridays at 18:00 (Europe/Lisbon). The next one comes on 2026-09-25 18:00." in on
    assert "guessed" not in on
    assert "Sundays at 18:00" in await text(say, "/weekly on sun")
    assert "Sundays at 18:00" in await text(say, "/privacy")
    assert "after them" in await text(say, "/weekly on 3")
    assert (await text(say, "/quiet")).startswith("All quiet")
    assert (await text(say, "/weekly")).startswith("The weekly list is off.")
    assert "Nothing comes by itself" in await text(say, "/privacy")


async def test_the_zone_is_guessed_said_and_asked_for(say):
    assert "I guessed the time zone UTC" in await text(say, "/weekly on mon 9")
    assert await text(say, "/zone Lisbon") == "Time zone: Europe/Lisbon."
    assert "guessed" not in await text(say, "/weekly show")
    assert "I know no time zone" in await text(say, "/zone Atlantis")


@pytest.mark.parametrize("typed", ["/quiet 25-3", "/quiet soon", "/private on 99", "/weekly on fri fri x"])
async def test_what_cannot_be_meant_says_how_it_is_said(say, typed):
    assert re.search(r"/quiet 22-8|/private on 3|fri 18", await text(say, typed))


async def test_a_weekly_list_is_new_for_a_year_by_new_artists_with_one_song_to_come_back_to(
    music, say, clock
):
    await say("/like radiohead - creep")
    listener = await music.arrive(ANN)
    seen = set()
    for week in range(4):
        slate = await music.recommend(Query(listener.user_id, 10, occasion=WEEKLY))
        await music.shown(slate.id)
        songs = {pick.song.subject for pick in slate.picks}
        comforts = [pick for pick in slate.picks if pick.explanation.kind in ("comfort", "artist")]
        assert len(songs) == 10
        assert len(comforts) == 1
        assert comforts[0].song.artist == "Radiohead"
        assert sum(pick.song.artist == "Radiohead" for pick in slate.picks) == 1
        assert (comforts[0].song.title == "Creep") == (week == 0)
        assert not songs & seen
        seen |= songs
        clock[0] += 7 * 86_400
    clock[0] += 366 * 86_400
    slate = await music.recommend(Query(listener.user_id, 10, occasion=WEEKLY))
    assert "Creep" in [pick.song.title for pick in slate.picks]


async def test_what_is_kept_out_is_in_no_profile_no_reason_and_back_as_it_was(say, music):
    await say("/like radiohead")
    await say("/like björk")
    before = await music.profile(await music.arrive(ANN))
    assert "Kept out of your taste: Radiohead. 1 event" in await text(say, "/exclude radiohead")
    assert [one.name for one in (await say("/profile")).profile.artists] == ["Björk"]
    reasons = [pick.cause.artist for pick in (await say("/recommend")).slate.picks if pick.cause]
    assert "Radiohead" not in reasons
    assert await text(say, "/include") == (
        "Kept out of your taste (/include 1 lets the first back in):\n1. Radiohead: 1 event"
    )
    assert "Counted again: 1 event" in await text(say, "/include radiohead")
    assert await music.profile(await music.arrive(ANN)) == before


async def test_private_keeps_the_history_and_teaches_nothing_until_it_is_over(say, music, clock):
    await say("/like björk")
    clock[0] += 1
    assert "Private until 2026-09-22 05:00 (UTC)" in await text(say, "/private on")
    clock[0] += 60
    await say("/like radiohead")
    assert [one.name for one in (await say("/profile")).profile.artists] == ["Björk"]
    assert [line.artist for line in (await say("/history")).lines] == ["Radiohead", "Björk"]
    clock[0] += 86_400
    assert (await text(say, "/private show")).startswith("Private is off.")
    await say("/like portishead")
    assert {one.name for one in (await say("/profile")).profile.artists} == {"Björk", "Portishead"}
    assert await music.rebuilt() is not None


async def _night(music, artist: str, title: str, times: int, at: int) -> None:
    listener = await music.arrive(ANN)

    def played(store):
        owner = store.music.ensure_artist(artist)
        track = store.music.ensure_track(owner, title)
        listens = [
            Listen(f"{title}{n}", listener.user_id, owner, track, Kind.PLAY, at + 200 * n, 1, None, "lastfm")
            for n in range(times)
        ]
        store.listens.add(listens, now=music._now())

    await music._write(played)


@pytest.mark.parametrize(
    ("artist", "title", "said"),
    [("Queen", "Innuendo", "came 30 times in a row"), ("White Noise Baby Sleep", "Rain", "plays for sleep")],
)
async def test_a_night_of_one_kind_is_offered_once_and_left_out_on_a_yes(
    music, say, clock, artist, title, said
):
    await say("/like björk")
    await _night(music, artist, title, 30, NOW - 40_000)
    clock[0] += 3600
    context = Context(music, ANN, None, "back")
    question = await aside(context)
    assert isinstance(question, Confirm)
    assert said in question.question
    assert (await press(context, question.payload)).text.startswith("Left out: 30 events.")
    assert [one.name for one in (await say("/profile")).profile.artists] == ["Björk"]
    clock[0] += 3600
    assert await aside(context) is None


async def test_a_refused_offer_is_not_made_again(music, say, clock):
    await say("/like björk")
    await _night(music, "Queen", "Innuendo", 30, NOW - 40_000)
    context = Context(music, ANN, None, "back")
    question = await aside(context)
    assert (await press(context, question.refusal)).text == "It stays in. I will not ask again."
    clock[0] += 86_400
    await _night(music, "Queen", "The Show Must Go On", 30, clock[0] - 40_000)
    assert await aside(context) is None


async def test_an_album_is_no_night_of_one_kind(music, say):
    await say("/like björk")
    for n in range(12):
        await _night(music, "Queen", f"Song {n}", 2, NOW - 40_000 + 1000 * n)
    assert await aside(Context(music, ANN, None, "back")) is None


class Carried:
    """A carrier for what the terminal's conversation shows."""

    def __init__(self, out) -> None:
        self.out = out

    def show(self, reply, _links) -> None:
        self.out.append(reply)

    is_interactive = False


async def test_the_terminal_shows_at_its_next_start_what_came_meanwhile(music, clock, tmp_path):
    shown: list[SlateReply] = []
    conversation = Conversation(music, "Ann", Carried(shown), tmp_path)
    context = Context(music, account("Ann"), ROOM, "t1")
    for line in ("/like radiohead", "/weekly on mon 9"):
        await dispatch(context, line)
    courier = Courier(music, conversation)
    assert await courier.look() == 0
    clock[0] += 7 * 86_400
    other = Courier(music, Conversation(music, "Bo", Carried(shown), tmp_path))
    assert await other.look() == 0  # somebody else sits there now
    clock[0] += 700
    assert await courier.look() == 1
    assert [reply.title for reply in shown] == ["Your week of 28 Sept 2026"]
    assert await courier.look() == 0
