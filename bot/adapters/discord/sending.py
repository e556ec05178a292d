"""Delivery of pages to Discord in the best form allowed, else a line in the log.

Discord accepts the answer to an interaction for 15 minutes.  A later answer becomes a new message, private if
the answer was private.
"""

import logging
from collections.abc import Callable
from dataclasses import replace

import discord

from bot.adapters.discord.cards import attachments, card, plain
from bot.adapters.discord.errors import Interaction
from bot.adapters.discord.people import may_embed
from bot.adapters.discord.render.layout import Page, Scene

log = logging.getLogger(__name__)

Draw = Callable[[Scene], Page]

# The address of the answer is gone: unknown webhook, unknown interaction, invalid webhook token.
_EXPIRED = frozenset([10015, 10062, 50027])


async def send(
    interaction: Interaction, draw: Draw, scene: Scene, *, hidden: bool, below: bool = False
) -> discord.Message | None:
    """Put a page in place of "is thinking", or `below`; return None if the bot may not answer any more."""
    is_card = may_embed(interaction)
    drawn = draw(scene if is_card else replace(scene, compact=True))
    try:
        return await _put(interaction, drawn, is_card=is_card, hidden=hidden, below=below)
    except discord.Forbidden:
        if not is_card:
            raise
    except discord.HTTPException as error:
        if error.code not in _EXPIRED:
            raise
        return await _send_afresh(interaction, drawn, hidden=hidden)
    return await _put(
        interaction, draw(replace(scene, compact=True)), is_card=False, hidden=hidden, below=below
    )


async def _put(
    interaction: Interaction, drawn: Page, *, is_card: bool, hidden: bool, below: bool
) -> discord.Message:
    files = attachments(drawn)
    if is_card:
        view = card(drawn)
        if below:
            return await interaction.followup.send(view=view, files=files, ephemeral=hidden, wait=True)
        return await interaction.edit_original_response(view=view, attachments=files)
    content, buttons = plain(drawn)
    if below:
        return await interaction.followup.send(
            content, view=buttons, files=files, ephemeral=hidden, wait=True
        )
    return await interaction.edit_original_response(content=content, view=buttons, attachments=files)


async def _send_afresh(interaction: Interaction, drawn: Page, *, hidden: bool) -> discord.Message | None:
    """Answer after the fifteen minutes: in the channel, or in private if the answer was private."""
    place = interaction.user if hidden else interaction.channel
    if not isinstance(place, discord.abc.Messageable):
        log.warning("update discord:%s: came too late, and its channel is not known", interaction.id)
        return None
    return await place.send(view=card(drawn), files=attachments(drawn))


async def edit(interaction: Interaction, draw: Draw, scene: Scene) -> None:
    """Redraw the message of a button, as the card or plain text that it is."""
    message = interaction.message
    if message is not None and not message.flags.components_v2:
        content, view = plain(draw(replace(scene, compact=True)))
        await interaction.edit_original_response(content=content, view=view)
    else:
        await interaction.edit_original_response(view=card(draw(scene)))


async def edit_message(message: discord.Message, draw: Draw, scene: Scene) -> None:
    """Redraw a message by the bot's own right, as the card or plain text that it is."""
    if message.flags.components_v2:
        await message.edit(view=card(draw(scene)))
    else:
        content, view = plain(draw(replace(scene, compact=True)))
        await message.edit(content=content, view=view)
