"""A server that wants no explicit songs is shown none, whichever way a list comes about."""

import re

import discord
import pytest

from recommender.service import MusicService
from storage.records import Account, Event, Kind, Subject
from storage.store import Store
from storage.writer import Writer


def small(store: Store) -> None:
    """Fill a database with ten artists of three songs; the best-known song of each is marked as explicit."""
    rock = store.music.ensure_tag("rock", "genre")
    people = [store.people.ensure(Account("test", str(n), str(n)), now=1) for n in range(8)]
    for place, name in enumerate("ABCDEFGHIJ"):
        artist = store.music.ensure_artist(f"Band {name}")
        store.music.tag_artist(artist, rock, "test", 100.0)
        for title, explicit, listeners in (("Dirty", True, 6), ("Clean", False, 3), ("Unmarked", None, 2)):
            track = store.music.ensure_track(artist, f"{title} {name}", explicit=explicit)
            store.music.tag_track(track, rock, "test", 100.0)
            for n in range(listeners):
                user = people[(place + n) % len(people)]
                play = Event(f"{track}.{n}", user, Subject(artist, track), Kind.PLAY, "test", plays=1)
                store.log.append(play, now=1)


@pytest.fixture
async def music(tmp_path):
    with Writer(tmp_path / "small.db") as writer:
        writer.write(small).result()
    async with await MusicService.open(tmp_path / "small.db", seed=7) as service:
        yield service


@pytest.fixture
def boss(env, channel):
    del channel
    role = env.guild.create_role("Mods", permissions=discord.Permissions(manage_guild=True))
    return env.guild.add_member(env.create_user("boss"), roles=[role])


def walk(components):
    for component in components:
        yield component
        yield from walk(component.get("components", ()))


def songs(message) -> str:
    """Return the text of a list, which must be one."""
    text = "\n".join(part["content"] for part in walk(message.components) if part["type"] == 10)
    assert titles(text), text
    return text


def titles(text: str) -> list[str]:
    """Return the songs of a list; headings and reasons may name what was asked for."""
    return re.findall(r"^[0-9]+\\\. \*\*\[([^]]+)\]", text, re.MULTILINE)


def payload(message, start: str, end: str) -> str:
    ids = [part.get("custom_id", "") for part in walk(message.components)]
    return next(carried for carried in ids if carried.startswith(start) and carried.endswith(end))


async def lists(env, ann, bo, channel) -> list[str]:
    """Return the text of lists made in every way there is, on all their pages."""
    card = (await ann.slash(channel, "recommend", count=20)).response
    found = [songs(card)]
    for page in ("1", "2", "3"):
        await ann.click(card.message, custom_id=payload(card, "pg:", f":{page}"))
        found.append(songs(card))
    for start, end in (("sl:", ":more"), ("fb:", ":more")):
        found.append(
            songs((await ann.click(card.message, custom_id=payload(card, start, end))).followups[-1])
        )
    await bo.slash(channel, "like", song="Band B - Clean B")
    voice = env.guild.create_voice_channel("lounge")
    for member in (ann, bo):
        await member.join_voice(voice)
    for command, options in (
        ("recommend", {"wish": "rock", "count": 12}),
        ("recommend", {"wish": "like band c"}),
        ("recommend", {"for": "voice", "count": 12}),
        ("similar", {"song": "Band D"}),
        ("similar", {"song": "Dirty E"}),
        ("more", {}),
        ("more", {"number": 1}),
    ):
        env.bot.house._asked.clear()
        found.append(songs((await ann.slash(channel, command, **options)).response))
    return found


async def test_explicit_songs_stay_away_from_every_list_of_a_server_that_wants_none(
    ann, bo, boss, channel, env
):
    await boss.slash(channel, "server explicit", allowed="no")
    found = await lists(env, ann, bo, channel)
    assert [title for text in found for title in titles(text) if title.startswith("Dirty")] == []
    assert all(titles(text) for text in found)
    assert "Dirty" in songs((await ann.user.slash("recommend")).response)


async def test_explicit_songs_come_where_a_server_allows_them_again(ann, boss, channel):
    await boss.slash(channel, "server explicit", allowed="no")
    await boss.slash(channel, "server explicit", allowed="yes")
    assert "Dirty" in songs((await ann.slash(channel, "recommend")).response)


async def test_a_list_from_before_the_decision_is_left_as_it_was(ann, boss, channel):
    card = (await ann.slash(channel, "recommend")).response
    assert "Dirty" in songs(card)
    await boss.slash(channel, "server explicit", allowed="no")
    await ann.click(card.message, custom_id=payload(card, "fb:", ":0:like"))
    assert "Dirty" in songs(card)


async def offered(person, channel, command, option, text) -> set[str]:
    return {choice["name"] for choice in await person.autocomplete(channel, command, option, text)}


async def test_what_a_server_does_not_want_is_not_offered_as_somebody_types(ann, boss, channel, env):
    typed = (ann, channel, "like", "song")
    assert await offered(*typed, "band a") >= {"Band A", "Band A - Dirty A", "Band A - Clean A"}
    await boss.slash(channel, "server explicit", allowed="no")
    assert await offered(*typed, "band a") >= {"Band A", "Band A - Clean A", "Band A - Unmarked A"}
    assert not [name for name in await offered(*typed, "dirty") if "Dirty" in name]
    await boss.slash(channel, "server block", song="Band A")
    await boss.slash(channel, "server block", song="Band B - Clean B")
    assert not [name for name in await offered(*typed, "band a") if name.startswith("Band A")]
    assert "Band B - Clean B" not in await offered(*typed, "clean b")
    # Everywhere else all of it is offered, and whoever manages the server finds what to let back in.
    private = await ann.user.autocomplete("like", "song", "dirty a")
    assert private[0]["name"] == "Band A - Dirty A"
    assert await offered(boss, channel, "server unblock", "song", "b") == {"Band A", "Band B - Clean B"}
    env.bot.house._asked.clear()
    await boss.slash(channel, "server unblock", song="Band A")
    assert await offered(boss, channel, "server unblock", "song", "") == {"Band B - Clean B"}


async def test_what_a_server_does_not_want_is_no_answer_to_a_question_either(ann, boss, channel):
    await boss.slash(channel, "server explicit", allowed="no")
    asked = (await ann.slash(channel, "like", song="Band C")).response
    labels = [part["label"] for part in walk(asked.components) if part["type"] == 2]
    assert labels
    assert not [label for label in labels if "Dirty" in label]


async def test_whom_a_person_has_blocked_is_offered_to_be_let_back_in(ann, channel):
    assert await offered(ann, channel, "unblock", "artist", "") == set()
    await ann.slash(channel, "block", artist="Band A")
    await ann.slash(channel, "block", artist="Band B")
    assert await offered(ann, channel, "unblock", "artist", "") == {"Band A", "Band B"}
    assert await offered(ann, channel, "unblock", "artist", "d b") == {"Band B"}
