"""Pages of the web companion: one module each, with its `router`."""

from fastapi import APIRouter

from bot.adapters.web.pages import alive


def routers() -> list[APIRouter]:
    """Return the routers of all pages."""
    return [alive.router]
