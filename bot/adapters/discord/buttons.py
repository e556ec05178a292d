"""Buttons that carry all their state in `custom_id`: they work after restarts, on messages of any age."""

import re
from typing import Any, Self, cast

import discord
from discord import ui

from bot.adapters.discord import forms
from bot.adapters.discord.errors import safely
from bot.adapters.discord.render.layout import Press, Style
from bot.replies.buttons import PATTERN

LONGEST_ID = 100
"""Longest `custom_id` in characters; discord.py does not check it."""

# Payloads of this adapter alone: a page of a list, older lines of a history, the form that adds a song with
# that name, "leave it as it is".
LOCAL = re.compile(
    r"pg:(?P<slate>[0-9]{1,18}):(?P<page>[0-9]{1,2})|ol:(?P<before>[0-9]{1,18})|add:(?P<name>.{0,60})|no"
)

_STYLES: dict[Style, discord.ButtonStyle] = {
    "plain": discord.ButtonStyle.secondary,
    "good": discord.ButtonStyle.success,
    "bad": discord.ButtonStyle.danger,
    "main": discord.ButtonStyle.primary,
    "link": discord.ButtonStyle.link,
}


class PressButton(ui.DynamicItem[ui.Button[Any]], template=PATTERN):
    """A button of every platform: its payload goes to `bot.commands.press`."""

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Return the button as the message shows it."""
        del interaction, match
        return cls(cast("ui.Button[Any]", item))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Handle the press."""
        await safely(interaction, interaction.client.answers.pressed(interaction, self.custom_id))


class LocalButton(ui.DynamicItem[ui.Button[Any]], template=LOCAL):
    """A button of Discord alone: turns pages, opens a form, or says no."""

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Return the button as the message shows it."""
        del interaction, match
        return cls(cast("ui.Button[Any]", item))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Turn the page or open the form."""
        found = LOCAL.fullmatch(self.custom_id)
        if found is None:
            raise ValueError(f"no button of ours: {self.custom_id}")
        if found["name"] is None:
            await safely(interaction, interaction.client.answers.turned(interaction, found))
        else:
            await safely(interaction, forms.open_form(interaction, found["name"]))


def button(press: Press) -> PressButton | LocalButton | ui.Button[Any]:
    """Return the Discord button for `press`."""
    if press.style == "link":
        return ui.Button(label=press.label, url=press.payload, style=_STYLES["link"])
    item: ui.Button[Any] = ui.Button(label=press.label, custom_id=press.payload, style=_STYLES[press.style])
    return PressButton(item) if PATTERN.fullmatch(press.payload) else LocalButton(item)
