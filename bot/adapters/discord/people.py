"""Who somebody on Discord is to us, where we meet, and what may be posted there."""

from typing import Any

import discord

from storage.records import Account, Community

PLATFORM = "discord"


def account(user: discord.abc.User) -> Account:
    """Return the account of a Discord user."""
    return Account(PLATFORM, str(user.id), user.display_name)


def community(
    guild: discord.Guild | None, interaction: discord.Interaction[Any] | None = None
) -> Community | None:
    """Return the place that a server is, None in private and where only the person installed the app."""
    if guild is None or (interaction is not None and _by_person_alone(interaction)):
        return None
    return Community(PLATFORM, str(guild.id), "server", guild.name)


def _by_person_alone(interaction: discord.Interaction[Any]) -> bool:
    return interaction.is_user_integration() and not interaction.is_guild_integration()


def is_alone(interaction: discord.Interaction[Any]) -> bool:
    """Tell whether nobody but the person reads along: in their chat with the bot."""
    return interaction.guild_id is None and not interaction.context.private_channel


def may_embed(interaction: discord.Interaction[Any]) -> bool:
    """Tell whether cards may be posted here."""
    return interaction.guild_id is None or interaction.app_permissions.embed_links
