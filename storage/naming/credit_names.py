"""Names in a credit or a title besides the main artist: "Drake & Future", "Umbrella (feat. JAY-Z)".

Some words always introduce a guest ("feat.", a semicolon); others may belong to a name ("Earth, Wind & Fire",
"Stay (with Me)", "10 Ft. Ganja Plant").  This module splits those into all possible names;
`storage.catalogue.credits` checks which ones are known artists.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

from storage.naming.text import fold

SAME_PEOPLE = "="
"""The prefix of a key for all names of a credit together; it is the same for the names in any order."""

_MOST_PARTS = 8  # of a credit; a longer list is not a name
_FEATURING = r"(?:feat\.?|ft\.?|featuring|duet\s+with)"
# One of these words after it makes it part of a name: "Little Feat & Friends", "A Great Feat of Strength".
_GUEST = rf"\s+(?P<word>{_FEATURING})(?=\s)\s+(?!(?:&|\+|and|y|et|und|of|to|for|in|that)\s)"
# "10 Ft. Ganja Plant", "Fifty Ft. Queenie": a length in feet.
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
# What follows the leader in a band's name: "& The Bad Seeds", "and His Orchestra", "y su Conjunto".
_BAND = re.compile(
    r"(?i)^(?:the|his|her|their|les|los|las|die|der|das|sein\w*|ihre?|su|sus|son|ses|la|le|el|os|as|i|gli"
    r"|friends|sons|co|company|orchestra|band|crew|family)\b"
)
_TURNED = re.compile(r"(?i)^(?:the|los|las|les|die|jr|sr|ii|iii)\.?$")


class Guests(NamedTuple):
    """A title or credit without its guests, and the guests' names."""

    main: str
    named: tuple[str, ...]


@lru_cache(maxsize=1 << 14)
def without_guests(name: str) -> Guests:
    """Return a title or a credit without its unambiguous guests, and their names.

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
        # "Journey feat. Emma - Radio Mix": words after a dash are not part of the guest's name.
        dash = re.search(r"\s+[-\u2010-\u2015]\s.*$", who)
        guests.append(who[: dash.start()] if dash else who)
        rest = rest[: found.start()] + (dash[0] if dash else "")
    main = rest.strip()
    return Guests(main, tuple(guests)) if main else Guests(name, ())


def without_company(title: str) -> Guests:
    """Return a title without "(with ...)", which names a guest only if an artist has that name."""
    if not _HINT.search(title) or not (found := _WITH.search(title)):
        return Guests(title, ())
    main = (title[: found.start()] + title[found.end() :]).strip()
    return Guests(main, (found["who"],)) if main else Guests(title, ())


def leading(credit: str) -> Guests:
    """Return the first artist of a credit, and the others, as far as the credit is unambiguous.

    >>> leading("JAY-Z; Beyonce")
    Guests(main='JAY-Z', named=('Beyonce',))
    >>> leading("Earth, Wind & Fire feat. The Emotions").main
    'Earth, Wind & Fire'
    """
    main, named = without_guests(credit)
    first, *others = [name for name in _SURE.split(main) if name.strip()] or [main]
    return Guests(first, (*others, *named))


class CreditPart(NamedTuple):
    """A part of a credit that may be a name."""

    before: str  # sign or word before it, "" for the first
    name: str
    start: int  # its position in the credit
    end: int


def parts(credit: str) -> list[CreditPart]:
    """Return the possible names in a credit, in order.

    A word joins two names only if there is a name on both sides: the X of "Lil Nas X & Jack Harlow" belongs
    to a name.
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
    """Return the keys of all possible names in a credit, last the key of all of them together.

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
    """Return the key of these names together, the same in any order."""
    return SAME_PEOPLE + "|".join(sorted({fold(name) for name in names}))


def guests_in(names: tuple[str, ...]) -> Iterator[str]:
    """Yield the keys of all possible guests in some names."""
    for name in names:
        yield fold(name)
        yield from (key for key in names_in(name) if not key.startswith(SAME_PEOPLE))


def named_in(title: str) -> Iterator[str]:
    """Return the keys of whoever a title may name: "(feat. Somebody)", "(with Somebody)"."""
    main, guests = without_guests(title)
    return guests_in((*guests, *without_company(main).named))


def is_band(part: CreditPart) -> bool:
    """Tell whether a name after "and" is a backing band ("& The Bad Seeds") and not another artist."""
    return part.before not in _SIGNS and _BAND.match(part.name) is not None
