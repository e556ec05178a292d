"""HTTP API: `/api/v1` for programs, and `/1` for scrobblers that speak to ListenBrainz.

`routers` returns the routes on a service; `describe` gives an app's OpenAPI document its words.  No rule
lives here: every answer is made by the verbs that the chat uses.
"""

from fastapi import APIRouter

from bot.adapters.web.api import imports, lists, people, scrobbling
from bot.adapters.web.api.openapi import describe
from recommender.service import MusicService

__all__ = ["describe", "routers"]


def routers(service: MusicService) -> list[APIRouter]:
    """Return the routers of the API on an open service."""
    return [each.router(service) for each in (lists, people, imports, scrobbling)]
