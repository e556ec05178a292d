"""The app: pages, static files, and the API where it is installed, over one MusicService."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from fastapi import FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from bot.adapters.web import mishaps, pages
from bot.adapters.web.binding import binding
from bot.adapters.web.guard import Guard
from bot.adapters.web.live import LiveRooms
from bot.adapters.web.pages.live_session import drawn
from bot.adapters.web.templating import FOLDER, environment
from bot.settings import Settings
from bot.version import version
from recommender.service import MusicService
from recommender.service.rate_limits import RateLimits

_API = "bot.adapters.web.api"


def create_app(music: MusicService, settings: Settings) -> FastAPI:
    """Return the app on an open service, which somebody else closes; `app.state` holds both."""
    bound = binding(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.key = await music.web.key()
        environment()
        await music.uploads.resume()
        yield
        await app.state.rooms.close()
        for task in app.state.tasks:
            task.cancel()

    app = FastAPI(
        title="Segue",
        version=version(),
        lifespan=lifespan,
        docs_url=None,  # they load scripts from elsewhere
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
    )
    app.state.music = music
    app.state.settings = settings
    app.state.bound = bound
    app.state.limits = RateLimits(time.monotonic)
    app.state.began = time.monotonic()
    app.state.key = ""
    app.state.mishaps = 0
    app.state.requests = 0
    app.state.tasks = set()
    app.state.rooms = LiveRooms(music, drawn)
    mishaps.install(app)
    for router in pages.routers():
        app.include_router(router, include_in_schema=False)
    if find_spec(_API) is not None:
        for router in import_module(_API).routers(music):
            app.include_router(router)
        import_module(_API).describe(app)
    app.mount("/static", _Files(directory=FOLDER / "static"), name="static")
    app.add_middleware(mishaps.Mishaps)
    app.add_middleware(Guard, bound=bound)
    return app


class _Files(StaticFiles):
    """Static files, kept by the browser: pages name them with a digest of their content."""

    def file_response(self, *args: Any, **options: Any) -> Response:  # noqa: ANN401 - starlette's
        """Return a file."""
        response = super().file_response(*args, **options)
        response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response
