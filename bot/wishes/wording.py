"""Wishes in words: what was understood of a wish, said back in one line."""

import re
from collections.abc import Iterable

from bot.replies.dates import decade
from bot.replies.i18n import ENGLISH, language, say
from bot.wishes.vocabulary import lexicon, shown
from recommender.types import WishPart
from storage.naming.text import fold

_DECADE = 10
_YEARS = re.compile(r"((?:19|20)[0-9]0)s")


def told(part: WishPart) -> str:
    """Return one part in words: "jazz", "1980s", "without metal", "more happy"."""
    value = (
        _era(part.value) if part.kind == "era" and part.value[-1:] != "d" and part.value != "recent" else None
    )
    if value is None:
        value = say("{} beats a minute", part.value) if part.kind == "tempo" else shown(part)
    if part.without:
        return say("without {}", value)
    return say("more {}", value) if part.more else value


def tag(name: str) -> str:
    """Return a tag of the catalogue in the language of this task: moods, genres and decades have words.

    >>> tag("melancholic"), tag("1980s")
    ('melancholic', '1980s')
    """
    if language() == ENGLISH:
        return name
    if years := _YEARS.fullmatch(name):
        return decade(int(years[1]))
    entry = lexicon().get(fold(name))
    if entry is None or len(entry.parts) != 1:
        return name
    [part] = entry.parts
    is_same = part.value == name.casefold()
    return shown(part) if part.kind in ("mood", "sound") or is_same else name


def tags(names: Iterable[str]) -> tuple[str, ...]:
    """Return tags in the language of this task, each word once."""
    return tuple(dict.fromkeys(map(tag, names)))


def told_all(parts: tuple[WishPart, ...]) -> str:
    """Return several parts with commas, without names: those are said as songs and artists."""
    return ", ".join(told(part) for part in parts)


def _era(value: str) -> str:
    first, _, last = value.partition("-")
    if not last:
        return say("since {}", first)
    if not first:
        return say("until {}", last)
    low, high = int(first), int(last)
    if high - low == _DECADE - 1 and low % _DECADE == 0:
        return decade(low)
    return first if first == last else f"{first}\u2013{last}"
