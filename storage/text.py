"""Names folded to keys: one spelling for everything that people would call the same name.

A *key* decides identity (`Björk` = `bjork`, `Guns N' Roses` = `guns n roses`) and feeds the search index.
It is never shown.  Folding follows Unicode's compatibility decomposition (UAX 15) and case folding, and
drops accents only from scripts where readers drop them too: the dots of が and the й of Cyrillic are letters.
"""

import re
import unicodedata

# Letters that Unicode does not decompose (or not as readers do), spelt as people spell them in a hurry.
_LETTERS = str.maketrans(
    {"ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "ё": "е", "&": " and "}
)
# Apostrophes join (don't -> dont); every other sign separates (AC/DC -> ac dc).
_JOINERS = re.compile("[\u0027\u2019\u2018\u02bc\u0060\u00b4]")
_SEPARATORS = re.compile(r"[\W_]+")
# Scripts written without spaces: each character is a word of its own, so that any part can be searched.
_UNSPACED = re.compile("([\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff])")
_STYLISED = str.maketrans({"$": "s", "!": "i", "@": "a", "0": "o", "1": "i", "3": "e"})
_MAX_LENGTH = 300


def fold(name: str) -> str:
    """Return the key of a name: words of lower-case letters and digits, one space between them.

    >>> fold("Motörhead"), fold("AC/DC"), fold("Guns N' Roses"), fold("Сплин")
    ('motorhead', 'ac dc', 'guns n roses', 'сплин')

    A name made of signs alone (`!!!`) keeps its signs, so that no name folds to nothing.
    """
    plain = unicodedata.normalize("NFKC", name[:_MAX_LENGTH]).casefold().translate(_LETTERS)
    plain = _JOINERS.sub("", _without_accents(plain))
    words = _SEPARATORS.sub(" ", plain).strip()
    return words or " ".join(name[:_MAX_LENGTH].casefold().split())


def words(name: str) -> list[str]:
    """Return the words under which a name is found: those of its key, and of its plain spelling if stylised.

    >>> words("P!nk"), words("東京 jihen")
    (['p', 'nk', 'pink'], ['東', '京', 'jihen'])
    """
    found = _UNSPACED.sub(r" \1 ", fold(name)).split()
    # "P!nk" and "Ke$ha" only: a sign or digit between letters, not "1999" or "Help!".
    if re.search(r"(?<=[^\W\d_])[$!@013](?=[^\W\d_])|^[$](?=[^\W\d_])", name):
        found += [word for word in fold(name.translate(_STYLISED)).split() if word not in found]
    return found


def _without_accents(text: str) -> str:
    kept: list[str] = []
    base = ""
    for character in unicodedata.normalize("NFD", text):
        if unicodedata.combining(character):
            # Latin and Greek lose their accents; elsewhere a combining mark makes another letter.
            if base < "\u0400" or "\u1e00" <= base < "\u2000":
                continue
        else:
            base = character
        kept.append(character)
    return unicodedata.normalize("NFC", "".join(kept))
