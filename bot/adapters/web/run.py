"""Serving the web companion beside the chats, in their process and with their service."""

import asyncio
from collections.abc import Callable

from bot.adapters.web.app import create_app
from bot.adapters.web.binding import binding
from bot.adapters.web.server import Server, server
from bot.settings import Settings
from recommender.errors import MusicError
from recommender.service import MusicService


async def run(settings: Settings, music: MusicService, ready: Callable[[], None]) -> None:
    """Serve until cancelled; calls `ready` once it listens.

    Raises `MusicError` if the address is taken, or open to other machines by mistake.
    """
    bound = binding(settings)
    serving = server(create_app(music, settings), bound)
    task = asyncio.create_task(_serve(serving), name="web server")
    listens = asyncio.create_task(serving.listens.wait(), name="web server listens")
    try:
        await asyncio.wait([task, listens], return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            raise MusicError(
                f"The web pages cannot listen on {bound.host}:{bound.port}: choose another with SEGUE_WEB."
            )
        ready()
        await asyncio.shield(task)
    finally:
        listens.cancel()
        serving.should_exit = True
        await asyncio.wait([task], timeout=3)


async def _serve(serving: Server) -> None:
    try:
        await serving.serve()
    except SystemExit:  # uvicorn's word for an address that is taken; the cause is in the log
        return
