"""Start-up on Discord: every failure becomes one sentence that says what to do."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import aiohttp
import discord
from discord import app_commands
from yarl import URL

from bot.adapters.discord.client import SegueClient, add_commands, invite
from bot.adapters.discord.i18n import Translator
from bot.adapters.discord.shards import Shards
from bot.settings import Settings
from recommender.errors import MusicError
from recommender.service import MusicService

_TOKEN = re.compile(r"[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}")  # format of Discord's tokens
# Addresses of webhooks and interactions contain their tokens, and discord.py logs addresses.
_IN_ADDRESS = re.compile(r"(/(?:webhooks|interactions)/\d+/)[\w.-]+")
_PORTAL = "https://discord.com/developers/applications"


class _NoTokens(logging.Filter):
    """Removes every token from a log line."""

    def __init__(self, token: str) -> None:
        super().__init__()
        self._token = token

    def filter(self, record: logging.LogRecord) -> bool:
        """Let the record pass, without tokens."""
        message = record.getMessage().replace(self._token, "[token]")
        record.msg, record.args = _IN_ADDRESS.sub(r"\1[token]", _TOKEN.sub("[token]", message)), ()
        return True


async def run(settings: Settings, music: MusicService, ready: Callable[[], None]) -> None:
    """Serve Discord until cancelled; raises `MusicError` if it cannot start.

    Calls `ready` once Discord accepts the token and greets the bot.
    """
    async with _told(settings) as token:
        shards = Shards.read(settings.discord_shards) if settings.discord_shards else None
        client = SegueClient(music, presences=settings.discord_presences, shards=shards)
        async with client, client.chores():
            await client.login(token)
            greeting = asyncio.create_task(_once_ready(client, ready), name="greeting")
            try:
                await client.connect()
            finally:
                greeting.cancel()


async def _once_ready(client: discord.Client, ready: Callable[[], None]) -> None:
    await client.wait_until_ready()
    ready()


async def sync(settings: Settings, guild: int | None = None) -> str:
    """Update the slash commands in one server at once or everywhere; return a sentence with the result."""
    async with _told(settings) as token, discord.Client(intents=discord.Intents.none()) as client:
        tree = app_commands.CommandTree(client)
        add_commands(tree)
        await client.login(token)
        await tree.set_translator(Translator())
        address = invite(client.application_id or 0)
        place = None if guild is None else discord.Object(guild)
        if place is not None:
            tree.copy_global_to(guild=place)
        try:
            commands = await tree.sync(guild=place)
        except discord.Forbidden as error:
            raise MusicError(f"I may not do so in the server {guild}. Invite me first: {address}") from error
        where = "everywhere; Discord may take some minutes" if guild is None else f"in the server {guild}"
        return f"{len(commands)} commands are up to date {where}. Invite: {address}"


@asynccontextmanager
async def _told(settings: Settings) -> AsyncIterator[str]:
    """Point discord.py to the configured addresses and turn its errors into sentences."""
    token = settings.discord_token.get_secret_value().strip() if settings.discord_token else ""
    if not token:
        raise MusicError(
            f"There is no DISCORD_TOKEN: make a bot at {_PORTAL}, copy its token and put "
            "DISCORD_TOKEN=... into the file .env."
        )
    redirect(settings)
    keep_tokens_out_of_logs(token)
    try:
        yield token
    except discord.LoginFailure as error:
        raise MusicError(
            f"Discord does not accept the DISCORD_TOKEN: reset it at {_PORTAL} (Bot, Reset Token) and put "
            "the new one into .env."
        ) from error
    except discord.PrivilegedIntentsRequired as error:
        raise MusicError(
            "DISCORD_PRESENCES is on, but Discord has not switched on the Presence Intent: "
            f"do so at {_PORTAL} (Bot, Privileged Gateway Intents), or take DISCORD_PRESENCES out of .env."
        ) from error
    except (aiohttp.ClientConnectionError, discord.GatewayNotFound, TimeoutError, OSError) as error:
        raise MusicError(
            f"I cannot reach Discord at {URL(discord.http.Route.BASE).host}: check this machine's network, "
            "then start me again."
        ) from error
    except discord.HTTPException as error:
        raise MusicError(
            f"Discord answered with an error ({error.status}): see https://discordstatus.com, and try again."
        ) from error


def redirect(settings: Settings) -> None:
    """Point discord.py to the addresses of the settings, if any."""
    if settings.discord_api_base:
        discord.http.Route.BASE = settings.discord_api_base.rstrip("/")
    if settings.discord_gateway_url:
        discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = URL(settings.discord_gateway_url)


def keep_tokens_out_of_logs(token: str) -> None:
    """Put a filter in front of everything that discord.py logs."""
    for name in ("discord", *(n for n in logging.root.manager.loggerDict if n.startswith("discord."))):
        logger = logging.getLogger(name)
        if not any(isinstance(known, _NoTokens) for known in logger.filters):
            logger.addFilter(_NoTokens(token))
