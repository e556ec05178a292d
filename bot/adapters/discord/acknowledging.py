"""First acknowledgement of an interaction; Discord waits at most 3 seconds for it."""

import logging
from collections.abc import Awaitable, Callable

import aiohttp
import discord

from bot.adapters.discord.errors import ACKNOWLEDGED, Interaction

log = logging.getLogger(__name__)

# Network errors after which a request may be repeated; discord.py gives up after most of them.
_CUT = (aiohttp.ClientConnectionError, ConnectionError, TimeoutError)
_MOST_TRIES = 3


async def acknowledge(interaction: Interaction, *, hidden: bool | None = None) -> None:
    """Announce an answer, visible to all or `hidden`; None acknowledges a press without "is thinking".

    Discord may have received an acknowledgement although its receipt was lost.  It then refuses the second
    one, which counts as success.
    """
    is_new = hidden is not None
    await surely(interaction, lambda: interaction.response.defer(ephemeral=bool(hidden), thinking=is_new))


async def surely(interaction: Interaction, sign: Callable[[], Awaitable[object]]) -> None:
    """Repeat an acknowledgement until Discord confirms that it has one."""
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
