"""The first sign of an answer, which Discord waits 3 seconds for."""

import logging
from collections.abc import Awaitable, Callable

import aiohttp
import discord

from bot.adapters.discord.errors import ACKNOWLEDGED, Interaction

log = logging.getLogger(__name__)

# What the network does; discord.py gives up at most of it.
_CUT = (aiohttp.ClientConnectionError, ConnectionError, TimeoutError)
_MOST_TRIES = 3


async def acknowledge(interaction: Interaction, *, hidden: bool | None = None) -> None:
    """Say that an answer comes, seen by all or `hidden`; None says it of a press, without "is thinking".

    A sign may have arrived although its receipt was lost: Discord refuses the second one, which is as good.
    """
    is_new = hidden is not None
    await surely(interaction, lambda: interaction.response.defer(ephemeral=bool(hidden), thinking=is_new))


async def surely(interaction: Interaction, sign: Callable[[], Awaitable[object]]) -> None:
    """Send a sign again whose receipt was lost, until Discord has it."""
    for tries_left in reversed(range(_MOST_TRIES)):
        try:
            await sign()
        except discord.HTTPException as error:
            if error.code != ACKNOWLEDGED:
                raise
            log.info("update discord:%s: was acknowledged already", interaction.id)
        except _CUT as error:
            if not tries_left:
                raise
            log.info("update discord:%s: no receipt for its acknowledgement (%s)", interaction.id, error)
            continue
        return
