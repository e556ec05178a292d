"""Forged presses through the real client: what is not theirs looks like what does not exist."""

import pytest

from bot.adapters.discord.buttons import LOCAL
from bot.replies.buttons import PATTERN
from storage.records import Community

NOBODY = 10**17


def walk(components):
    for component in components:
        yield component
        yield from walk(component.get("components", ()))
        if "accessory" in component:
            yield component["accessory"]


def texts(message) -> str:
    shown = [component["content"] for component in walk(message.components) if component["type"] == 10]
    return "\n".join(([message.content] if message.content else []) + shown)


def payloads(message) -> list[str]:
    found = [component.get("custom_id", "") for component in walk(message.components)]
    return [payload for payload in found if payload.startswith(("fb:", "sl:", "ss:", "se:", "pg:"))]


async def forge(member, env, message, payload):
    """Press a button whose payload has been exchanged for another; return what is told."""
    assert PATTERN.fullmatch(payload) or LOCAL.fullmatch(payload)
    stored = env.backend.get_message(message.channel_id, message.id)
    button = next(c for c in walk(stored.components) if c["type"] == 2 and c.get("custom_id"))
    own, button["custom_id"] = button["custom_id"], payload
    result = await member.click(message.message, custom_id=payload)
    button["custom_id"] = own
    answers = [*result.followups, *([result.response] if result.response else [])]
    return [texts(answer) for answer in answers if answer.id != message.id]


@pytest.fixture
def other(env, channel):
    """Another channel of the same server."""
    del channel
    return env.guild.create_text_channel("elsewhere")


async def test_another_channel_can_press_nothing_of_this_one(ann, bo, channel, other, env):
    await ann.slash(channel, "like", song="queen")
    card = (await ann.slash(channel, "recommend", count=11)).response
    session = (await ann.slash(channel, "session start", text="Friday")).response
    mine = (await bo.slash(other, "recommend", count=1)).response
    before = texts(mine), texts(card), texts(session)
    number = next(p.split(":")[1] for p in payloads(session))
    pressed = {*payloads(card)[:4], *payloads(card)[-3:], *payloads(session)}
    pressed |= {f"se:{number}:recap", f"se:{number}:links", payloads(card)[0].replace(":like", ":why")}
    assert any(payload.startswith("pg:") for payload in pressed)
    for payload in sorted(pressed):
        kind, _, *rest = payload.split(":")
        missing = await forge(bo, env, mine, ":".join([kind, str(NOBODY), *rest]))
        assert missing
        assert await forge(bo, env, mine, payload) == missing, payload
        env.bot.house._asked.clear()
    assert (texts(mine), texts(card), texts(session)) == before


async def test_an_answer_that_only_one_person_sees_answers_to_nobody_else(ann, bo, channel, env):
    await ann.slash(channel, "answers", who="only me")
    card = (await ann.slash(channel, "recommend", count=1)).response
    assert card.flags.ephemeral
    mine = (await bo.slash(channel, "recommend", count=1)).response
    for payload in payloads(card):
        kind, _, *rest = payload.split(":")
        missing = await forge(bo, env, mine, ":".join([kind, str(NOBODY), *rest]))
        assert await forge(bo, env, mine, payload) == missing, payload


async def test_consent_is_asked_in_private_and_of_one_person(ann, bo, channel, env, music):
    asked = await ann.slash(channel, "neighbours")
    assert "Can people" not in texts(asked.response)
    (question,) = asked.followups
    assert question.flags.ephemeral
    assert "Can people here see what you listen to?" in texts(question)
    yes = next(c["custom_id"] for c in walk(question.components) if c.get("custom_id", "").startswith("vis:"))
    mine = (await bo.slash(channel, "recommend", count=1)).response
    assert (await forge(bo, env, mine, yes))[0].startswith("I do not know that button any more.")
    cave = Community("discord", str(env.guild.id), "server", "Cave")
    assert await music.comparing.accounts(cave) == []
    await ann.click(question.message, custom_id=yes)
    assert texts(question).startswith("You are visible there from now on.")
    assert await music.comparing.accounts(cave) == [str(ann.id)]
