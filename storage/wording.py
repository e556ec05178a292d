"""Names as services write them, brought to what identifies a recording: no remaster years, guests, editions.

What makes another recording of it stays: live, remix, acoustic, instrumental, a part's number.
"""

import re
from functools import lru_cache

from anyascii import anyascii
from rapidfuzz import fuzz

from storage.text import fold, unstylised

_NOISE = r"""(?:
    (?:(?:19|20)\d\d\s+)?(?:digital(?:ly)?\s+)?re-?master(?:ed)?(?:\s+(?:version|edition))?(?:\s+(?:in\s+)?(?:19|20)\d\d)?
    | remaster(?:ed)?\s+(?:19|20)\d\d
    | (?:(?:19|20)\d\d\s+)?(?:stereo|mono)(?:\s+(?:mix|version))?
    | (?:19|20)\d\d\s+(?:stereo\s+)?mix | (?:19|20)\d\d\s+-\s+remaster(?:ed)?
    | (?:original\s+)?(?:album|single|lp|original|main|explicit|clean|radio)\s+(?:version|edit|mix)
    | (?:(?:super\s+)?deluxe|anniversary|expanded|bonus)(?:\s+(?:edition|track|version))?
    | bonus\s+track | explicit | official\s+(?:music\s+|lyric\s+)?(?:video|audio)
    | lyric\s+video | audio | hd | hq
    | (?:(?:19|20)\d\d)\s+(?:digital\s+)?(?:version|re-?issue)
    | from\s+["\u201c].*["\u201d].* | (?:music\s+)?from\s+the\s+(?:motion\s+picture|film|movie)\b.*
)"""
_BRACKETED = re.compile(rf"\s*[(\[]\s*{_NOISE}\s*[)\]]", re.IGNORECASE | re.VERBOSE)
_DASHED = re.compile(rf"\s+[-\u2013\u2014/]\s+{_NOISE}\s*$", re.IGNORECASE | re.VERBOSE)
_GUESTS_BRACKETED = re.compile(
    r"\s*[(\[]\s*(?:feat|ft|featuring|duet with|(?-i:with))\b\.?\s[^)\]]*[)\]]", re.IGNORECASE
)
_GUESTS = re.compile(r"\s+(?:feat\.|ft\.|feat\b|ft\b|featuring\b)\s.*$", re.IGNORECASE)
_TOGETHER = re.compile(r"\s*(?:,|;|/|\s(?:&|and|x|with|vs\.?|et|y|und|\+)\s)\s*", re.IGNORECASE)
_ARTICLE_LAST = re.compile(r"^(.*),\s*(the|les|los|die)$", re.IGNORECASE)
_NUMBERS = re.compile(r"\d+|\b[ivx]+\b")
_LONG_WORD, _SAME_WORD = 5, 85.0  # letters; percent of letters in common (Indel similarity)


@lru_cache(maxsize=1 << 14)
def recording(title: str) -> str:
    """Return the key of the recording that a title names.

    >>> recording("Heroes - 2017 Remaster"), recording("Umbrella (feat. JAY-Z)"), recording("Heroes - Live")
    ('heroes', 'umbrella', 'heroes live')
    """
    before = ""
    while before != title:
        before = title
        title = _DASHED.sub("", _BRACKETED.sub("", _GUESTS.sub("", _GUESTS_BRACKETED.sub("", title))))
    return fold(title)


@lru_cache(maxsize=1 << 14)
def latin(key: str) -> str:
    """Return a key in Latin letters, as people transliterate it in a hurry.

    >>> latin(fold("Группа крови"))
    'gruppa krovi'
    """
    return key if key.isascii() else fold(anyascii(key))


def without_guests(artist: str) -> str:
    """Return the artist who is credited first, without "feat. somebody"."""
    return _GUESTS.sub("", _GUESTS_BRACKETED.sub("", artist)).strip() or artist


def artist_keys(artist: str) -> list[str]:
    """Return other keys under which the same artist may be known, the likeliest first."""
    main = without_guests(artist)
    turned = _ARTICLE_LAST.sub(r"\2 \1", main)
    key = fold(turned)
    bare = key.removeprefix("the ")
    joined = fold(_TOGETHER.sub(" and ", main))  # "A, B" for "A & B"
    keys = [fold(main), key, bare, f"the {bare}", joined, unstylised(main) or "", latin(key)]
    return [one for one in dict.fromkeys(keys) if one]


def first_of_several(artist: str) -> str | None:
    """Return the key of the first of several artists in one credit, None if it names one."""
    first, *others = _TOGETHER.split(without_guests(artist), maxsplit=1)
    return fold(first) if others and first.strip() else None


def is_misspelt(one: str, other: str) -> bool:
    """Tell whether two keys differ by typos alone: the same numbers, word by word nearly the same letters."""
    left, right = one.split(), other.split()
    if len(left) != len(right) or _NUMBERS.findall(one) != _NUMBERS.findall(other):
        return False
    return all(
        a == b or (min(len(a), len(b)) >= _LONG_WORD and fuzz.ratio(a, b) >= _SAME_WORD)
        for a, b in zip(left, right, strict=True)
    )
