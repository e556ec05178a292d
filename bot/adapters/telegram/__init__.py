"""Segue on Telegram: `run` talks until it is cancelled."""

from bot.adapters.telegram.app import run

__all__ = ["run"]
