"""Form that adds a song: a modal with two fields.

Like a button it is identified by its `custom_id` alone and keeps no state in memory: a form submitted after a
restart still counts.
"""

from functools import partial
from typing import Any, cast

import discord
from discord import ui

from bot.adapters.discord.acknowledging import surely
from bot.adapters.discord.errors import Interaction
from bot.adapters.discord.text import clean
from bot.commands import perform
from bot.context import Context
from bot.handlers.add_song import LONGEST, added, parted
from bot.replies import Reply
from bot.replies.i18n import say

FORM = "add"
_ARTIST, _TITLE = "artist", "title"


def form(name: str) -> ui.Modal:
    """Return the form, prefilled with the known part of the song's name."""
    before, after = parted(name)
    artist, title = (before, after) if after is not None else ("", before)
    modal = ui.Modal(title=say("Add a song"), custom_id=FORM)
    fields = (
        (_ARTIST, say("Artist"), artist, True),
        (_TITLE, say("Title; empty for the artist alone"), title, False),
    )
    for key, about, value, required in fields:
        field: ui.TextInput[ui.Modal] = ui.TextInput(
            custom_id=key, default=clean(value, LONGEST) or None, required=required, max_length=LONGEST
        )
        modal.add_item(ui.Label(text=about, component=field))
    modal.stop()  # discord.py need not remember it: `submitted` knows it by its id
    return modal


async def open_form(interaction: Interaction, name: str = "") -> None:
    """Answer a command or button with the form."""
    await interaction.client.answers.speak(interaction)
    await surely(interaction, lambda: interaction.response.send_modal(form(name)))


async def submitted(interaction: Interaction) -> None:
    """Add the song of a submitted form."""
    given = _given(_data(interaction).get("components", ()))
    artist, title = given.get(_ARTIST, "").strip(), given.get(_TITLE, "").strip()
    await interaction.client.answers.answer(interaction, partial(_add, artist, title or None))


async def _add(artist: str, title: str | None, context: Context) -> Reply:
    return await perform(context, lambda ask: added(ask, artist, title))


def _given(components: Any) -> dict[str, str]:  # noqa: ANN401 - JSON
    fields = [part.get("component") or {} for part in components]
    return {field["custom_id"]: field.get("value") or "" for field in fields if "custom_id" in field}


def is_ours(interaction: discord.Interaction[Any]) -> bool:
    """Return whether the interaction submits this form."""
    is_form = interaction.type is discord.InteractionType.modal_submit
    return is_form and _data(interaction).get("custom_id") == FORM


def _data(interaction: discord.Interaction[Any]) -> dict[str, Any]:
    return cast("dict[str, Any]", interaction.data or {})
