"""Pages of the web companion: one module each, with its `router`."""

from fastapi import APIRouter

from bot.adapters.web.pages import (
    alive,
    artist_page,
    chronicle,
    entrance,
    for_me,
    live_session,
    my_data,
    operator_pages,
    taste,
    telegram_app,
)

_ALL = (
    alive,
    entrance,
    for_me,
    taste,
    artist_page,
    chronicle,
    my_data,
    live_session,
    operator_pages,
    telegram_app,
)


def routers() -> list[APIRouter]:
    """Return the routers of all pages."""
    return [page.router for page in _ALL]
