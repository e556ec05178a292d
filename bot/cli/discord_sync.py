"""`segue discord-sync` on the command line."""

import asyncio
from pathlib import Path

import click

from bot.adapters import discord
from bot.settings import load


def run(database: Path | None, guild: int | None) -> None:
    """Update the slash commands and print the result."""
    click.echo(asyncio.run(discord.sync(load(database), guild)))
