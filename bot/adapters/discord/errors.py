"""Errors while answering: one log line with an id, a code for the user, never a stack trace."""

import logging
import secrets
from collections.abc import Awaitable
from typing import TYPE_CHECKING

import discord

from bot.replies.i18n import say

if TYPE_CHECKING:
    from bot.adapters.discord.client import SegueClient  # noqa: F401 - named in `Interaction`

log = logging.getLogger(__name__)

ACKNOWLEDGED = 40060
"""Discord's code for an interaction that is already acknowledged."""

Interaction = discord.Interaction["SegueClient"]


async def safely(interaction: Interaction, work: Awaitable[object]) -> None:
    """Await `work` and report its errors; discord.py would only log the error of a button."""
    try:
        await work
    except Exception as error:  # noqa: BLE001 - the edge: `excuse` logs it with its trace
        await excuse(interaction, error)


async def excuse(interaction: Interaction, error: BaseException) -> None:
    """Log an error under a code and tell the user that code, never a stack trace."""
    if isinstance(error, discord.HTTPException) and error.code == ACKNOWLEDGED:
        log.info("update discord:%s: is being answered already", interaction.id)
        return
    if isinstance(error, discord.NotFound | discord.Forbidden):
        # Removed meanwhile, not permitted any more, too late, or the message is deleted.
        log.warning(
            "update discord:%s: nowhere left to answer (%s %s)", interaction.id, error.code, error.text
        )
        return
    code = secrets.token_hex(3)
    log.error("code %s: update discord:%s failed", code, interaction.id, exc_info=error)
    sentence = say("Something went wrong on my side, and I wrote it down as {}. Please try again.", code)
    try:
        if interaction.response.is_done():
            await interaction.followup.send(sentence, ephemeral=True)
        else:
            await _say_first(interaction, sentence)
    except discord.HTTPException as unsaid:
        log.warning("code %s: could not be told (%s)", code, unsaid.code)


async def _say_first(interaction: Interaction, sentence: str) -> None:
    try:
        await interaction.response.send_message(sentence, ephemeral=True)
    except discord.HTTPException as error:
        if error.code != ACKNOWLEDGED:
            raise
        await interaction.followup.send(sentence, ephemeral=True)
