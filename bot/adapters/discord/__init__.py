"""Segue on Discord: `run` stays until it is cancelled, `sync` brings the commands up to date."""

from bot.adapters.discord.run import run, sync

__all__ = ["run", "sync"]
