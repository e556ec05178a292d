"""Vocabulary of wishes: words for music in five languages, from `bot/data/words`.

Each line of the tables has a kind, a value, and the phrases that mean it, the first of which is the one to
say.  Files named `translated-*` add a language, whose words give way to those that have a meaning already.
The names of genres come from the tree of beets as well.
"""

import csv
import re
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.replies.i18n import language
from bot.wishes import words
from bot.wishes.tokens import tokens
from recommender.content.genres import tree
from recommender.types import WishPart
from storage.naming.text import fold

_FOLDER = Path(__file__).parents[1] / "data" / "words"
_COLUMNS = {"en": "english", "de": "german", "es": "spanish", "fr": "french", "pt": "portuguese"}
_WRITTEN_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
LONGEST = 6
"""Words in the longest phrase."""

_NEGLIGIBLE = frozenset(("word", "number", "decade"))
_SHORTEST_TYPO, _LONG = 5, 8  # letters of a word that may be misspelt; of one that may be twice

# What a compound or an inflected form may end in, and what the dictionary form ends in instead.
_NOUNS = (
    "musik|mucke|songs|song|lieder|lied|sound|hits|playlist|tracks|titel|sachen|stimmung|abend|bands|band"
    "|klassiker|feeling|beats|laune|zeug|nummern|klänge|musica"
)
_COMPOUND = re.compile(rf"(?P<stem>\w{{3,}}?)s?(?:{_NOUNS})")
_INFLECTED = (
    (re.compile(r"(\w{3,}?)(?:em|en|er|es|e|s)"), ("", "e", "en")),
    (re.compile(r"(\w{3,}?)(?:ish|esque|ey|y|ier|iest|est|ing|in)"), ("", "e")),
    (re.compile(r"(\w{3,}?)(?:o|a|os|as|itos|itas|ito|ita)"), ("o", "a")),
)


class Entry(NamedTuple):
    """A phrase's meaning: parts of a wish, or a word of grammar."""

    parts: tuple[WishPart, ...]
    word: str = ""  # filler, not, but, and, like, love, hate, of, more, less, surprise
    number: str = ""  # of songs
    decade: str = ""  # its two last digits but one: "80", "00"

    @property
    def is_filler(self) -> bool:
        """Whether it says nothing."""
        return self.word == "filler"


@cache
def lexicon() -> dict[str, Entry]:
    """Return the meaning of each folded phrase."""
    found: dict[str, Entry] = {}
    for row in _rows():
        entry = _entry(row["kind"], row["value"])
        for phrase in _phrases(row):
            old = found.get(phrase)
            is_stronger = old is None or old.is_filler or (entry.word and not entry.is_filler)
            if old is None or (is_stronger and "english" in row):
                found[phrase] = entry
    for genre in tree():
        if genre not in words.NO_GENRES:
            found.setdefault(genre, Entry((WishPart("genre", genre),)))
    return found


def meaning(word: str) -> Entry | None:
    """Return the meaning of a word that is no phrase itself: inflected, compound or misspelt."""
    entry = _inflected(word)
    if entry is None and (compound := _COMPOUND.fullmatch(word)):
        stem = compound["stem"]
        entry = next((e for end in ("", "en", "n", "e") if (e := _content(stem + end))), None)
        entry = entry or _inflected(stem)
    return entry or _respelt(word)


def number(run: list[str]) -> tuple[int, int] | None:
    """Return how many of the words tell a number, and the number: "half a dozen"; None for no number."""
    for length in range(len(run), 0, -1):
        entry = lexicon().get(" ".join(run[:length]))
        if entry is not None and entry.number:
            return length, int(entry.number)
    return None


def respelt(run: list[str]) -> tuple[int, Entry] | None:
    """Return the longest phrase of several words that is only misspelt, and its length."""
    right = [_spelled(key) for key in run]
    for length in range(len(run), 1, -1):
        entry = lexicon().get(" ".join(right[:length])) if right[:length] != run[:length] else None
        if entry is not None:
            return (length, entry) if entry.parts else None
    return None


@lru_cache(maxsize=1 << 12)
def _spelled(word: str) -> str:
    """Return the only word of a phrase that a word can be a typo of, else the word itself."""
    if word in _words() or len(word) < _SHORTEST_TYPO or not word.isalpha():
        return word
    most = 2 if len(word) >= _LONG else 1
    near = process.extract(word, _words(), scorer=OSA.distance, score_cutoff=most, limit=9)
    likely = [key for key, _, _ in near if key[0] == word[0] and _is_typo(word, key)]
    return likely[0] if len(likely) == 1 else word


@cache
def _words() -> frozenset[str]:
    return frozenset(word for phrase in lexicon() for word in phrase.split() if len(word) >= _SHORTEST_TYPO)


def shown(part: WishPart) -> str:
    """Return a part's value in the language of this task."""
    return _shown(language()).get((part.kind, part.value), part.value)


def _inflected(word: str) -> Entry | None:
    for pattern, endings in _INFLECTED:
        if match := pattern.fullmatch(word):
            for end in endings:
                if entry := _content(match[1] + end):
                    return entry
    return None


def _content(word: str) -> Entry | None:
    entry = lexicon().get(word)
    return entry if entry is not None and entry.parts else None


def _respelt(word: str) -> Entry | None:
    """Return the meaning of the only phrase that is a typo away."""
    if len(word) < _SHORTEST_TYPO or not word.isalpha():
        return None
    most = 2 if len(word) >= _LONG else 1
    near = process.extract(word, _single_words(), scorer=OSA.distance, score_cutoff=most, limit=9)
    likely = [(key, distance) for key, distance, _ in near if key[0] == word[0] and _is_typo(word, key)]
    entries = {lexicon()[key] for key, distance in likely if distance == likely[0][1]}
    return entries.pop() if len(entries) == 1 else None


def _is_typo(word: str, key: str) -> bool:
    """Tell whether a word is more likely misspelt than another word: "left" is not "lift"."""
    if len(word) >= _LONG or len(word) != len(key) or sorted(word) == sorted(key):
        return True
    changed = {letter for pair in zip(word, key, strict=True) if pair[0] != pair[1] for letter in pair}
    return changed <= set("aeiouy")


@cache
def _single_words() -> list[str]:
    return [key for key in lexicon() if " " not in key and len(key) >= _SHORTEST_TYPO]


def _rows() -> Iterator[dict[str, str]]:
    for path in sorted(
        _FOLDER.glob("*.csv"), key=lambda path: (path.stem.startswith("translated"), path.stem)
    ):
        with path.open(encoding="utf-8", newline="") as lines:
            yield from csv.DictReader(lines)


def _phrases(row: dict[str, str]) -> Iterator[str]:
    for column in _COLUMNS.values():
        for phrase in filter(None, (row.get(column) or "").casefold().split(";")):
            yield fold(phrase)
            if column == "french":  # a token ends at an elision: "l'été"
                yield " ".join(token.key for token in tokens(phrase))
            if column == "german":
                yield fold(phrase.translate(_WRITTEN_OUT))


def _entry(kind: str, value: str) -> Entry:
    if kind in _NEGLIGIBLE:
        return Entry((), **{kind: value})
    if not value:  # "genre:rock+language:de"
        pairs = (one.split(":") for one in kind.split("+"))
        return Entry(tuple(WishPart(one, meant) for one, meant in pairs))
    return Entry((WishPart(kind, value),))


@cache
def _shown(code: str) -> dict[tuple[str, str], str]:
    rows = (row for row in _rows() if row["value"] and row["kind"] not in _NEGLIGIBLE)
    found: dict[tuple[str, str], str] = {}
    for row in rows:
        if phrases := row.get(_COLUMNS.get(code, "english")) or row.get("english"):
            found[row["kind"], row["value"]] = phrases.split(";")[0]
    return found
