"""Wishes in words: what was understood of a wish, said back in one line."""

from bot.replies.dates import decade
from bot.replies.i18n import say
from bot.wishes.vocabulary import shown
from recommender.types import WishPart

_DECADE = 10


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
