"""`/recommend`, `/mood` and `/discover`: songs for the user, for a wish, and songs that few people play."""

from dataclasses import replace

from bot.context import Arguments, Ask
from bot.handlers import wishes
from bot.handlers.recommend import served, usual
from bot.replies import Reply
from bot.replies.i18n import say
from recommender.types import Query, WishPart

_SAYS_NOTHING = ("famous", "popular", "start")
_UNKNOWN = "I don't know your taste yet, so here is what most people like. Press 👍, or name an artist."
_RARE = WishPart("known", "deep")


async def recommend(ask: Ask, arguments: Arguments) -> Reply:
    """Return songs: for the user, or for a wish in words."""
    count = arguments.options.get("count")
    if not arguments.text:
        n = count or await usual(ask)
        reply = await served(ask, Query(ask.listener.user_id, n, ask.listener.community_id))
        is_start = all(pick.explanation.kind in _SAYS_NOTHING for pick in reply.slate.picks)
        note = say(_UNKNOWN) if is_start else ""
        return replace(reply, note=f"{note} {reply.note}".strip())
    return await wishes.fulfil(ask, arguments.text, count)


async def mood(ask: Ask, arguments: Arguments) -> Reply:
    """Return songs for a mood: a wish like any other."""
    return await wishes.fulfil(ask, arguments.text)


async def discover(ask: Ask, arguments: Arguments) -> Reply:
    """Return rarely played songs, optionally for a wish."""
    count = arguments.options.get("count")
    if arguments.text:
        return await wishes.fulfil(ask, arguments.text, count, (_RARE,))
    query = Query(ask.listener.user_id, count or await usual(ask), ask.listener.community_id, wish=(_RARE,))
    return await served(ask, query)


async def recommend_together(ask: Ask, arguments: Arguments, others: tuple[int, ...]) -> Reply:
    """Return songs for the user and the `others` who listen along."""
    if arguments.text:
        return await wishes.fulfil(ask, arguments.text, arguments.options.get("count"), others=others)
    n = arguments.options.get("count") or await usual(ask)
    return await served(ask, Query(ask.listener.user_id, n, ask.listener.community_id, others=others))
