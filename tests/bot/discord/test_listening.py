"""What Discord shows somebody playing counts, where operator and person both want it."""

import asyncio
from types import SimpleNamespace

import discord
import pytest

from bot.adapters.discord.client import SegueClient
from bot.adapters.discord.presence import Listening
from storage.records import Account, Kind


def walk(components):
    for component in components:
        yield component
        yield from walk(component.get("components", ()))


def texts(message) -> str:
    return "\n".join(part["content"] for part in walk(message.components) if part["type"] == 10)


def spotify(track="4u7EnebtmKWzUH433cf5Qv", title="Bohemian Rhapsody", *, start, seconds=354, artist="Queen"):
    return discord.Spotify(
        sync_id=track,
        details=title,
        state=artist,
        session_id="x",
        party={},
        assets={"large_text": "A Night at the Opera"},
        timestamps={"start": int(start * 1000), "end": int((start + seconds) * 1000)},
    )


async def test_without_the_intent_listen_says_what_the_operator_must_do(ann, channel):
    told = texts((await ann.slash(channel, "listen", state="on")).response)
    assert "Presence Intent" in told
    assert "DISCORD\\_PRESENCES=true" in told


async def test_a_song_counts_once_after_half_of_it_however_often_discord_says_so(music):
    now = [1_000_000.0]
    listening = Listening(music, wanted=True, clock=lambda: now[0])
    account = Account("discord", "9", "Eve")
    await listening.turn(account, on=True)
    song = spotify(start=now[0] - 29.95)
    for moved in (0.0, 0.2, -0.3):
        listening.seen(9, [spotify(start=now[0] - 29.95 + moved)])
    await listening._playing[9].task
    listening.seen(9, [song])
    lines = await music.diary.lines(await music.arrive(account), 10)
    assert [(line.kind, line.artist, line.title, line.plays) for line in lines] == [
        (Kind.PLAY, "Queen", "Bohemian Rhapsody", 1)
    ]
    await listening.close()


async def test_a_song_that_was_left_early_and_people_who_did_not_ask_do_not_count(music):
    now = [1_000_000.0]
    listening = Listening(music, wanted=True, clock=lambda: now[0])
    account = Account("discord", "9", "Eve")
    listening.seen(9, [spotify(start=now[0])])
    assert listening._playing == {}
    await listening.turn(account, on=True)
    listening.seen(9, [spotify(start=now[0])])
    task = listening._playing[9].task
    listening.seen(9, [SimpleNamespace(name="a game")])
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await music.diary.lines(await music.arrive(account), 10) == []
    await listening.turn(account, on=False)
    listening.seen(9, [spotify(start=now[0] - 100)])
    assert listening._playing == {}


async def test_presences_are_asked_for_only_where_the_operator_wants_them(music):
    assert not SegueClient(music).intents.presences
    assert SegueClient(music, presences=True).intents.presences
    assert not SegueClient(music, presences=True).intents.message_content
    assert not SegueClient(music, presences=True).intents.members
