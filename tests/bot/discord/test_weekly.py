"""A server's weekly list, decided by those who manage it, and a person's own, in private."""

import discord
import pytest

from bot.adapters.discord.carrier import DiscordCarrier
from bot.courier import Courier
from recommender.service import MusicService
from storage.records import Account, Community


def walk(components):
    for component in components:
        yield component
        yield from walk(component.get("components", ()))


def texts(message) -> str:
    shown = [component["content"] for component in walk(message.components) if component["type"] == 10]
    return "\n".join(([message.content] if message.content else []) + shown)


@pytest.fixture
def clock():
    return [1_790_000_000]  # a Monday afternoon


@pytest.fixture
async def music(database, clock) -> MusicService:
    async with await MusicService.open(database, seed=7, clock=lambda: clock[0]) as service:
        yield service


async def test_who_manages_a_server_gives_it_a_weekly_list_near_what_several_like(
    env, channel, ann, bo, music, clock
):
    role = env.guild.create_role("Mods", permissions=discord.Permissions(manage_guild=True))
    boss = env.guild.add_member(env.create_user("boss"), roles=[role])
    for person in (ann, bo):
        await person.slash(channel, "like", song="radiohead")
    await ann.slash(channel, "like", song="metallica")
    told = (await boss.slash(channel, "server weekly", when="on mon 18 lisbon")).response
    assert "Mondays at 18:00 (Europe/Lisbon)" in texts(told)
    courier = Courier(music, DiscordCarrier(env.bot, music))
    assert await courier.look() == 0
    clock[0] += 86_400
    assert await courier.look() == 1
    assert await courier.look() == 0
    slate = await music.slate(await music.arrive(*_place(env)))
    assert len(slate.picks) == 10
    assert [seed.artist for seed in slate.seeds] == ["Radiohead"]  # what one alone likes is told to nobody
    assert "Radiohead" not in [pick.song.artist for pick in slate.picks]


def _place(env):
    guild = env.guild
    return Account("discord", str(guild.id), guild.name), Community(
        "discord", str(guild.id), "server", guild.name
    )
