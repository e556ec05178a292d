"""Many people at one card, answers nobody receives, places with few rights."""

import asyncio
import logging

import discord


def walk(components):
    for component in components:
        yield component
        yield from walk(component.get("components", ()))


def texts(message) -> str:
    shown = [component["content"] for component in walk(message.components) if component["type"] == 10]
    return "\n".join(([message.content] if message.content else []) + shown)


def labels(message) -> dict[str, str]:
    shown = (c for c in walk(message.components) if c["type"] == 2 and "custom_id" in c)
    return {c["custom_id"]: c["label"] for c in shown}


def button(message, start: str, end: str) -> str:
    return next(p for p in labels(message) if p.startswith(start) and p.endswith(end))


def traces(caplog) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.exc_info]


async def test_a_reaction_is_seen_on_the_card(env, ann, bo, channel):
    card = (await ann.slash(channel, "recommend", count=1)).response
    thumb = button(card, "fb:", ":like")
    await bo.react(card.message, "👍")
    await asyncio.wait_for(env.bot.redraws.cards.settled(), 30)
    assert labels(card)[thumb] == "👍 1"
    await bo.unreact(card.message, "👍")
    await asyncio.wait_for(env.bot.redraws.cards.settled(), 30)
    assert labels(card)[thumb] == "👍"


async def test_another_five_of_an_erased_list_complains_to_whoever_pressed(ann, bo, channel):
    card = (await ann.slash(channel, "recommend", count=1)).response
    question = await ann.slash(channel, "forget")
    await ann.click(question.response.message, custom_id=button(question.response, "ok:", "forget"))
    for start, end in (("sl:", ":more"), ("fb:", ":more")):
        told = await bo.click(card.message, custom_id=button(card, start, end))
        assert told.followups[0].ephemeral
        assert not texts(told.followups[0]).startswith("###")


async def test_a_press_that_was_acknowledged_already_leaves_no_trace(ann, channel, env, caplog):
    card = (await ann.slash(channel, "recommend", count=1)).response
    again = {"status": 400, "code": 40060, "message": "Interaction has already been acknowledged."}
    env.inject_error("POST", "/interactions/*/callback", **again, times=None)
    with caplog.at_level(logging.INFO):
        await ann.click(card.message, custom_id=button(card, "fb:", ":like"))
        await ann.slash(channel, "add")
    assert traces(caplog) == []
    env.raise_errors()


async def test_a_file_that_cannot_be_fetched_is_a_sentence(ann, channel, monkeypatch, caplog):
    async def lost(_, **__):
        raise discord.DiscordServerError(Response(), "upstream")

    class Response:
        status, reason = 503, "Service Unavailable"

    monkeypatch.setattr(discord.Attachment, "read", lost)
    told = (
        await ann.slash(channel, "import", file=("history.csv", b"artist,track\nQueen,Innuendo\n"))
    ).response
    assert texts(told) == "I could not fetch that file from Discord. Attach it once more."
    assert traces(caplog) == []


async def test_without_embed_links_every_button_says_its_song(env):
    guild = env.create_guild("Strict")
    bare = discord.PermissionOverwrite(embed_links=False)
    channel = guild.create_text_channel("plain", overwrites={env.bot.user: bare})
    cy = guild.add_member(env.create_user("cy"))
    card = (await cy.slash(channel, "recommend")).response
    shown = list(labels(card).values())
    for number in range(1, 6):
        assert {f"{number}. 👍", f"{number}. 👎", f"More like {number}"} <= set(shown)
    assert len(shown) == 17
    await cy.click(card.message, custom_id=button(card, "fb:", ":2:like"))
    assert labels(card)[button(card, "fb:", ":2:like")] == "3. 👍 1"


async def test_who_is_answered_alone_still_begins_a_session_for_all(ann, bo, channel, env):
    await ann.slash(channel, "answers", who="only me")
    begun = await ann.slash(channel, "session start", text="Friday")
    assert begun.response.ephemeral
    card = begun.followups[0]
    assert not card.ephemeral
    await bo.click(card.message, custom_id=button(card, "se:", ":join"))
    await asyncio.wait_for(env.bot.sessions.cards.settled(), 30)
    assert "2 listeners: Ann (host), Bo" in texts(card)


async def test_a_session_card_lives_where_the_bot_may_not_look(env):
    guild = env.create_guild("Strict")
    unseen = discord.PermissionOverwrite(view_channel=False)
    channel = guild.create_text_channel("hidden", overwrites={env.bot.user: unseen})
    ann, bo = (guild.add_member(env.create_user(name, global_name=name)) for name in ("Ann", "Bo"))
    card = (await ann.slash(channel, "session start", text="Friday")).response
    await ann.slash(channel, "next")
    await asyncio.wait_for(env.bot.sessions.cards.settled(), 30)
    assert "▶" in texts(card)
    await bo.click(card.message, custom_id=button(card, "se:", ":join"))
    await asyncio.wait_for(env.bot.sessions.cards.settled(), 30)
    assert "2 listeners: Ann (host), Bo" in texts(card)
