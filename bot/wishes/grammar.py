"""Grammar of wishes: one pass over the tokens, with the state that "not", "like" and "more" leave behind."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from bot.wishes import Intent, Wish, words
from bot.wishes.eras import era
from bot.wishes.tokens import Token, tokens
from bot.wishes.vocabulary import LONGEST, Entry, lexicon, meaning, number, respelt
from recommender.types import WishPart

Named = Callable[[str], Literal["", "artist", "song"]]
"""Tells whether exactly this is the name of an artist or a song."""

_MOST = 20
_LONGEST_NAME = 8  # words
_COMPARED = frozenset(("mood", "sound"))
_SMALL = re.compile(r"[0-9]{1,3}")


def parse(text: str, named: Named = lambda _: "") -> Wish:
    """Take a line apart; `named` knows the names of the catalogue.

    >>> str(parse("8 upbeat 80s songs, no metal"))
    'mood:upbeat era:1980-1989 -genre:metal n:8'
    """
    return _Reader(text, named).read()


@dataclass
class _Reader:
    """The state of one pass."""

    text: str
    named: Named
    at: int = 0
    parts: list[WishPart] = field(default_factory=list)
    unknown: list[tuple[int, int]] = field(default_factory=list)  # spans of the text
    count: int | None = None
    negated: bool = False
    compared: Literal["", "more", "less"] = ""
    preposition: str = ""  # "of": the next name is whose songs are wanted
    loves: bool = False
    met: set[str] = field(default_factory=set)  # of grammar that were met
    asked: bool = False

    def __post_init__(self) -> None:
        """Split the text."""
        self.tokens = tokens(self.text)

    def read(self) -> Wish:
        """Return the wish."""
        while self.at < len(self.tokens):
            self._step()
        parts = list(dict.fromkeys(self.parts))
        if any(part.kind == "era" and part.value[-1:].isdigit() for part in parts):
            parts = [part for part in parts if (part.kind, part.value) != ("era", "old")]
        unknown = tuple(self.text[start:end] for start, end in self.unknown)
        wish = Wish(tuple(parts), self.count, unknown, is_asked=self.asked)
        return replace(wish, intent=self._intent(wish))

    def _intent(self, wish: Wish) -> Intent:
        if self.loves and wish.parts and all(one.kind == "like" and not one.without for one in wish.parts):
            return "love"
        if wish.parts:
            return "songs"
        if "surprise" in self.met and not wish.unknown:
            return "surprise"
        return "more" if "more" in self.met and not wish.unknown else ""

    def _step(self) -> None:
        token = self.tokens[self.at]
        if token.is_sign:
            return self._sign(token)
        length, entry = self._phrase()
        if length < 2 and (found := era(self.tokens, self.at)) is not None:
            length, part = found
            self._add(part)
            self.at += length
            return None
        if length < 2 and self._number(token):
            return None
        name = self._name(length)
        if name:
            return self._take_name(name)
        if entry is not None:
            return self._take(entry, length)
        return self._stranger(token)

    def _sign(self, token: Token) -> None:
        self.at += 1
        if token.key == "-" and self.at < len(self.tokens):
            self.negated = self.tokens[self.at].start == token.end or self.negated
        elif not self._goes_on_listing():
            self.negated, self.compared, self.preposition = False, "", ""

    def _goes_on_listing(self) -> bool:
        """Return whether after a comma comes one phrase and "or": "no rap, metal or punk"."""
        length, _ = self._phrase()
        after = self.at + max(length, 1)
        keys = [token.key for token in self.tokens[self.at : after + 1]]
        return self.negated and any(key in words.LISTING for key in keys[:1] + keys[-1:])

    def _phrase(self) -> tuple[int, Entry | None]:
        """Return the longest phrase of the vocabulary from here."""
        run: list[str] = []
        for token in self.tokens[self.at : self.at + LONGEST]:
            if token.is_sign:
                break
            run.append(token.key)
        for length in range(len(run), 0, -1):
            if (entry := lexicon().get(" ".join(run[:length]))) is not None and not (
                entry.number or entry.decade
            ):
                return length, entry
        if run and (right := respelt(run)) is not None:
            return right
        entry = meaning(run[0]) if run and run[0] not in lexicon() and not self._number_here() else None
        return (1, entry) if entry is not None else (0, None)

    def _number_here(self) -> bool:
        return self.tokens[self.at].key[0].isdigit()

    def _name(self, beyond: int) -> int:
        """Return the length of the longest artist's name from here that is longer than `beyond`, else 0.

        It must have a word that is none of the vocabulary.
        """
        stop = min(len(self.tokens), self.at + _LONGEST_NAME)
        for end in range(stop, self.at + max(beyond, 0), -1):
            span = self.tokens[self.at : end]
            strange = sum(not token.is_sign and token.key not in lexicon() for token in span)
            if span[-1].is_sign or not strange:
                continue
            kind = self.named(self.text[span[0].start : span[-1].end])
            if kind == "artist" or (kind == "song" and (strange > 1 or len(span) > 2)):
                return len(span)
        return 0

    def _take_name(self, length: int) -> None:
        self._add(WishPart("by" if self.preposition else "like", self._raw(length)))
        self.at += length

    def _raw(self, length: int) -> str:
        span = self.tokens[self.at : self.at + length]
        return self.text[span[0].start : span[-1].end]

    def _take(self, entry: Entry, length: int) -> None:
        keys = [token.key for token in self.tokens[self.at : self.at + length]]
        self.asked |= any(key in words.REQUESTS for key in keys)
        if entry.parts:
            for part in entry.parts:
                self._add(part, keys)
            self.at += length
            return
        self.met.add(entry.word)
        self.asked |= entry.word in words.ASKING
        self.at += length
        match entry.word:
            case "filler":
                if keys[-1] in words.ENDS_NOT and self.parts and self.parts[-1].without:
                    self.negated = False
            case "not" | "hate":
                self.negated, self.preposition = True, ""
            case "but":
                self.negated, self.compared, self.preposition = False, "", ""
            case "more" | "less":
                self.compared = entry.word
            case "of":
                self.preposition = keys[-1]
            case "like" | "love":
                self.loves |= entry.word == "love"
                self._names()

    def _names(self) -> None:
        """Read the names after "like": until a word of the vocabulary, "but", or the end."""
        while self.at < len(self.tokens):
            if (length := self._exact_name()) or (length := self._new_name()):
                self._add(WishPart("like", self._raw(length)))
                self.at += length
                if not self._joined():
                    return
            elif not self._skipped():
                return

    def _exact_name(self) -> int:
        stop = min(len(self.tokens), self.at + _LONGEST_NAME)
        known, entry = self._phrase()
        least = known if entry is not None and entry.parts and entry.parts[0].kind == "genre" else 0
        for end in range(stop, self.at + least, -1):
            span = self.tokens[self.at : end]
            if (
                not span[-1].is_sign
                and not span[0].is_sign
                and self.named(self.text[span[0].start : span[-1].end])
            ):
                only_grammar = all(
                    (found := lexicon().get(t.key)) is not None and found.is_filler for t in span
                )
                if not only_grammar:
                    return len(span)
        return 0

    def _new_name(self) -> int:
        """Return how many words a name has that the catalogue lacks: until one means something else."""
        start = self.at
        try:
            while self.at < len(self.tokens) and not self.tokens[self.at].is_sign:
                length, entry = self._phrase_exactly()
                is_first = self.at == start
                if entry is not None and (not entry.is_filler or is_first or self._ends_name()):
                    break
                if era(self.tokens, self.at) is not None:
                    break
                self.at += max(length, 1)
            return self.at - start
        finally:
            self.at = start

    def _phrase_exactly(self) -> tuple[int, Entry | None]:
        length, entry = self._phrase()
        return (length, entry) if self.tokens[self.at].key in lexicon() else (1, None)

    def _ends_name(self) -> bool:
        """Return whether a filler ends a name: "for" in "like portishead for studying"."""
        return self.tokens[self.at].key in words.ENDS_NAME

    def _joined(self) -> bool:
        """Step over "and", a comma, a slash; return whether another name follows."""
        start = self.at
        while self.at < len(self.tokens) and (
            self.tokens[self.at].key == "," or self.tokens[self.at].key in words.CONJUNCTIONS
        ):
            self.at += 1
        if self.at == start or self.at == len(self.tokens):
            return False
        if self._exact_name():
            return True
        _, entry = self._phrase()
        is_new = entry is None and era(self.tokens, self.at) is None
        if not is_new:
            self.at = start
        return is_new

    def _skipped(self) -> bool:
        """Step over fillers that stand before a name: "like some of radiohead"."""
        length, entry = self._phrase_exactly()
        if entry is None or not (entry.is_filler or entry.word == "of"):
            return False
        self.asked |= self.tokens[self.at].key in words.REQUESTS
        self.at += length
        return True

    def _add(self, part: WishPart, keys: list[str] | None = None) -> None:
        without = self.negated or self.compared == "less"
        more = (
            part.kind in _COMPARED
            and not without
            and (self.compared == "more" or words.compare(keys or [], self.tokens[self.at + 1 : self.at + 2]))
        )
        self.parts.append(part._replace(without=without, more=more))
        self.compared, self.preposition = "", ""

    def _number(self, token: Token) -> bool:
        """Take a number: of songs, of beats a minute, of minutes, an age."""
        after = [one.key for one in self.tokens[self.at + 1 : self.at + 6]]
        if (worded := number([one.key for one in self.tokens[self.at : self.at + LONGEST]])) is not None:
            length, meant = worded
            if self.count is None and any(key in words.SONGS for key in after):
                self.count = meant
            self.at += length
            return True
        if not _SMALL.fullmatch(token.key):
            return False
        if after[:1] == ["bpm"] or after[:1] == ["beats"]:
            self._add(WishPart("tempo", token.key))
            self.at += 2
        elif after and after[0] in words.UNITS:
            self.unknown.append((token.start, self.tokens[self.at + 1].end))
            self.at += 2
        elif after and after[0] in words.AGES:
            self.at += 1
        else:
            self.count = min(max(int(token.key), 1), _MOST)
            self.at += 1
        return True

    def _stranger(self, token: Token) -> None:
        """Take a word that means nothing: with the word before it if that is one as well."""
        self.at += 1
        if len(token.key) == 1:
            return
        if self.unknown and not self.text[self.unknown[-1][1] : token.start].strip():
            self.unknown[-1] = self.unknown[-1][0], token.end
        else:
            self.unknown.append((token.start, token.end))
