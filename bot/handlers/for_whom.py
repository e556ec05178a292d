"""For whom a wish is: "jazz for Ann and me", where the people it names are visible here."""

import re

from bot.context import Ask
from recommender.errors import NotKnown

_FOR = re.compile(r"(?:(?P<wish>.*)\s)?(?:for|für|fuer|para|pra|pour)\s+(?P<names>\S.*)", re.IGNORECASE)
_AND = re.compile(r"\s*,\s*|\s+(?:and|und|y|e|et|&)\s+", re.IGNORECASE)
_MYSELF = frozenset(("me", "myself", "us", "mich", "uns", "mí", "mi", "moi", "nous", "mim", "nós"))
_MOST = 6


async def for_whom(ask: Ask, text: str) -> tuple[str, tuple[int, ...]]:
    """Return a wish without the people that it ends with, and their users.

    All of the text is the wish unless everybody named is the asking user or visible here, by their whole
    name, and the asking user is visible as well.
    """
    found = _FOR.fullmatch(text.strip())
    if found is None or not await ask.music.comparing.decided(ask.listener):
        return text, ()
    names = [name for name in _AND.split(found["names"].strip(" .!?")) if name.casefold() not in _MYSELF]
    if not 1 <= len(names) <= _MOST:
        return text, ()
    users = [await _visible(ask, name) for name in names]
    if None in users:
        return text, ()
    others = dict.fromkeys(user for user in users if user is not None and user != ask.listener.user_id)
    return (found["wish"] or "").strip(), tuple(others)


async def _visible(ask: Ask, name: str) -> int | None:
    """Return the user whose whole name this is, if they are visible here."""
    try:
        user, whole = await ask.music.comparing.find(ask.listener, name)
    except NotKnown:
        return None
    is_whole = whole.casefold() == name.removeprefix("@").casefold() or name.startswith("<@")
    return user if is_whole else None
