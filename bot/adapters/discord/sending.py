"""How a page reaches Discord: in the best form that is allowed here, or not at all, with a line in the log.

Discord takes the answer to an interaction for 15 minutes.  What comes later is sent as a fresh message,
privately where the answer was private.
"""

import logging
from collections.abc import Callable
from dataclasses import replace

import discord

from bot.adapters.discord.cards import attachment, card, plain
from bot.adapters.discord.errors import Interaction
from bot.adapters.discord.people import may_embed
from bot.adapters.discord.render.page import Page, Scene

log = logging.getLogger(__name__)

Draw = Callable[[Scene], Page]

# The answer's address has gone: unknown webhook, unknown interaction, invalid webhook token.
_EXPIRED = frozenset([10015, 10062, 50027])


async def send(interaction: Interaction, draw: Draw, scene: Scene, *, hidden: bool) -> discord.Message | None:
    """Put a page where "is thinking" stands; None where nothing may be said any more."""
    if not may_embed(interaction):
        return await _send_plain(interaction, draw(replace(scene, compact=True)), hidden=hidden)
    drawn = draw(scene)
    file = attachment(drawn)
    try:
        return await interaction.edit_original_response(view=card(drawn), attachments=[file] if file else [])
    except discord.Forbidden:
        return await _send_plain(interaction, draw(replace(scene, compact=True)), hidden=hidden)
    except discord.HTTPException as error:
        if error.code not in _EXPIRED:
            raise
    return await _send_afresh(interaction, drawn, hidden=hidden)


async def _send_plain(interaction: Interaction, drawn: Page, *, hidden: bool) -> discord.Message | None:
    content, view = plain(drawn)
    file = attachment(drawn)
    try:
        return await interaction.edit_original_response(
            content=content, view=view, attachments=[file] if file else []
        )
    except discord.HTTPException as error:
        if error.code not in _EXPIRED:
            raise
    return await _send_afresh(interaction, drawn, hidden=hidden)


async def _send_afresh(interaction: Interaction, drawn: Page, *, hidden: bool) -> discord.Message | None:
    """Answer after the fifteen minutes: in the channel, or privately where it was private."""
    place = interaction.user if hidden else interaction.channel
    if not isinstance(place, discord.abc.Messageable):
        log.warning("update discord:%s: came too late, and its channel is not known", interaction.id)
        return None
    file = attachment(drawn)
    return await place.send(view=card(drawn), files=[file] if file else [])


async def edit(interaction: Interaction, draw: Draw, scene: Scene) -> None:
    """Draw the message of a button again, as a card or as the plain text that it is."""
    message = interaction.message
    if message is not None and not message.flags.components_v2:
        content, view = plain(draw(replace(scene, compact=True)))
        await interaction.edit_original_response(content=content, view=view)
    else:
        await interaction.edit_original_response(view=card(draw(scene)))
