"""`/owner`: for whoever runs the bot, and for nobody else."""

import discord
import pytest


def walk(components):
    for component in components:
        yield component
        yield from walk(component.get("components", ()))


def texts(result) -> str:
    message = result.response
    shown = [component["content"] for component in walk(message.components) if component["type"] == 10]
    return "\n".join(([message.content] if message.content else []) + shown)


@pytest.fixture
def root(env, channel):
    del channel
    role = env.guild.create_role("Admins", permissions=discord.Permissions(administrator=True))
    return env.guild.add_member(env.create_user("chief"), roles=[role])


@pytest.fixture
def owner(env, root):
    env.bot.owners = frozenset([root.id])
    return root


async def test_an_administrator_of_a_server_does_not_run_the_bot(root, channel):
    for command in ("owner policy", "owner policy-back"):
        assert texts(await root.slash(channel, command)) == "This is for whoever runs me."
    refused = await root.slash(channel, "owner promote", name="certain")
    assert texts(refused) == "This is for whoever runs me."


async def test_who_owns_the_application_is_an_operator_of_the_pages_too(env):
    assert env.bot.owners
    assert env.bot.music.web.owners == {"discord": frozenset(map(str, env.bot.owners))}


async def test_without_a_thousand_answers_there_is_no_verdict(owner, channel):
    shown = texts(await owner.slash(channel, "owner policy"))
    assert shown.startswith("bandit chooses the songs; 0 of its choices have been answered.\nNo verdict")
    refused = texts(await owner.slash(channel, "owner promote", name="certain"))
    assert refused == "certain may not take over: 0 decisions with a reaction; a verdict needs 1000."
    nothing = texts(await owner.slash(channel, "owner policy-back"))
    assert nothing == "No policy has been promoted: there is nothing to go back to."


async def test_the_owner_promotes_by_the_log_and_rolls_back(owner, channel, music, answered):
    await music._write(lambda store: answered(store, 1200))
    shown = texts(await owner.slash(channel, "owner policy"))
    assert "Liked: 40.0 % (" in shown
    assert "\ncertain: 60.0 % (" in shown
    promoted = texts(await owner.slash(channel, "owner promote", name="certain"))
    assert promoted.startswith("certain chooses from now on: its lower bound 0.")
    assert await music.promotion.running() == "certain"
    assert texts(await owner.slash(channel, "owner policy-back")) == "bandit chooses again."
    assert await music.promotion.running() == "bandit"
