"""Imports from `/import`: passes an attached listening history to the importer and shows progress."""

import asyncio
import logging
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import aiohttp
import discord

from bot.adapters.discord.errors import Interaction
from bot.adapters.discord.render import page
from bot.adapters.discord.render.layout import Scene
from bot.adapters.discord.sending import send
from bot.adapters.discord.text import clean
from bot.commands import perform
from bot.context import Ask, Context
from bot.handlers.hearing import heard
from bot.handlers.importing import bring, progress_of, too_big
from bot.replies import Notice, Reply
from recommender.errors import NotKnown

log = logging.getLogger(__name__)

MOST_BYTES = 10 << 20
"""Discord's upload limit for every user, in bytes."""
_BETWEEN_EDITS = 2.0  # seconds


async def import_attachment(interaction: Interaction, file: discord.Attachment, context: Context) -> Reply:
    """Import an attached file as the user's own listening history."""
    return await perform(context, partial(_brought, interaction, file))


async def hear_attachment(_: Interaction, file: discord.Attachment, context: Context) -> Reply:
    """Hear an attached file, and find songs that sound like it."""
    return await perform(context, partial(_heard, file))


async def _heard(file: discord.Attachment, ask: Ask) -> Reply:
    if file.size > MOST_BYTES:
        raise NotKnown(too_big("Discord", MOST_BYTES))
    with tempfile.TemporaryDirectory(prefix="segue-") as folder:
        path = Path(folder) / "clip"
        await _fetch(file, path)
        return await heard(ask, path)


async def _brought(interaction: Interaction, file: discord.Attachment, ask: Ask) -> Reply:
    if file.size > MOST_BYTES:
        raise NotKnown(too_big("Discord", MOST_BYTES))
    done = [0.0]  # a float is replaced whole by whichever thread writes it
    with tempfile.TemporaryDirectory(prefix="segue-") as folder:
        path = Path(folder) / "history"
        await _fetch(file, path)
        telling = asyncio.create_task(
            _tell(interaction, partial(progress_of, ask, clean(file.filename, 60)), done)
        )
        try:
            return await bring(ask, path, partial(done.__setitem__, 0))
        finally:
            telling.cancel()
            with suppress(asyncio.CancelledError):
                await telling


async def _fetch(file: discord.Attachment, path: Path) -> None:
    try:
        await file.save(path)
    except (discord.HTTPException, aiohttp.ClientError, TimeoutError) as error:
        log.info("attachment %s could not be fetched: %s", file.id, error)
        raise NotKnown("I could not fetch that file from Discord. Attach it once more.") from error


async def _tell(interaction: Interaction, words: Callable[[float], str], done: list[float]) -> None:
    told = ""
    while True:
        await asyncio.sleep(_BETWEEN_EDITS)
        if (said := words(done[0])) != told:
            told = said
            with suppress(discord.HTTPException):  # only the closing card has to arrive
                await send(interaction, partial(page, Notice(said)), Scene(), hidden=True)
