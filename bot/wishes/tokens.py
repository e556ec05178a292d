"""Tokens of a typed line: folded words with their places, and the signs between them."""

import re
from typing import NamedTuple

from storage.naming.text import fold

ELIDED = r"\b[lLdD](?=['\u2019][aeiouyhàâéèêîôûœAEIOUYHÀÂÉÈÊÎÔÛŒ])"
"""An article or preposition of French before a vowel: "l'été", "d'amour"."""
_TOKEN = re.compile(
    rf"(?P<word>&|\b[wW]/o\b|{ELIDED}|"
    r"[^\W_]+(?:['\u2019`\u00b4][^\W_]+)*)"
    r"|(?P<sign>[,;./!?+\n])"
    r"|(?P<minus>(?<!\S)[-\u2013\u2014\u2212](?=\s|\w))"
)
_MOST = 60  # words that are read


class Token(NamedTuple):
    """A word or sign."""

    key: str  # the folded word; a sign: "," or "-"
    start: int
    end: int
    is_sign: bool


def tokens(text: str) -> list[Token]:
    """Return the tokens of a line.

    >>> [token.key for token in tokens("R&B, 80's - no Björk")]
    ['r', 'and', 'b', ',', '80s', '-', 'no', 'bjork']
    """
    found = []
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        if match["word"]:
            # An apostrophe folds away, an ampersand to "and"; a script without spaces to several words.
            found += [Token(key, start, end, False) for key in fold(match["word"]).split()]
        elif match["minus"]:
            found.append(Token("-", start, end, True))
        elif match["sign"] == "+":
            found.append(Token("and", start, end, False))
        elif match["sign"] != "." or not text[end : end + 1].strip():  # not the dots of "R.E.M."
            found.append(Token(",", start, end, True))
    return found[:_MOST]
