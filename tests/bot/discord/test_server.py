"""A server's own rules, reactions, voice, and what is listened to."""

import asyncio
import logging
import re
import threading
from concurrent.futures import wait

import discord
import pytest

from bot.adapters.discord.run import keep_tokens_out_of_logs
from bot.context import Ask
from bot.handlers import admin
from recommender.service import MusicService
from recommender.service.communities import ERASE_AFTER
from storage.records import Account, Community, Kind
from storage.users.communities import Communities as Places


def walk(components):
    for component in components:
        yield component
        yield from walk(component.get("components", ()))


def texts(message) -> str:
    shown = [component["content"] for component in walk(message.components) if component["type"] == 10]
    return "\n".join(([message.content] if message.content else []) + shown)


def payload(message, start: str, end: str) -> str:
    """Return what the first such button of a message carries."""
    ids = [component.get("custom_id", "") for component in walk(message.components)]
    return next(carried for carried in ids if carried.startswith(start) and carried.endswith(end))


def face(message, carried: str) -> str:
    """Return what stands on a button."""
    return next(c["label"] for c in walk(message.components) if c.get("custom_id") == carried)


def numbered(message) -> list[str]:
    """Return the numbers before the songs of a list."""
    return re.findall(r"^([0-9]+)\\\. ", texts(message), re.MULTILINE)


@pytest.fixture
def boss(env, channel):
    del channel
    role = env.guild.create_role("Mods", permissions=discord.Permissions(manage_guild=True))
    return env.guild.add_member(env.create_user("boss"), roles=[role])


async def listener(music, member):
    return await music.arrive(Account("discord", str(member.id), member.name))


async def said(music, member) -> list[tuple[str, bool]]:
    lines = await music.diary.lines(await listener(music, member), 50)
    return [(line.kind.value, line.undone) for line in lines]


# --- reactions


@pytest.mark.parametrize(("emoji", "kind"), [("👍", "like"), ("❤️", "like"), ("👎", "dislike"), ("⏭️", "skip")])
async def test_a_reaction_on_a_card_of_one_song_judges_it_and_taking_it_off_takes_it_back(
    ann, bo, channel, music, emoji, kind
):
    card = (await ann.slash(channel, "recommend", count=1)).response
    await bo.react(card.message, emoji)
    assert await said(music, bo) == [(kind, False)]
    await bo.unreact(card.message, emoji)
    assert await said(music, bo) == [(kind, True)]
    assert await said(music, ann) == []


async def test_a_reaction_on_a_card_of_several_songs_judges_the_list_and_no_song(ann, bo, channel, music):
    card = (await ann.slash(channel, "recommend")).response
    slate_id = await music.cards.find("discord", str(channel.id), str(card.id))
    await bo.react(card.message, "👍")
    assert await music.cards.verdicts(slate_id) == {Kind.LIKE: 1}
    assert await said(music, bo) == []
    await bo.unreact(card.message, "👍")
    assert await music.cards.verdicts(slate_id) == {}


async def test_reactions_of_bots_and_on_other_messages_do_not_count(ann, bo, channel, music, env):
    card = (await ann.slash(channel, "recommend", count=1)).response
    robot = env.guild.add_member(env.create_user("robot", bot=True))
    await robot.react(card.message, "👍")
    assert await music.communities.user("discord", str(robot.id)) is None
    other = await ann.send(channel, "hello")
    await bo.react(other, "👍")
    await bo.react(card.message, "🎉")
    assert await said(music, bo) == []


async def test_a_like_and_a_reaction_do_not_undo_each_other(ann, channel, music):
    card = (await ann.slash(channel, "recommend", count=1)).response
    button = next(c["custom_id"] for c in walk(card.components) if c.get("custom_id", "").endswith(":like"))
    await ann.click(card.message, custom_id=button)
    await ann.react(card.message, "👍")
    assert await said(music, ann) == [("like", False)]


# --- voice


async def test_a_list_for_the_voice_channel_says_for_whom(ann, bo, channel, env):
    cy = env.guild.add_member(env.create_user("cy"))
    voice = env.guild.create_voice_channel("lounge")
    alone = await ann.slash(channel, "recommend", **{"for": "voice"})
    assert texts(alone.response).startswith("Join a voice channel of this server first")
    await ann.slash(channel, "like", song="queen")
    await bo.slash(channel, "like", song="abba")
    for member in (ann, bo, cy):
        await member.join_voice(voice)
    shown = texts((await ann.slash(channel, "recommend", **{"for": "voice"})).response)
    assert shown.startswith("### For Ann and Bo\n1 person here has not told me anything yet.")
    assert "because you like" not in shown
    assert "one of you likes" in shown


# --- admin


async def test_who_may_not_manage_the_server_is_refused_even_if_discord_shows_the_command(ann, channel, env):
    server = next(
        c
        for c in env.backend.visible_commands(user_id=env.guild.owner.id, channel_id=channel.id)
        if c["name"] == "server"
    )
    assert server["default_member_permissions"] == discord.Permissions(manage_guild=True).value
    known = next(c for c in await env.bot.tree.fetch_commands() if c.name == "server")
    env.guild.set_command_permissions(known, {ann: True})
    told = await ann.slash(channel, "server size", songs=3)
    assert told.response.content == "This is for people who may manage the server."
    assert told.response.ephemeral


async def test_a_server_sets_the_length_of_its_lists(ann, boss, channel):
    told = await boss.slash(channel, "server size", songs=3)
    assert texts(told.response).startswith("Lists here have 3 songs from now on")
    card = (await ann.slash(channel, "recommend")).response
    another, near = payload(card, "sl:", ":more"), payload(card, "fb:", ":0:more")
    lists = [
        card,
        (await ann.click(card.message, custom_id=another)).followups[-1],
        (await ann.click(card.message, custom_id=near)).followups[-1],
        (await ann.slash(channel, "more")).response,
        (await ann.slash(channel, "more", number=1)).response,
        (await ann.slash(channel, "similar", song="queen")).response,
        (await ann.slash(channel, "recommend", wish="like queen")).response,
    ]
    assert [numbered(shown) for shown in lists] == [["1", "2", "3"]] * len(lists)
    assert [face(shown, payload(shown, "sl:", ":more")) for shown in lists] == ["Another 3"] * len(lists)
    asked = (await boss.slash(channel, "recommend", count=2)).response
    assert numbered(asked) == ["1", "2"]


async def test_a_server_keeps_music_out_and_lets_it_back_in(ann, boss, channel):
    blocked = texts((await boss.slash(channel, "server block", song="depeche mode")).response)
    assert blocked == "🚫 Nobody here will be shown anything by Depeche Mode any more."
    assert "Depeche Mode" not in texts((await ann.slash(channel, "similar", song="new order")).response)
    assert texts((await boss.slash(channel, "server blocked")).response) == "Depeche Mode"
    back = texts((await boss.slash(channel, "server unblock", song="depeche mode")).response)
    assert back == "Depeche Mode may be shown here again."


async def test_a_server_lets_the_bot_talk_in_some_channels_only(ann, boss, channel, env):
    hall = env.guild.create_text_channel("hall")
    await boss.slash(channel, "server channel", channel=hall, talk="yes")
    refused = await ann.slash(channel, "privacy")
    assert refused.response.content == f"In this server I talk only in: <#{hall.id}>."
    assert texts((await ann.slash(hall, "privacy")).response).startswith("What I keep")


async def test_a_server_speaks_the_language_it_chose(ann, boss, channel):
    await boss.slash(channel, "server language", language="de")
    card = (await ann.slash(channel, "recommend")).response
    assert {"Noch fünf", "Warum diese?", "Mehr davon"} <= {c.get("label") for c in walk(card.components)}


async def test_statistics_name_no_artist_that_one_person_alone_likes(ann, bo, boss, channel):
    for member, artist in ((ann, "queen"), (bo, "queen"), (ann, "u2")):
        await member.slash(channel, "like", song=artist)
    shown = texts((await boss.slash(channel, "server statistics")).response)
    assert "Queen: 2 people" in shown
    assert "U2" not in shown
    assert "Ann" not in shown


async def test_a_member_can_be_removed_from_the_server_and_keeps_their_taste(ann, boss, channel, music):
    await ann.slash(channel, "like", song="queen")
    told = texts((await boss.slash(channel, "server remove", member=ann)).response)
    assert told.startswith("Removed from here: 1 event and 0 lists of Ann.")
    place = await music.communities.find("discord", str(channel._env.guild.id))
    assert (await music.communities.stats(place)).said == {}
    assert await said(music, ann) == [("like", False)]


async def test_a_server_cools_down_and_leaves_explicit_songs_out(ann, boss, channel, music):
    await boss.slash(channel, "server cooldown", seconds=60)
    await boss.slash(channel, "server explicit", allowed="no")
    await ann.slash(channel, "privacy")
    assert (await ann.slash(channel, "privacy")).response.content.startswith("One moment")
    place = await music.communities.find("discord", str(channel._env.guild.id))
    assert not (await music.communities.settings(place)).explicit


async def test_owner_commands_are_for_the_owner(channel, env):
    role = env.guild.create_role("Admins", permissions=discord.Permissions(administrator=True))
    root = env.guild.add_member(env.create_user("chief"), roles=[role])
    refused = await root.slash(channel, "owner health")
    assert refused.response.content == "This is for whoever runs me."
    env.bot.owners = frozenset([root.id])
    health = texts((await root.slash(channel, "owner health")).response)
    assert "Event loop: " in health
    assert "Queue: 0 writes waiting" in health
    assert "Memory: " in health
    loaded = texts((await root.slash(channel, "owner reload")).response)
    assert loaded.startswith("Loaded: ")


async def test_health_tells_how_many_writes_wait(music):
    begun, go_on = threading.Event(), threading.Event()
    listener = await music.arrive(Account("discord", "5", "Eve"))
    busy = music._writer.write(lambda _: (begun.set(), go_on.wait(10)))
    await asyncio.to_thread(begun.wait, 10)
    waiting = [music._writer.write(lambda _: None) for _ in range(3)]
    shown = (await admin.health(Ask(music, listener, "Eve", "x"), {})).text
    go_on.set()
    wait([busy, *waiting])
    assert "Queue: 3 writes waiting" in shown
    assert "Queue: 0 writes waiting" in (await admin.health(Ask(music, listener, "Eve", "x"), {})).text


async def test_a_server_that_removed_the_bot_is_erased_after_thirty_days(database):
    now = 1_800_000_000.0
    async with await MusicService.open(database, clock=lambda: now) as music:
        place = Community("discord", "77", "server", "Gone")
        await music.arrive(Account("discord", "5", "Eve"), place)
        known = await music.communities.find("discord", "77")
        await music.communities.decide(known, "size", "3")
        await music.communities.left(place)
        now += ERASE_AFTER - 1
        assert await music.communities.erase_left() == 0
        now += 1
        assert await music.communities.erase_left() == 1
        assert await music.communities.find("discord", "77") is None


async def test_a_removal_begins_the_thirty_days_and_a_return_ends_them(ann, channel, env, music):
    await ann.slash(channel, "privacy")
    guild = env.bot.get_guild(channel._env.guild.id)
    place = await music.communities.find("discord", str(guild.id))

    async def left() -> bool:
        return "left_at" in await music._read(lambda store: Places(store.db).settings("community", place))

    await guild.leave()
    await env.settle()
    assert await left()
    await env.bot.on_guild_join(guild)
    assert not await left()


async def test_a_removal_while_the_bot_was_off_is_noticed_when_it_comes_back(music):
    place = Community("discord", "78", "server", "Gone")
    await music.arrive(Account("discord", "5", "Eve"), place)
    known = await music.communities.find("discord", "78")
    for present, marked in ((frozenset(), True), (frozenset(["78"]), False)):
        await music.communities.reconcile("discord", present)
        settings = await music._read(lambda store: Places(store.db).settings("community", known))
        assert ("left_at" in settings) == marked


def test_no_token_stands_in_a_log(caplog):
    keep_tokens_out_of_logs("secret-bot-token")
    address = "https://discord.com/api/v10/webhooks/1/aW50ZXJhY3Rpb24tdG9rZW4/messages/@original"
    with caplog.at_level(logging.WARNING, "discord"):
        logging.getLogger("discord.http").warning("429: %s %s", address, "secret-bot-token")
    assert "aW50ZXJ" not in caplog.text
    assert "secret-bot-token" not in caplog.text
    assert "/webhooks/1/[token]" in caplog.text
