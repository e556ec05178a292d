"""The real discord.py client against an in-process Discord that this project did not write."""

import pytest

from bot.adapters.discord.client import SegueClient
from recommender.service import MusicService


@pytest.fixture
async def music(database) -> MusicService:
    async with await MusicService.open(database, seed=7) as service:
        yield service


@pytest.fixture
async def simcord_bot(music) -> SegueClient:
    return SegueClient(music, shard_count=1)


@pytest.fixture
async def env(simcord_env):
    """A Discord in which the commands have been brought up to date."""
    await simcord_env.bot.tree.sync()
    return simcord_env


@pytest.fixture
def channel(env):
    return env.create_guild("Cave").create_text_channel("music")


@pytest.fixture
def ann(env, channel):
    del channel  # it made the server
    return env.guild.add_member(env.create_user("ann", global_name="Ann"))


@pytest.fixture
def bo(env, channel):
    del channel
    return env.guild.add_member(env.create_user("bo", global_name="Bo"))
