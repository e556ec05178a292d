"""`/mood` and `/discover`: songs for a mood, and songs with few plays."""

from bot.context import Arguments, Ask
from bot.handlers.recommend import FILLERS, served, tags_in, usual
from bot.replies import Reply
from bot.replies.i18n import listed, say
from recommender.content.moods import MOODS
from recommender.errors import NotKnown
from recommender.types import Query
from storage.text import fold

_MOST_WORDS = 12


async def mood(ask: Ask, arguments: Arguments) -> Reply:
    """Return songs for a mood: words for weather, places, times and feelings, or tags."""
    words = list(dict.fromkeys(fold(arguments.text).split()))[:_MOST_WORDS]
    moods: list[str] = []
    strange: list[str] = []
    for word in words:
        if word in MOODS:
            moods.append(word)
        elif word not in FILLERS:
            tags, _ = await tags_in(ask, word)
            moods += tags
            strange += [] if tags else [word]
    if not moods:
        raise NotKnown(
            "I know no mood like that. Try /mood rainy sunday, /mood happy summer, "
            "or any tag, such as /mood nocturnal."
        )
    note = say("I left out {}: no mood that I know.", listed(tuple(strange))) if strange else ""
    felt = tuple(dict.fromkeys(moods))
    query = Query(ask.listener.user_id, await usual(ask), ask.listener.community_id, moods=felt)
    return await served(ask, query, note)


async def discover(ask: Ask, arguments: Arguments) -> Reply:
    """Return rarely played songs, optionally of a genre or mood."""
    tags, unknown = await tags_in(ask, arguments.text)
    if unknown:
        raise NotKnown('I know no genre or mood called "{}". Try /discover, or /discover jazz.', unknown)
    n = arguments.options.get("count") or await usual(ask)
    query = Query(ask.listener.user_id, n, ask.listener.community_id, tags=tags, rare=True)
    return await served(ask, query)
