"""The real discord.py client against an in-process Discord that this project did not write."""

import pytest
import simcord

from bot.adapters.discord.client import SegueClient
from recommender.service import MusicService


@pytest.fixture
async def music(database) -> MusicService:
    async with await MusicService.open(database, seed=7) as service:
        yield service


@pytest.fixture
async def env(music):
    """A Discord in which the commands have been brought up to date."""
    running = simcord.Env(SegueClient(music), shard_count=1, settle_timeout=30)
    await running.start()
    try:
        await running.bot.tree.sync()
        yield running
    finally:
        await running.shutdown()
    running.raise_errors()


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
