"""Eras: decades, years and ranges of years, however they are written."""

import re
from collections.abc import Sequence

from bot.wishes import words
from bot.wishes.tokens import Token
from bot.wishes.vocabulary import lexicon
from recommender.types import WishPart

_DECADE = re.compile(r"(?P<century>19|20)?(?P<decade>[0-9])0(?P<ending>s|ies|er|ern|ies|ths)")
_BARE = re.compile(r"(?P<century>19|20)?(?P<decade>[0-9])0")
_YEAR = re.compile(r"(?:19[0-9]|20[0-4])[0-9]")

Range = tuple[int | None, int | None]


def era(found: Sequence[Token], at: int) -> tuple[int, WishPart] | None:
    """Return the era that begins with the token at `at` and how many tokens tell it, None if there is none.

    The value is "1980-1989", "2010-" or "-1969".
    """
    return _spread(found, at) or _bounded(found, at) or _plain(found, at)


def _spread(found: Sequence[Token], at: int) -> tuple[int, WishPart] | None:
    """Return "between 1990 and 1995", "1990-1995", "60s to 80s"."""
    first = at + (found[at].key in words.OPENING)
    first = _skip(found, first) if first > at else first
    if (low := _span(found, first)) is None:
        return None
    joint = first + low[0]
    after = found[joint] if joint < len(found) else None
    dashed = after is not None and after.start - found[joint - 1].end == 1 and after.key[0].isdigit()
    worded = after is not None and after.key in words.TO | {"-"}
    worded = worded and (first > at or found[joint].key not in words.LISTING)
    if not (dashed or worded):
        return None
    second = _skip(found, joint + (not dashed))
    high = _span(found, second)
    if high is None or low[1][0] is None or high[1][1] is None or low[1][0] > high[1][1]:
        return None
    return second + high[0] - at, _part(low[1][0], high[1][1])


def _bounded(found: Sequence[Token], at: int) -> tuple[int, WishPart] | None:
    """Return "since 2010", "before the 70s"."""
    word = found[at].key
    if word not in words.SINCE | words.BEFORE:
        return None
    start = _skip(found, at + 1)
    span = _span(found, start)
    if span is None:
        return None
    (low, high), n = span[1], start + span[0] - at
    if word in words.BEFORE:
        until = word in words.UNTIL
        return n, _part(None, high if until else (low or 0) - 1)
    return n, _part((high or 0) + 1 if word in words.AFTER else low, None)


def _plain(found: Sequence[Token], at: int) -> tuple[int, WishPart] | None:
    span = _span(found, at)
    return None if span is None else (span[0], _part(*span[1]))


def _span(found: Sequence[Token], at: int) -> tuple[int, Range] | None:
    """Return a decade, a part of one, or a year, and how many tokens tell it."""
    if at >= len(found) or found[at].is_sign:
        return None
    key, start = found[at].key, at
    part = next((k for k, some in enumerate((words.EARLY, words.MID, words.LATE)) if key in some), None)
    if part is not None:
        start = _skip(found, at + 1)
    decade = _decade(found, start)
    if decade is None:
        if part is None and _YEAR.fullmatch(key):
            return 1, (int(key), int(key))
        return None
    low = decade + (0, 3, 6)[part] if part is not None else decade
    return start + 1 - at, (low, low + 3 if part is not None else decade + 9)


def _decade(found: Sequence[Token], at: int) -> int | None:
    """Return the first year of the decade that one token names."""
    if at >= len(found):
        return None
    key = found[at].key
    match = _DECADE.fullmatch(key)
    if match is None and at and found[at - 1].key in words.BEFORE_BARE:
        match = _BARE.fullmatch(key)
    if match is not None:
        century = match["century"] or ("20" if match["decade"] < "2" else "19")
        return int(f"{century}{match['decade']}0")
    entry = lexicon().get(key) or lexicon().get(key.removesuffix("n"))  # "aus den Siebzigern"
    if entry is None or not entry.decade:
        return None
    return int(entry.decade) + (2000 if entry.decade < "20" else 1900)


def _skip(found: Sequence[Token], at: int) -> int:
    """Return the place of the first token that is no bridge: "the" in "since the 80s"."""
    while at < len(found) and found[at].key in words.BRIDGE:
        at += 1
    return at


def _part(low: int | None, high: int | None) -> WishPart:
    return WishPart("era", f"{low or ''}-{high or ''}")
