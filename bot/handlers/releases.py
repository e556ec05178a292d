"""`/releases`: new albums, singles and EPs of artists that a user, or several people of a place, love."""

from collections.abc import Awaitable, Callable

from bot.context import Ask
from bot.handlers.weekly import turn_on
from bot.replies import Notice
from storage.subscriptions import Owner, Subscription


async def release_mail(ask: Ask, one: Subscription) -> tuple[Notice, Callable[[], Awaitable[None]]] | None:
    return None


async def releases_of(ask: Ask, owner: Owner, text: str) -> Notice:
    return await turn_on(ask, owner, "releases", text)
