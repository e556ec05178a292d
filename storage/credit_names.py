"""Who a credit or a title names besides the main artist: "Drake & Future", "Umbrella (feat. JAY-Z)".

Some words always name a guest ("feat.", a semicolon); others may belong to a name ("Earth, Wind & Fire",
"Stay (with Me)", "10 Ft. Ganja Plant").  Those are only split here into all the names there may be:
`storage.credits` sees whether anybody has such a name.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

from storage.text import fold

SAME_PEOPLE = "="
"""Begins the key that credits share which name the same people, in whatever order."""

_MOST_PARTS = 8  # of a credit; a longer list is no name of anybody
_FEATURING = r"(?:feat\.?|ft\.?|featuring|duet\s+with)"
# Such a word after it makes it a part of a name: "Little Feat & Friends", "A Great Feat of Strength".
_GUEST = rf"\s+(?P<word>{_FEATURING})(?=\s)\s+(?!(?:&|\+|and|y|et|und|of|to|for|in|that)\s)"
# "10 Ft. Ganja Plant", "Fifty Ft. Queenie": so many feet.
_LENGTH = re.compile(
    r"(?i)(?:about\s+)?(?:\d+|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|thirty|forty|fifty"
    r"|sixty|seventy|eighty|ninety|hundred|thousand|million|[\s-])+(?:foot)?"
)
_TRAILING = re.compile(rf"{_GUEST}(?P<who>\S.*)$", re.IGNORECASE)
_BRACKETED = re.compile(rf"\s*[(\[]\s*{_FEATURING}(?=[\s.])\s*(?P<who>[^)\]]+)[)\]]", re.IGNORECASE)
_WITH = re.compile(r"\s*[(\[]\s*(?:with|w/|con|mit|avec|com)\s+(?P<who>[^)\]]+)[)\]]", re.IGNORECASE)
_HINT = re.compile(r"(?i)\b(?:f(?:ea)?t|featuring|duet)\b|[(\[]\s*(?:with|w/|con|mit|avec|com)\s")
_OPENING_DASH = re.compile(r"^\s+[-\u2010-\u2015]\s")
_SURE = re.compile(r"\s*;\s*")
_TOKEN = re.compile(r"[,;/]|[^\s,;/]+")
_BETWEEN = frozenset(
    (
        "&",
        "+",
        "and",
        "x",
        "\u00d7",
        "with",
        "vs",
        "vs.",
        "et",
        "y",
        "e",
        "und",
        "og",
        "och",
        "en",
        "ve",
        "meets",
        "\u0438",
        "\u0456",
    )
)
_SIGNS = frozenset(",;/")
_MAY_NAME_SEVERAL = re.compile(
    rf"(?i)[,;/&+\u00d7]|\s(?:{'|'.join(re.escape(word) for word in sorted(_BETWEEN) if word.isalpha())})\b"
)
# What follows the first name in a band's: "& The Bad Seeds", "and His Orchestra", "y su Conjunto".
_BAND = re.compile(
    r"(?i)^(?:the|his|her|their|les|los|las|die|der|das|sein\w*|ihre?|su|sus|son|ses|la|le|el|os|as|i|gli"
    r"|friends|sons|co|company|orchestra|band|crew|family)\b"
)
_TURNED = re.compile(r"(?i)^(?:the|los|las|les|die|jr|sr|ii|iii)\.?$")


class Guests(NamedTuple):
    """A title or credit without its guests, and the names of these."""

    main: str
    named: tuple[str, ...]


@lru_cache(maxsize=1 << 14)
def without_guests(name: str) -> Guests:
    """Return a title or a credit without the guests that it names beyond doubt.

    >>> without_guests("Umbrella (feat. JAY-Z)")
    Guests(main='Umbrella', named=('JAY-Z',))
    >>> without_guests("Eminem ft. Dido").main, without_guests("10 Ft. Ganja Plant").main
    ('Eminem', '10 Ft. Ganja Plant')
    """
    if not _HINT.search(name):
        return Guests(name, ())
    guests = [found["who"].lstrip(". ") for found in _BRACKETED.finditer(name)]
    rest = _BRACKETED.sub("", name)
    found = _TRAILING.search(rest)
    if found and not (found["word"][0:2].casefold() == "ft" and _LENGTH.fullmatch(rest[: found.start()])):
        who = found["who"]
        # "Journey feat. Emma - Radio Mix": what follows a dash is no part of the guest's name.
        dash = re.search(r"\s+[-\u2010-\u2015]\s.*$", who)
        guests.append(who[: dash.start()] if dash else who)
        rest = rest[: found.start()] + (dash[0] if dash else "")
    main = rest.strip()
    return Guests(main, tuple(guests)) if main else Guests(name, ())


def without_company(title: str) -> Guests:
    """Return a title without "(with somebody)", which names a guest only where somebody bears that name."""
    if not _HINT.search(title) or not (found := _WITH.search(title)):
        return Guests(title, ())
    main = (title[: found.start()] + title[found.end() :]).strip()
    return Guests(main, (found["who"],)) if main else Guests(title, ())


def leading(credit: str) -> Guests:
    """Return who is credited first, and the others, as far as the credit tells it beyond doubt.

    >>> leading("JAY-Z; Beyonce")
    Guests(main='JAY-Z', named=('Beyonce',))
    >>> leading("Earth, Wind & Fire feat. The Emotions").main
    'Earth, Wind & Fire'
    """
    main, named = without_guests(credit)
    first, *others = [name for name in _SURE.split(main) if name.strip()] or [main]
    return Guests(first, (*others, *named))


class CreditPart(NamedTuple):
    """A name that a credit may be made of."""

    before: str  # the sign or word before it, "" for the first
    name: str
    start: int  # where it stands in the credit
    end: int


def parts(credit: str) -> list[CreditPart]:
    """Return the names that a credit may be made of, in order.

    A word is one between two names only where names stand on both sides: the X of "Lil Nas X & Jack Harlow"
    belongs to a name.
    """
    found = [CreditPart("", "", 0, 0)]
    for before, start, end in _pieces(credit):
        if credit[start:end].strip():
            found.append(CreditPart(before, credit[start:end], start, end))
    return found[1:]


def _pieces(credit: str) -> Iterator[tuple[str, int, int]]:
    """Yield (sign or word before it, start, end) of each piece of a credit."""
    tokens = list(_TOKEN.finditer(credit))
    before, start = "", 0
    for k, token in enumerate(tokens):
        if _parts_names([one[0] for one in tokens], k):
            yield before, start, len(credit[: token.start()].rstrip())
            before = token[0].casefold()
            start = tokens[k + 1].start()
    yield before, start, len(credit.rstrip())


def _parts_names(tokens: list[str], k: int) -> bool:
    if not 0 < k < len(tokens) - 1 or tokens[k].casefold() not in _BETWEEN | _SIGNS:
        return False
    following = tokens[k + 1].casefold()
    is_last = k + 1 == len(tokens) - 1
    return following not in _SIGNS and (tokens[k] in _SIGNS or is_last or following not in _BETWEEN)


@lru_cache(maxsize=1 << 14)
def names_in(credit: str) -> tuple[str, ...]:
    """Return the keys of all names that a credit may name, last that of these people together.

    Returns () for a credit that can only be one name.

    >>> names_in("Tyler, The Creator & Kali Uchis")[:3]
    ('tyler', 'tyler the creator', 'the creator')
    >>> names_in("Drake & Future")[-1] == names_in("Future, Drake")[-1]
    True
    """
    if not _MAY_NAME_SEVERAL.search(credit):
        return ()
    found = parts(credit)
    if len(found) < 2 or _TURNED.match(found[1].name):
        return ()
    if len(found) > _MOST_PARTS:
        return tuple(dict.fromkeys(fold(part.name) for part in found))
    runs = [
        fold(credit[found[first].start : found[last - 1].end])
        for first, last in combinations(range(len(found) + 1), 2)
        if last - first < len(found)
    ]
    return (*dict.fromkeys(runs), same_people(tuple(part.name for part in found)))


def same_people(names: tuple[str, ...]) -> str:
    """Return the key that stands for these people together, in whatever order."""
    return SAME_PEOPLE + "|".join(sorted({fold(name) for name in names}))


def guests_in(names: tuple[str, ...]) -> Iterator[str]:
    """Yield the keys of all guests that some names may name."""
    for name in names:
        yield fold(name)
        yield from (key for key in names_in(name) if not key.startswith(SAME_PEOPLE))


def named_in(title: str) -> Iterator[str]:
    """Return the keys of whoever a title may name: "(feat. Somebody)", "(with Somebody)"."""
    main, guests = without_guests(title)
    return guests_in((*guests, *without_company(main).named))


def is_band(part: CreditPart) -> bool:
    """Tell whether a name after "and" belongs to a band's ("& The Bad Seeds") rather than to somebody."""
    return part.before not in _SIGNS and _BAND.match(part.name) is not None
