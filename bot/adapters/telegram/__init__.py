"""Telegram adapter: `run` serves until it is cancelled."""

from bot.adapters.telegram.run import run

__all__ = ["run"]
