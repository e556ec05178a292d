"""A session on Discord: one card edited in place, voice joins and leaves, a restart in the middle."""

import asyncio

import discord

from bot.adapters.discord.client import SegueClient


def walk(components):
    for component in components:
        yield component
        yield from walk(component.get("components", ()))


def texts(message) -> str:
    shown = [component["content"] for component in walk(message.components) if component["type"] == 10]
    return "\n".join(([message.content] if message.content else []) + shown)


def button(message, end: str) -> str:
    ids = [component.get("custom_id", "") for component in walk(message.components)]
    return next(carried for carried in ids if carried.endswith(end))


async def settled(env):
    await asyncio.wait_for(env.bot.sessions.cards.settled(), 30)


async def test_a_session_has_one_card_and_everybody_votes_on_it(ann, bo, channel, env):
    await ann.slash(channel, "like", song="queen")
    card = (await ann.slash(channel, "session start", text="Friday")).response
    assert "Friday begins" in texts(card)
    await bo.click(card.message, custom_id=button(card, ":join"))
    told = await ann.slash(channel, "next")
    assert texts(told.response).startswith("▶ ")
    await settled(env)
    assert "2 listeners: Ann (host), Bo" in texts(card)
    await ann.click(card.message, custom_id=button(card, ":like"))
    await bo.click(card.message, custom_id=button(card, ":dislike"))
    await settled(env)
    assert "👍 1 👎 1" in texts(card)
    refused = await bo.click(card.message, custom_id=button(card, ":next"))
    assert "for the host" in texts(refused.followups[0])
    await bo.click(card.message, custom_id=button(card, ":leave"))
    await settled(env)
    assert "1 listener: Ann (host)" in texts(card)


async def test_who_comes_to_the_voice_channel_listens_along(ann, bo, channel, env):
    cy = env.guild.add_member(env.create_user("cy", global_name="Cy"))
    voice = env.guild.create_voice_channel("lounge")
    await bo.slash(channel, "like", song="queen")
    for member in (ann, bo, cy):
        await member.join_voice(voice)
    card = (await ann.slash(channel, "session start", text="Friday")).response
    assert "1 person in your voice channel can press Join." in texts(card)
    assert "2 listeners: Ann (host), Bo" in texts(card)
    await bo.leave_voice()
    await settled(env)
    assert "1 listener: Ann (host)" in texts(card)
    await bo.join_voice(voice)
    await settled(env)
    assert "2 listeners" in texts(card)
    await bo.click(card.message, custom_id=button(card, ":leave"))
    await bo.leave_voice()
    await bo.join_voice(voice)
    await settled(env)
    assert "1 listener" in texts(card)


async def test_a_session_goes_on_after_a_restart_in_the_middle(ann, bo, channel, env, music):
    card = (await ann.slash(channel, "session start", text="Friday")).response
    await ann.slash(channel, "next")
    await settled(env)
    await env.restart_bot(SegueClient(music))
    await bo.click(card.message, custom_id=button(card, ":join"))
    await bo.click(card.message, custom_id=button(card, ":like"))
    await settled(env)
    assert "Bo 👍" in texts(card)


async def test_a_card_that_many_press_is_edited_at_most_once_a_second(ann, channel, env):
    people = [env.guild.add_member(env.create_user(f"p{n}", global_name=f"P{n}")) for n in range(12)]
    card = (await ann.slash(channel, "session start", text="Friday")).response
    before = len([r for r in env.http_requests if r.method == "PATCH" and "/messages/" in r.path])
    began = asyncio.get_running_loop().time()
    for person in people:
        await person.click(card.message, custom_id=button(card, ":join"))
    await settled(env)
    passed = asyncio.get_running_loop().time() - began
    edits = [r for r in env.http_requests if r.method == "PATCH" and f"/messages/{card.message.id}" in r.path]
    assert "13 listeners" in texts(card)
    assert len(edits) - before <= passed + 1


async def test_the_end_offers_the_songs_as_files(ann, channel, env):
    card = (await ann.slash(channel, "session start", text="Friday")).response
    await ann.slash(channel, "next")
    ended = (await ann.slash(channel, "session end")).response
    assert "Friday: 1 song" in texts(ended)
    given = await ann.click(ended.message, custom_id=button(ended, ":xspf"))
    assert [file.filename for file in given.response.attachments] == ["session.xspf"]
    await settled(env)
    assert card


async def test_a_live_card_speaks_as_its_server_decided_whoever_presses(ann, bo, channel, env):
    role = env.guild.create_role("Mods", permissions=discord.Permissions(manage_guild=True))
    boss = env.guild.add_member(env.create_user("boss"), roles=[role])
    await boss.slash(channel, "server language", language="de")
    card = (await ann.slash(channel, "session start", text="Freitag")).response
    assert "Freitag fängt an" in texts(card)
    await bo.click(card.message, custom_id=button(card, ":join"))
    await settled(env)
    assert "2 Hörer: Ann (leitet), Bo" in texts(card)
    assert "Stil: fair (gerecht für alle)" in texts(card)
