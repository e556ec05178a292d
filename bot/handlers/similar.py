"""`/similar`: songs similar to one or several, away from another, by a chosen facet."""

import re
from typing import NamedTuple, cast, get_args

from bot.context import Arguments, Ask, Mention, spoken
from bot.handlers.names import correction, understand
from bot.handlers.recommend import served, usual
from bot.replies import Choices, Reply
from recommender.errors import NotKnown
from recommender.types import Facet, Query

_BY = re.compile(r"(?:^|\s)by:\s*(?P<facet>\S*)", re.IGNORECASE)
_TO = re.compile(r"to\s+(?=\S)", re.IGNORECASE)  # "similar to Creep", but "To Build a Home"
_AND = re.compile(r"\s+\+\s+")
_BUT_NOT = re.compile(r"\s+(?:minus|without|\u2212)\s+", re.IGNORECASE)
_DASH = re.compile(r"\s+[-\u2013\u2014]\s+")
_MOST = 5  # names in one ask


class _Named(NamedTuple):
    """Named songs and artists to be similar to, and those to stay away from."""

    near: list[Mention]
    far: list[Mention]


async def similar(ask: Ask, arguments: Arguments) -> Reply:
    """Return songs similar to the text: "A", "A + B", "A - B", each with "by:sound", "by:words" ..."""
    text, by = _facet(arguments.text)
    if _TO.match(text) and not await ask.music.names.named(text, ask.listener.community_id):
        text = _TO.sub("", text)
    found = await _named(ask, text)
    if not isinstance(found, _Named):
        return found
    note = "".join(correction(mention) for mention in (*found.near, *found.far)).strip()
    query = Query(
        ask.listener.user_id,
        await usual(ask),
        ask.listener.community_id,
        seeds=tuple(mention.song.subject for mention in found.near),
        away=tuple(mention.song.subject for mention in found.far),
        by=by,
    )
    return await served(ask, query, note)


def _facet(text: str) -> tuple[str, Facet]:
    """Split off the facet of similarity."""
    said = _BY.search(text)
    if said is None:
        return text, ""
    rest, facet = _BY.sub(" ", text).strip(), said["facet"].casefold()
    known = [name for name in get_args(Facet) if name]
    if facet not in known or not rest:
        raise NotKnown("Say a song and by:sound, by:words or by:listeners: /similar Portishead by:words.")
    return rest, cast("Facet", facet)


async def _named(ask: Ask, text: str) -> _Named | Choices:
    """Return the named songs and artists, or a question for one ambiguous name."""
    positive, *negative = _BUT_NOT.split(text)
    terms = _AND.split(positive)
    if len(terms) + len(negative) > _MOST:
        raise NotKnown("That is more than {} at once. Name fewer.", _MOST)
    if len(terms) == 1 and not negative:
        return await _difference(ask, text)
    # "Simon + Garfunkel" may be one name.
    whole = await ask.music.names.resolve(text, asker=ask.listener.user_id)
    if whole.song is not None and not whole.corrected:
        return _Named([Mention(whole.song, whole.others)], [])
    near = [await _one(ask, term) for term in terms]
    return _Named(near, [await _one(ask, term) for term in negative])


async def _difference(ask: Ask, text: str) -> _Named | Choices:
    """Return "A - B" as A without B if both are known and the whole is no "artist - title"."""
    *_, last = [None, *_DASH.finditer(text)]
    if last is not None and (await ask.music.names.resolve(text, asker=ask.listener.user_id)).song is None:
        names = text[: last.start()], text[last.end() :]
        left, right = [await ask.music.names.resolve(name, asker=ask.listener.user_id) for name in names]
        if left.song is not None and right.song is not None:
            near = Mention(left.song, misspelt=names[0] if left.corrected else "")
            return _Named([near], [Mention(right.song, misspelt=names[1] if right.corrected else "")])
    found = await understand(ask, "similar", text)
    return found if isinstance(found, Choices) else _Named([found], [])


async def _one(ask: Ask, name: str) -> Mention:
    """Resolve one name among several; raises `NotKnown` if it is ambiguous."""
    found = await understand(ask, "similar", name)
    if isinstance(found, Mention):
        return found
    could = "; ".join(spoken(choice.song) for choice in found.choices[:3])
    raise NotKnown('"{}" can be: {}. Say it as artist - title.', name, could)
