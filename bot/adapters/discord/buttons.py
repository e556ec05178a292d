"""Buttons that carry everything in their `custom_id`: they work after a restart, on a year-old message."""

import re
from typing import Any, Self, cast

import discord
from discord import ui

from bot.adapters.discord import forms
from bot.adapters.discord.errors import safely
from bot.adapters.discord.render.page import Press, Style
from bot.replies.buttons import PATTERN

LONGEST_ID = 100
"""Characters of a `custom_id`; discord.py does not check it."""

# What only this adapter knows: a page of a list, older lines of a history, a form that adds a song by that
# name, "leave it as it is".
LOCAL = re.compile(
    r"pg:(?P<slate>[0-9]{1,18}):(?P<page>[0-9]{1,2})|ol:(?P<before>[0-9]{1,18})|add:(?P<name>.{0,60})|no"
)

_STYLES: dict[Style, discord.ButtonStyle] = {
    "plain": discord.ButtonStyle.secondary,
    "good": discord.ButtonStyle.success,
    "bad": discord.ButtonStyle.danger,
    "main": discord.ButtonStyle.primary,
}


class PressButton(ui.DynamicItem[ui.Button[Any]], template=PATTERN):
    """A button that every platform has: its payload goes to `bot.commands.press`."""

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Return the button as it stands on the message."""
        del interaction, match
        return cls(cast("ui.Button[Any]", item))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Do what the button says."""
        await safely(interaction, interaction.client.answers.pressed(interaction, self.custom_id))


class LocalButton(ui.DynamicItem[ui.Button[Any]], template=LOCAL):
    """A button that leafs through a list, opens a form, or says no."""

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Return the button as it stands on the message."""
        del interaction, match
        return cls(cast("ui.Button[Any]", item))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Turn the page, or open the form."""
        found = LOCAL.fullmatch(self.custom_id)
        if found is None:
            raise ValueError(f"no button of ours: {self.custom_id}")
        if found["name"] is None:
            await safely(interaction, interaction.client.answers.turned(interaction, found))
        else:
            await safely(interaction, forms.open_form(interaction, found["name"]))


def button(press: Press) -> PressButton | LocalButton:
    """Return the button that stands for `press`."""
    item: ui.Button[Any] = ui.Button(label=press.label, custom_id=press.payload, style=_STYLES[press.style])
    return PressButton(item) if PATTERN.fullmatch(press.payload) else LocalButton(item)
