"""Folding of names to keys: one key for all spellings of the same name.

A *key* decides identity (`Björk` = `bjork`, `Guns N' Roses` = `guns n roses`) and feeds the search index. It
is never shown.  Folding follows Unicode's compatibility decomposition (UAX 15) and case folding.  It drops
accents only from scripts whose readers drop them: Latin, Greek, Hebrew points and Arabic vowel signs.  The
dots of が, the й of Cyrillic and the vowels of Hindi are letters and stay.
"""

import re
import unicodedata
from functools import lru_cache

# Letters that Unicode does not decompose (or not as readers do), in their usual plain spelling.
_LETTERS = str.maketrans(
    {"ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ħ": "h", "æ": "ae", "œ": "oe"}
    | {"\u0131": "i", "\u0451": "\u0435"}  # the i without a dot; Cyrillic yo as ye
)
# Characters typed as an apostrophe: standalone accents, primes, quotation marks, similar letters. Unicode
# decomposes some of them into a space and a mark, so they are replaced first.
_APOSTROPHES = str.maketrans(
    dict.fromkeys(
        "\u0060\u00b4\u02b9\u02bb\u02bc\u02bd\u02be\u02bf\u02c8\u02ca\u02cb\u0374\u055a\u05f3\u07f4\u07f5\u1fbd\u1fbf"
        "\u1fef\u1ffd\u1ffe\u2018\u2019\u201a\u201b\u2032\u2035\ua78b\ua78c\uff07\uff40",
        "\u0027",
    )
)
# The signs for "and"; a plus counts only between spaces ("Florence + The Machine", not "1+1").
_AND = re.compile(r"&|(?<=\S\s)\+(?=\s\S)")
# Apostrophes join (don't -> dont), as do signs that only shape a script (tatweel, joiners); every other sign
# separates (AC/DC -> ac dc).
_JOINERS = re.compile("[\u0027\u0060\u0640\u200b-\u200f\u00ad]")
_SEPARATORS = re.compile(r"[\W_]+")
# Scripts without spaces: each character is a word of its own, so that any part can be found.
_UNSPACED = re.compile("([\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff])")
_STYLISED = str.maketrans({"$": "s", "!": "i", "@": "a", "0": "o", "1": "i", "3": "e"})
_SIGN = re.compile("[$!@013]")  # rules out most names quickly
# Only "P!nk" and "Ke$ha": a sign or digit between letters, not "1999" or "Help!".
_IS_STYLISED = re.compile(r"(?<=[^\W\d_])[$!@013](?=[^\W\d_])|^[$](?=[^\W\d_])")
_UNSEEN = ("Cc", "Cs")  # control characters, halves of broken pairs
_INITIALS = re.compile(r"(?<!\S)[a-z0-9](?: [a-z0-9])+(?!\S)")
_MAX_LENGTH = 300


@lru_cache(maxsize=1 << 14)
def fold(name: str) -> str:
    """Return the key of a name: words of lower-case letters and digits, one space between them.

    >>> fold("Motörhead"), fold("AC/DC"), fold("Guns N' Roses"), fold("Сплин")
    ('motorhead', 'ac dc', 'guns n roses', 'сплин')

    A name of signs alone (`!!!`) keeps its signs, so that no key is empty.
    """
    name = name[:_MAX_LENGTH]
    if name.isascii():
        words = _SEPARATORS.sub(" ", _JOINERS.sub("", _AND.sub(" and ", name.lower()))).strip()
    else:
        plain = unicodedata.normalize("NFKC", name.translate(_APOSTROPHES)).casefold().translate(_LETTERS)
        words = " ".join(_letters_only(_JOINERS.sub("", _AND.sub(" and ", plain))).split())
    return words or printable(name).casefold()


def printable(name: str) -> str:
    """Return a name without control characters and broken letters, one space between words."""
    if name.isascii() and name.isprintable():
        return " ".join(name.split())
    kept = [letter for letter in name if letter.isspace() or unicodedata.category(letter) not in _UNSEEN]
    return " ".join("".join(kept).split())


def unstylised(name: str) -> str | None:
    """Return the key of the plain spelling of a stylised name, None if the name is not stylised.

    >>> unstylised("P!nk"), unstylised("Help!")
    ('pink', None)
    """
    if _SIGN.search(name) and _IS_STYLISED.search(name):
        return fold(name.translate(_STYLISED))
    return None


def words(name: str) -> list[str]:
    """Return the search words of a name: those of its key, and of its plain spelling if stylised.

    >>> words("P!nk"), words("R.E.M."), words("東京 jihen")
    (['p', 'nk', 'pink'], ['r', 'e', 'm', 'rem'], ['東', '京', 'jihen'])
    """
    found = words_of_key(fold(name))
    if plain := unstylised(name):
        found += [word for word in plain.split() if word not in found]
    return found


def words_of_key(key: str) -> list[str]:
    """Return the words of a key, with a run of initials also as one word."""
    # Only a key of nothing but signs has an apostrophe; the full-text index splits there.
    apart = key.replace("'", " ")
    found = (apart if key.isascii() else _UNSPACED.sub(r" \1 ", apart)).split()
    if key and not found:
        return [key]
    if not found or min(map(len, found)) > 1:
        return found
    return found + [initials.replace(" ", "") for initials in _INITIALS.findall(key)]


def _letters_only(text: str) -> str:
    kept: list[str] = []
    base = ""
    for character in unicodedata.normalize("NFD", text):
        if unicodedata.category(character)[0] == "M":
            if not _reader_drops_marks(base):
                kept.append(character)
        elif character.isalnum():
            base = character
            kept.append(character)
        else:
            base = ""
            kept.append(" ")
    return unicodedata.normalize("NFC", "".join(kept))


def _reader_drops_marks(base: str) -> bool:
    # Latin and Greek (below and beyond Cyrillic), Hebrew and Arabic.
    return base < "\u0400" or "\u0590" <= base < "\u0780" or "\u1e00" <= base < "\u2000"
