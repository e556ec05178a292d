"""The place goes away in the middle of a command: nothing is raised, and the log has one line with an id."""

import logging
import re

import pytest


def logged(caplog) -> list[str]:
    """Return what the project itself logged; a trace shows."""
    return [
        record.getMessage() + (" with a trace" if record.exc_info else "")
        for record in caplog.records
        if record.name.startswith("bot.")
    ]


async def removed(bot) -> None:
    await bot.guilds[0].leave()


async def deleted(bot) -> None:
    await bot.guilds[0].text_channels[0].delete()


async def shut_out(bot) -> None:
    """Leave everything as it is: the refusals of `lost` are all."""


GONE = {"status": 404, "code": 10015, "message": "Unknown Webhook"}
BARRED = {"status": 403, "code": 50001, "message": "Missing Access"}


@pytest.fixture(params=[(removed, GONE), (removed, BARRED), (deleted, GONE), (shut_out, BARRED)])
def lost(request, env, music, monkeypatch):
    """Let the place go away while a list is being made, and with it the address of the answer."""
    lose, refusal = request.param
    recommend = music.recommend

    async def interrupted(query, sound=None):
        slate = await recommend(query, sound)
        await lose(env.bot)
        return slate

    monkeypatch.setattr(music, "recommend", interrupted)
    for method in ("PATCH", "POST"):
        env.inject_error(method, "/webhooks/*", **refusal, times=None)
    if lose is shut_out:
        env.inject_error("POST", "/channels/*/messages", **refusal, times=None)


@pytest.mark.usefixtures("lost")
async def test_a_place_that_is_lost_in_a_command_costs_one_line_in_the_log(ann, channel, caplog, env):
    with caplog.at_level(logging.INFO):
        await ann.slash(channel, "recommend")
    assert [re.sub(r"[0-9]{9,}", "ID", line).partition(": ")[0] for line in logged(caplog)] == [
        "update discord:ID"
    ], logged(caplog)
    env.raise_errors()


@pytest.mark.parametrize("refusal", [GONE, BARRED])
async def test_a_place_that_is_lost_between_press_and_answer_keeps_the_like(
    ann, channel, caplog, env, refusal, music
):
    card = (await ann.slash(channel, "recommend", count=1)).response
    slate_id = await music.cards.find("discord", str(channel.id), str(card.id))
    env.inject_error("*", "/webhooks/*", **refusal, times=None)
    with caplog.at_level(logging.INFO):
        await ann.click(card.message, custom_id=f"fb:{slate_id}:0:like")
    assert len(logged(caplog)) == 1, logged(caplog)
    assert await music.communities.votes(slate_id) == {0: {"like": 1}}


async def test_an_answer_that_discord_no_longer_awaits_costs_one_line(ann, channel, caplog, env):
    for _ in range(6):
        await ann.slash(channel, "privacy")
    late = {"status": 404, "code": 10062, "message": "Unknown interaction"}
    env.inject_error("POST", "/interactions/*/callback", **late)
    with caplog.at_level(logging.INFO):
        await ann.slash(channel, "privacy")  # the seventh is too fast: its friendly word finds nobody
    assert len(logged(caplog)) == 1, logged(caplog)
    env.raise_errors()
