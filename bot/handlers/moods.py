"""`/recommend`, `/mood` and `/discover`: songs for the user, for a wish, and songs that few people play."""

from bot.context import Arguments, Ask
from bot.handlers.recommend import served, usual
from bot.handlers.wishes import fulfil
from bot.replies import Reply
from recommender.types import Query, WishPart

_RARE = WishPart("known", "deep")


async def recommend(ask: Ask, arguments: Arguments) -> Reply:
    """Return songs: for the user, or for a wish in words."""
    count = arguments.options.get("count")
    if not arguments.text:
        n = count or await usual(ask)
        return await served(ask, Query(ask.listener.user_id, n, ask.listener.community_id))
    return await fulfil(ask, arguments.text, count)


async def mood(ask: Ask, arguments: Arguments) -> Reply:
    """Return songs for a mood: a wish like any other."""
    return await fulfil(ask, arguments.text)


async def discover(ask: Ask, arguments: Arguments) -> Reply:
    """Return rarely played songs, optionally for a wish."""
    count = arguments.options.get("count")
    if arguments.text:
        return await fulfil(ask, arguments.text, count, (_RARE,))
    query = Query(ask.listener.user_id, count or await usual(ask), ask.listener.community_id, wish=(_RARE,))
    return await served(ask, query)


async def recommend_together(ask: Ask, arguments: Arguments, others: tuple[int, ...]) -> Reply:
    """Return songs for the user and the `others` who listen along."""
    if arguments.text:
        return await fulfil(ask, arguments.text, arguments.options.get("count"), others=others)
    n = arguments.options.get("count") or await usual(ask)
    return await served(ask, Query(ask.listener.user_id, n, ask.listener.community_id, others=others))
