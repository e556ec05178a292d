"""Web companion: `run` serves pages, and whatever `bot.adapters.web.api` offers, until it is cancelled."""

from bot.adapters.web.run import run

__all__ = ["run"]
