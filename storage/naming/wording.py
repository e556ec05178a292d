"""Wording of names: titles and artists reduced to the recording, without remaster years, guests or editions.

Words that make another recording stay: live, remix, acoustic, instrumental, a part's number.
"""

import re
from functools import lru_cache

from anyascii import anyascii
from rapidfuzz import fuzz
from rapidfuzz.distance.Postfix import similarity as postfix
from rapidfuzz.distance.Prefix import similarity as prefix

from storage.naming.credit_names import leading, without_guests
from storage.naming.text import fold, unstylised

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
_BRACKETED = re.compile(
    rf"\s*[(\[\uff08\uff3b\u3010]\s*{_NOISE}\s*[)\]\uff09\uff3d\u3011]", re.IGNORECASE | re.VERBOSE
)
_DASHED = re.compile(rf"\s+[-\u2010-\u2015\u2212\uff0d/]\s+{_NOISE}\s*$", re.IGNORECASE | re.VERBOSE)
_TOGETHER = re.compile(r"\s*(?:,|;|/|\s(?:&|and|x|with|vs\.?|et|y|und|\+)\s)\s*", re.IGNORECASE)
_ARTICLE_LAST = re.compile(r"^(.*),\s*(the|les|los|die)$", re.IGNORECASE)
_NUMBERS = re.compile(r"\d+|\b[ivx]+\b")
# "Pt. 2", "Part II", "Pts. 1 & 2": one part, however it is written; "Part of Me" has no number.
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7", "viii": "8", "ix": "9"}
_SPELT = {"one": "1", "two": "2", "three": "3", "four": "4", "five": "5"}
_PART = re.compile(
    rf"(?<!\S)(?:pts?|parts?) ?(\d+|{'|'.join((*_ROMAN, *_SPELT))})"
    r"(?: (?:and |to )?(\d+|[ivx]{2,}|v))?(?!\S)"
)
_LONG_WORD, _SAME_WORD = 5, 85.0  # letters; percent of letters in common (Indel similarity)


@lru_cache(maxsize=1 << 14)
def recording(title: str) -> str:
    """Return the key of the recording that a title names.

    >>> recording("Heroes - 2017 Remaster"), recording("Umbrella (feat. JAY-Z)"), recording("Heroes - Live")
    ('heroes', 'umbrella', 'heroes live')
    >>> recording("Another Brick in the Wall, Pt. 2") == recording("Another Brick in the Wall (Part II)")
    True
    """
    return _PART.sub(_numbered, fold(plain(title)))


@lru_cache(maxsize=1 << 14)
def plain(title: str) -> str:
    """Return a title without guests and without what tells editions of one recording apart.

    >>> plain("Under Pressure - Remastered 2011"), plain("Under Pressure - Live")
    ('Under Pressure', 'Under Pressure - Live')
    """
    before = ""
    while before != title:
        before = title
        title = _DASHED.sub("", _BRACKETED.sub("", without_guests(title).main))
    return title


def _numbered(part: re.Match[str]) -> str:
    numbers = [_ROMAN.get(number, _SPELT.get(number, number)) for number in part.groups() if number]
    return " ".join(("part", *numbers))


@lru_cache(maxsize=1 << 14)
def latin(key: str) -> str:
    """Return a key in Latin letters, in the usual informal transliteration.

    >>> latin(fold("Группа крови"))
    'gruppa krovi'
    """
    return key if key.isascii() else fold(anyascii(key))


def artist_keys(artist: str) -> list[str]:
    """Return other possible keys of the same artist, the likeliest first."""
    main = leading(artist).main
    turned = _ARTICLE_LAST.sub(r"\2 \1", main)
    key = fold(turned)
    bare = key.removeprefix("the ")
    joined = fold(_TOGETHER.sub(" and ", main))  # "A, B" for "A & B"
    keys = [fold(main), key, bare, f"the {bare}", joined, unstylised(main) or "", latin(key)]
    return [one for one in dict.fromkeys(keys) if one]


COMMON_TITLES = frozenset(("intro", "outro", "interlude", "skit", "prelude", "reprise", "introduction"))
"""Keys of titles common to many albums: two tracks with one of them may be different."""

_DOUBLED_LENGTH, _SWAPPED_LENGTH, _SOUND_LENGTH = (
    7,
    8,
    6,
)  # letters; a slip in a shorter word is another word
_SAME_SOUND = ({"s", "z"}, {"i", "y"}, {"c", "k"}, {"f", "ph"})
# Doubling the consonant before one of these endings makes another word: hoping, hopping.
_ENDING = re.compile(r"(?:ing|ings|ed|er|ers|en|est|y|ies|s|es|e)?")


def is_misspelt(one: str, other: str) -> bool:
    """Tell whether two artists' names, as keys, differ only by typos.

    They have the same numbers and, word by word, nearly the same letters: the same first letter, and more
    than an added ending ("Strangers") or beginning.
    """
    left, right = one.split(), other.split()
    if len(left) != len(right) or _NUMBERS.findall(one) != _NUMBERS.findall(other):
        return False
    return all(
        a == b
        or (
            min(len(a), len(b)) >= _LONG_WORD
            and a[0] == b[0]
            and fuzz.ratio(a, b) >= _SAME_WORD
            and _inside(a, b)
        )
        for a, b in zip(left, right, strict=True)
    )


def _inside(one: str, other: str) -> bool:
    """Tell whether neither word begins or ends with the whole other one."""
    short, long = sorted((one, other), key=len)
    return not (long.startswith(short) or long.endswith(short))


def slip(one: str, other: str) -> tuple[str, str] | None:
    """Return the one word, in both spellings, by which two titles differ; None if it may not be a slip.

    A word one letter away is usually another word ("Changes", "Chances").  Only changes that rarely make
    another word count: in a long word, a doubled letter, two swapped neighbours, or a letter of the same
    sound.

    >>> slip("hyperbalad", "hyperballad"), slip("changes", "chances"), slip("foolish", "unfoolish")
    (('hyperbalad', 'hyperballad'), None, None)
    """
    left, right = one.split(), other.split()
    apart = [pair for pair in zip(left, right, strict=False) if pair[0] != pair[1]]
    if len(left) != len(right) or len(apart) != 1:
        return None
    return apart[0] if _is_slip(*apart[0]) else None


def _is_slip(one: str, other: str) -> bool:
    before, after = one[: prefix(one, other)], ""
    rests = one[len(before) :], other[len(before) :]
    if alike := postfix(*rests):
        after = rests[0][-alike:]
    differing = [rest.removesuffix(after) for rest in rests]
    length = min(len(one), len(other))
    if not before:  # people rarely get the first letter wrong
        return False
    if differing[0] == differing[1][::-1] and len(differing[0]) == 2:
        return length >= _SWAPPED_LENGTH
    if "" in differing:
        return max(differing) == before[-1] and length >= _DOUBLED_LENGTH and not _ENDING.fullmatch(after)
    return set(differing) in _SAME_SOUND and length >= _SOUND_LENGTH
