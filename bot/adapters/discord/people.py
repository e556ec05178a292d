"""Accounts, communities and permissions of a Discord interaction."""

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
    """Return the community of a server; None in private chats and where only a user installed the app."""
    if guild is None or (interaction is not None and _by_person_alone(interaction)):
        return None
    return Community(PLATFORM, str(guild.id), "server", guild.name)


def _by_person_alone(interaction: discord.Interaction[Any]) -> bool:
    return interaction.is_user_integration() and not interaction.is_guild_integration()


def is_alone(interaction: discord.Interaction[Any]) -> bool:
    """Return whether nobody else reads along: the private chat with the bot."""
    return interaction.guild_id is None and not interaction.context.private_channel


def may_embed(interaction: discord.Interaction[Any]) -> bool:
    """Return whether the bot may post cards here."""
    return interaction.guild_id is None or interaction.app_permissions.embed_links


def may_attach(interaction: discord.Interaction[Any]) -> bool:
    """Return whether the bot may send files here."""
    return interaction.guild_id is None or interaction.app_permissions.attach_files
