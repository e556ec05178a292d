"""Discord adapter: `run` serves until it is cancelled, `sync` updates the slash commands."""

from bot.adapters.discord.run import run, sync

__all__ = ["run", "sync"]
